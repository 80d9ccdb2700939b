using System.Collections.Immutable;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Datasets;
using MlTr.Grains.Datasets;
using MlTr.Model.Data;
using MlTr.Model.Data.Marks;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Datasets;

/// <summary>Reads datasets for the grains with the model's readers, and draws the built-in ones.</summary>
internal sealed class ModelDatasetSource(DataFolder data) : IDatasetSource
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
        if (!Path.IsPathFullyQualified(folder) || !Directory.Exists(folder))
        {
            throw new DatasetRegistrationException($"There is no folder {folder} on the control machine: give the dataset's absolute path.");
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
        if (PresetOf(dataset.Id) is { } preset)
        {
            MarksDataset.Ensure(preset, dataset.Folder, new Report(progress), cancellationToken);
        }

        var sets = SweepSplits.Select(split => (split, Set: DatasetFolder.Open(dataset.Folder, dataset.Format, split, ct: cancellationToken))).ToList();
        return Task.FromResult(new DatasetContents([.. sets[0].Set.Classes], [.. sets.Select(pair => (pair.split, pair.Set.Images.Count))]));
    }

    public Task<ShardSnapshot> IndexShardAsync(DatasetSnapshot dataset, string split, int shard, int shards, CancellationToken cancellationToken)
    {
        var index = DatasetIndexer.IndexShard(dataset.Folder, dataset.Format, split, shard, shards, ct: cancellationToken);
        return Task.FromResult(new ShardSnapshot(
            split, shard, index.Images, index.Checksum, [.. index.ClassCounts], [.. index.BadFiles.Select(bad => $"{bad.Path}: {bad.Reason}")]));
    }

    /// <summary>The dataset for a worker; a built-in one is drawn first where the worker's machine does not have it yet. Blocking.</summary>
    public static DatasetSnapshot OnThisMachine(IMlTrClient client, string datasetId, CancellationToken cancellationToken)
    {
        var dataset = client.GetDatasetAsync(datasetId).GetAwaiter().GetResult();
        EnsureBuiltIn(dataset, cancellationToken);
        return dataset;
    }

    /// <summary>Draws a built-in dataset where this machine does not have it yet. Blocking.</summary>
    public static void EnsureBuiltIn(DatasetSnapshot dataset, CancellationToken cancellationToken)
    {
        if (PresetOf(dataset.Id) is { } preset)
        {
            MarksDataset.Ensure(preset, dataset.Folder, ct: cancellationToken);
        }
    }

    /// <summary>The preset behind a built-in dataset, or null.</summary>
    public static MarksPreset? PresetOf(string datasetId) => MarksPreset.All.FirstOrDefault(preset => preset.Name == datasetId);

    /// <summary>Passes progress on at once; <see cref="Progress{T}"/> would queue it.</summary>
    private sealed class Report(Action<double> progress) : IProgress<DatasetProgress>
    {
        void IProgress<DatasetProgress>.Report(DatasetProgress value) => progress(value.Total == 0 ? 0 : (double)value.Done / value.Total);
    }
}
