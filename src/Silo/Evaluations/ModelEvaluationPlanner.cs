using System.Collections.Immutable;
using System.Globalization;
using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Evaluations;
using MlTr.Grains.Predictions;
using MlTr.Model.Checkpoints;
using MlTr.Model.Data;
using MlTr.Model.Native;
using MlTr.Model.Training;
using MlTr.Silo.Artifacts;
using MlTr.Silo.Datasets;
using MlTr.Silo.Hosting;
using MlTr.Silo.Predictions;
using MlTr.Silo.Trials;

namespace MlTr.Silo.Evaluations;

/// <summary>Plans evaluations from the checkpoints on the disk and the datasets' records, and merges what the workers computed.</summary>
internal sealed class ModelEvaluationPlanner(DataFolder data, CheckpointCopies copies, DatasetCopies datasets) : IEvaluationPlanner
{
    /// <summary>Headers are not checked: what cannot be decoded is found by the worker that tries, and counts nowhere.</summary>
    public static readonly DatasetReadOptions ReadOptions = new() { CheckHeaders = false, MaxBadShare = 1 };

    // As many as a dataset's index has to a split.
    private const int DefaultShards = 4;

    public Task<EvaluationPlan> PlanAsync(EvaluationSource source) => Task.Run(() => Plan(source));

    public Task<EvaluationFigures> MergeAsync(string evaluationId, EvaluationPlan plan, ImmutableArray<string> files) => Task.Run(() =>
    {
        try
        {
            NativeTorch.EnsureLoaded();
            var folder = EvaluationFolder.Of(data, evaluationId);
            var parts = files.Select(file => Load(Path.Combine(folder, Path.GetFileName(file)))).ToList();
            return Figures(ScoredPictures.Merge(parts, plan.Parts.Sum()), plan.Classes);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException or KeyNotFoundException or NativeTorchException or ArtifactStoreException)
        {
            throw new EvaluationException($"The parts cannot be merged: {error.Message} Start the evaluation again.");
        }
    });

    public void Delete(string evaluationId)
    {
        var folder = EvaluationFolder.Of(data, evaluationId);
        try
        {
            copies.Delete(folder);
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArtifactStoreException)
        {
            // Not there, or a late worker writes: a purge of its sweep takes what is left.
        }
    }

    private ScoredPictures Load(string file)
    {
        if (!File.Exists(file))
        {
            copies.TryFetchFile(file); // its worker has a folder of its own
        }

        return ScoredPictures.Load(file);
    }

    private EvaluationPlan Plan(EvaluationSource source)
    {
        var spec = source.Spec;
        var checkpoint = Find(source);
        var set = Open(source);
        var known = checkpoint.State.ClassNames ?? [.. Enumerable.Range(0, checkpoint.State.Config.NumClasses).Select(k => k.ToString(CultureInfo.InvariantCulture))];
        try
        {
            _ = ClassColumns.Of(known, set.Classes);
        }
        catch (ArgumentException error)
        {
            throw new EvaluationException($"{source.Dataset.Id} does not fit trial {spec.Trial}: {error.Message} Classes are found by name.");
        }

        if (set.Images.Count == 0)
        {
            throw new EvaluationException($"The {spec.Split} split of {source.Dataset.Id} has no pictures.");
        }

        var indexed = source.Dataset.Splits.IsDefault ? null : source.Dataset.Splits.FirstOrDefault(split => split.Name == spec.Split);
        var parts = SetParts.CountFor(set.Images.Count, Math.Max(1, indexed?.Shards.Length ?? DefaultShards));
        return new EvaluationPlan(
            Path.GetRelativePath(data.Trial(spec.Trial.SweepId, spec.Trial.Number), source.KeepFor is { } evaluation ? Keep(checkpoint.Folder, evaluation) : checkpoint.Folder),
            checkpoint.State.Step,
            spec.ImageSize ?? (checkpoint.State.ImageSize > 0 ? checkpoint.State.ImageSize : checkpoint.State.Config.ImageHeight),
            [.. set.Classes],
            [.. SetParts.Sizes(set, parts)]);
    }

    /// <summary>A copy in the evaluation's folder: a trial that still trains deletes its checkpoints as better ones come.</summary>
    private string Keep(string checkpoint, string evaluationId)
    {
        var kept = Path.Combine(EvaluationFolder.Of(data, evaluationId), Path.GetFileName(checkpoint));
        try
        {
            Directory.CreateDirectory(kept);
            foreach (var file in Directory.GetFiles(checkpoint))
            {
                File.Copy(file, Path.Combine(kept, Path.GetFileName(file)), overwrite: true);
            }

            if (CheckpointStore.TryOpen(kept, out var problem) is null)
            {
                throw new IOException(problem);
            }

            copies.Put(kept);
            return kept;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Delete(evaluationId);
            throw new EvaluationException($"The checkpoint cannot be copied for the evaluation ({error.Message.TrimEnd('.')}): try again.");
        }
    }

    private TrainerCheckpoint Find(EvaluationSource source)
    {
        var (spec, all) = (source.Spec, source.Checkpoints);
        try
        {
            if (spec.Checkpoint.Kind == CheckpointKind.Best)
            {
                return BestCheckpoint.Find(data, copies, new PredictionSource(spec.Trial, all, source.Dataset));
            }
        }
        catch (MlTr.Abstractions.Predictions.PredictionsException error)
        {
            throw new EvaluationException(error.Message);
        }

        var wanted = spec.Checkpoint.Kind == CheckpointKind.Last ? all : [.. all.Where(one => one.Step == spec.Checkpoint.Step)];
        var found = new TrialFolder(data.Trial(spec.Trial.SweepId, spec.Trial.Number), copies, attempt: 0).FindStart(wanted);
        return found.Newest ?? throw new EvaluationException(
            all.IsEmpty ? "This trial has no checkpoint: a trial saves the first one after its first validation, and they may have been deleted since."
            : found.Problems.Count > 0 ? found.Problems[0]
            : $"Trial {spec.Trial} has no checkpoint at step {spec.Checkpoint}; it has {Steps(all)}.");
    }

    private static string Steps(ImmutableArray<CheckpointSnapshot> checkpoints) => string.Join(", ", checkpoints.Select(one => one.Step).Distinct().Order());

    private ImageSet Open(EvaluationSource source)
    {
        var dataset = datasets.HereOrComing(source.Dataset) ?? throw new EvaluationException($"The files of {source.Dataset.Id} are on their way to the control machine: try again in a while.");
        var split = source.Spec.Split;
        if (DatasetSplits.Find(dataset.Folder, dataset.Format, split) is null)
        {
            throw new EvaluationException($"{dataset.Id} has no split '{split}'; it has {string.Join(", ", DatasetSplits.Of(dataset.Folder, dataset.Format))}.");
        }

        try
        {
            return DatasetFolder.Open(dataset.Folder, dataset.Format, split, ReadOptions);
        }
        catch (Exception error) when (error is DatasetFormatException or IOException or UnauthorizedAccessException)
        {
            throw new EvaluationException($"The {split} split of {dataset.Id} cannot be read: {error.Message}");
        }
    }

    private static EvaluationFigures Figures(Evaluation evaluation, ImmutableArray<string> classes) => new(
        evaluation.Figures().Where(figure => figure.Value is not null).ToImmutableSortedDictionary(figure => figure.Name, figure => figure.Value!.Value, StringComparer.Ordinal),
        classes.Zip(evaluation.Metrics.ClassAp).Where(pair => pair.Second is not null).ToImmutableSortedDictionary(pair => pair.First, pair => pair.Second!.Value, StringComparer.Ordinal));
}
