using System.Collections.Immutable;
using MlTr.Abstractions.Datasets;
using MlTr.Grains.Datasets;
using MlTr.Model.Data;
using MlTr.Model.Data.Marks;
using MlTr.Silo.Artifacts;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Datasets;

/// <summary>Reads datasets for the grains with the model's readers, and draws the built-in ones.</summary>
internal sealed class ModelDatasetSource(DataFolder data, DatasetCopies copies) : IDatasetSource
{
    /// <summary>What a sweep may see; the test split is for the last word only.</summary>
    public static readonly ImmutableArray<string> SweepSplits = ["train", "validation"];

    private static readonly ImmutableArray<(MarksPreset Preset, string Description)> Presets =
    [
        (MarksPreset.Default, "2,800 drawn pictures of 64 pixels with 12 classes of marks: look-alike pairs, three sizes, and two traps."),
        (MarksPreset.Mini, "300 drawn pictures of 32 pixels with 6 classes: for a quick look."),
        (MarksPreset.Hard, "Drawn pictures of 128 pixels with 20 classes, more small marks, and no help from colour."),
    ];

    public ImmutableArray<DatasetSnapshot> BuiltIn =>
    [
        .. Presets.Select(known => new DatasetSnapshot(
            known.Preset.Name, "coco", Path.Combine(data.Datasets, known.Preset.Name), DatasetState.Registered, 0, null, known.Description, [], [])),
    ];

    public DatasetSnapshot Examine(DatasetRegistration registration)
    {
        var folder = registration.Folder;
        if (DatasetCopies.IsBucket(folder))
        {
            return ExamineBucket(registration);
        }

        if (!Path.IsPathFullyQualified(folder) || !Directory.Exists(folder))
        {
            throw new DatasetRegistrationException($"There is no folder {folder} on the control machine{(Path.IsPathFullyQualified(folder) ? "" : ": give the dataset's absolute path")}.");
        }

        var formats = string.Join(", ", DatasetFolder.Formats);
        var format = registration.Format is { } typed ? DatasetNames.Format(typed) : SweepSplits.Select(split => DatasetFolder.Detect(folder, split)).FirstOrDefault(found => found is not null);
        if (format is null || !DatasetFolder.Formats.Contains(format))
        {
            throw new DatasetRegistrationException(format is null
                ? $"{folder} holds no dataset in a known format: name it, one of {formats}."
                : $"There is no format '{format}': use one of {formats}.");
        }

        foreach (var split in SweepSplits.Where(split => DatasetSplits.Find(folder, format, split) is null))
        {
            var some = string.Join(", ", DatasetSplits.Of(folder, format));
            throw new DatasetRegistrationException(
                $"{folder} has no {split} split as {format}; it has {(some.Length > 0 ? some : "none of the usual names")}. A sweep trains on one and is judged on the other.");
        }

        return new DatasetSnapshot(
            registration.Id, format, Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)), DatasetState.Registered, 0, null, registration.Description, [], []);
    }

    public Task<DatasetContents> EnsureAsync(DatasetSnapshot dataset, Action<double> progress, CancellationToken cancellationToken)
    {
        dataset = copies.Fetch(dataset, progress, cancellationToken);
        var sets = SweepSplits.Select(split => (split, Set: DatasetFolder.Open(dataset.Folder, dataset.Format, split, ct: cancellationToken))).ToList();
        return Task.FromResult(new DatasetContents([.. sets[0].Set.Classes], [.. sets.Select(pair => (pair.split, pair.Set.Images.Count))]));
    }

    public Task<ShardSnapshot> IndexShardAsync(DatasetSnapshot dataset, string split, int shard, int shards, CancellationToken cancellationToken)
    {
        dataset = copies.Fetch(dataset, progress: null, cancellationToken);
        var index = DatasetIndexer.IndexShard(dataset.Folder, dataset.Format, split, shard, shards, ct: cancellationToken);
        return Task.FromResult(new ShardSnapshot(
            split, shard, index.Images, index.Checksum, [.. index.ClassCounts], [.. index.BadFiles.Select(bad => $"{bad.Path}: {bad.Reason}")]));
    }

    /// <summary>The preset behind a built-in dataset, or null.</summary>
    public static MarksPreset? PresetOf(string datasetId) => MarksPreset.All.FirstOrDefault(preset => preset.Name == datasetId);

    /// <summary>What a bucket holds is read when it is fetched; here only that there is something, in a format that is named.</summary>
    private DatasetSnapshot ExamineBucket(DatasetRegistration registration)
    {
        var formats = string.Join(", ", DatasetFolder.Formats);
        if (S3Address.Check(registration.Folder) is { } wrong)
        {
            throw new DatasetRegistrationException(wrong);
        }

        if (registration.Format is not { } typed || DatasetNames.Format(typed) is not { } format || !DatasetFolder.Formats.Contains(format))
        {
            throw new DatasetRegistrationException($"What a bucket holds is read later: name the dataset's format, one of {formats}.");
        }

        try
        {
            var bucket = copies.Open(registration.Folder);
            using var closing = bucket as IDisposable;
            return bucket.List("").Count > 0
                ? new DatasetSnapshot(registration.Id, format, registration.Folder, DatasetState.Registered, 0, null, registration.Description, [], [])
                : throw new DatasetRegistrationException($"There is nothing under {registration.Folder}: give the address of the folder that holds the dataset.");
        }
        catch (ArtifactStoreException error)
        {
            throw new DatasetRegistrationException($"{registration.Folder} cannot be read: {error.Message}");
        }
    }
}
