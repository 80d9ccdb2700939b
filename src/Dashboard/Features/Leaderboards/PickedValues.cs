using System.Collections.Immutable;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Trials;

namespace MlTr.Dashboard.Features.Leaderboards;

/// <summary>Values of metrics at a place of their curves, for the trials of a leaderboard: read once, and again for a trial that has changed.</summary>
public sealed class PickedValues
{
    private readonly Dictionary<MetricPick, Dictionary<TrialId, (TrialSnapshot Seen, double? Value)>> known = [];
    private readonly HashSet<MetricPick> asked = [];

    /// <summary>What columns and filters have asked for since <see cref="Begin"/>.</summary>
    public ImmutableArray<MetricPick> Asked => [.. asked];

    /// <summary>A view is made anew: what the last one asked for does not count.</summary>
    public void Begin() => asked.Clear();

    /// <summary>Reads a trial's value; null until it is known, and for a trial without it.</summary>
    public Func<LeaderboardRow, double?> Of(MetricPick pick)
    {
        asked.Add(pick);
        return row => pick.Place == MetricPlace.Last && row.Trial.Metrics.TryGetValue(pick.Metric, out var last) ? last
            : known.TryGetValue(pick, out var values) && values.TryGetValue(row.Trial.Id, out var value) ? value.Value : null;
    }

    /// <summary>Reads what is asked for and not known yet.</summary>
    /// <returns>True if anything was read.</returns>
    internal async Task<bool> LoadAsync(IMlTrClient client, Leaderboard board, ImmutableArray<MetricPick> picks)
    {
        var any = false;
        foreach (var pick in picks)
        {
            var missing = board.Rows.Select(row => row.Trial).Where(trial => trial.Attempts > 0 && IsMissing(pick, trial)).GroupBy(trial => trial.Id.SweepId).ToList();
            if (missing.Count == 0)
            {
                continue;
            }

            any = true;
            var read = await Task.WhenAll(missing.Select(async trials => (Trials: trials, Values: await client.GetMetricAsync(trials.Key, pick, [.. trials.Select(trial => trial.Id.Number)]))));
            if (!known.TryGetValue(pick, out var values))
            {
                known[pick] = values = [];
            }

            foreach (var (trials, found) in read)
            {
                foreach (var trial in trials)
                {
                    values[trial.Id] = (trial, found.TryGetValue(trial.Id.Number, out var value) ? value : null);
                }
            }
        }

        return any;
    }

    /// <summary>A last value that the row itself tells needs no reading.</summary>
    private bool IsMissing(MetricPick pick, TrialSnapshot trial) => !(pick.Place == MetricPlace.Last && trial.Metrics.ContainsKey(pick.Metric))
        && !(known.TryGetValue(pick, out var values) && values.TryGetValue(trial.Id, out var value)
            && (ReferenceEquals(value.Seen, trial) || (value.Seen.Step, value.Seen.State, value.Seen.Attempts) == (trial.Step, trial.State, trial.Attempts)));
}
