using System.Collections.Immutable;

namespace MlTr.Grains.Storage;

/// <summary>What every store refuses before it writes: changes that contradict themselves, which only a bug makes.</summary>
internal static class StoreChecks
{
    public static void OfOneSweep(SweepRow sweep, ImmutableArray<TrialRow> trials)
    {
        if (trials.FirstOrDefault(trial => trial.Id.SweepId != sweep.Id) is { } stranger)
        {
            throw new ArgumentException($"Trial {stranger.Id} is not one of sweep {sweep.Id}.", nameof(trials));
        }

        if (trials.GroupBy(trial => trial.Id.Number).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"Trial {sweep.Id}/{twice.Key} is listed twice in one change.", nameof(trials));
        }
    }

    public static void OfOneAttempt(TrialChange change)
    {
        var others = change.LogLines.Select(line => line.Attempt).Concat(change.Checkpoints.Select(checkpoint => checkpoint.Attempt))
            .Where(attempt => attempt != change.AttemptNumber);
        if (others.Select(attempt => (int?)attempt).FirstOrDefault() is { } other)
        {
            throw new ArgumentException(
                $"The change of trial {change.Row.Id} is for attempt {change.AttemptNumber} but carries a line or checkpoint of attempt {other}.", nameof(change));
        }

        if (change is { SupersedesLaterPoints: true, Attempt: null })
        {
            throw new ArgumentException($"The change of trial {change.Row.Id} supersedes points but names no attempt.", nameof(change));
        }
    }

    public static InvalidOperationException NoDataset(string datasetId) => new($"Dataset {datasetId} has no row yet: save the dataset before its shards.");
}
