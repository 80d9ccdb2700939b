using System.Collections.Immutable;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;

namespace MlTr.Grains.Leaderboards;

/// <summary>The rows of a leaderboard that is watched, without ranks.</summary>
internal sealed class BoardRows
{
    private readonly Dictionary<string, Dictionary<int, LeaderboardRow>> _sweeps = [];

    public BoardRows(Objective objective, IEnumerable<LeaderboardRow> rows)
    {
        Objective = objective;
        Put(rows.Select(row => row with { Rank = 0 }));
    }

    public Objective Objective { get; }

    /// <summary>All of them, for somebody who begins to watch.</summary>
    public LeaderboardChange Whole() => new(Objective, [.. _sweeps.Values.SelectMany(rows => rows.Values)], IsWhole: true, []);

    public bool HasOtherTags(SweepSnapshot sweep) => _sweeps.TryGetValue(sweep.Id, out var rows) && rows.Values.FirstOrDefault() is { } row && !row.SweepTags.SequenceEqual(sweep.Tags);

    /// <summary>Takes rows over and forgets sweeps.</summary>
    /// <returns>What is new; null if nothing is.</returns>
    public LeaderboardChange? Put(IEnumerable<LeaderboardRow> rows, IEnumerable<string>? gone = null)
    {
        var changed = new Dictionary<TrialId, LeaderboardRow>();
        foreach (var row in rows)
        {
            if (!_sweeps.TryGetValue(row.Trial.Id.SweepId, out var known))
            {
                _sweeps[row.Trial.Id.SweepId] = known = [];
            }

            if (!known.TryGetValue(row.Trial.Id.Number, out var before) || !Same(before, row))
            {
                changed[row.Trial.Id] = row;
            }

            known[row.Trial.Id.Number] = row; // also the same from elsewhere: the next time it is the same object
        }

        ImmutableArray<string> left = [.. (gone ?? []).Where(_sweeps.Remove)];
        return changed.Count == 0 && left.IsEmpty ? null : new(Objective, [.. changed.Values], IsWhole: false, left);
    }

    /// <summary>Rows that came from the store and from their sweep are the same if what can change is: their dictionaries are not the same objects.</summary>
    private static bool Same(LeaderboardRow left, LeaderboardRow right) => ReferenceEquals(left.Trial, right.Trial)
        ? left.SweepName == right.SweepName && left.SweepTags.SequenceEqual(right.SweepTags)
        : Plain(left) == Plain(right) && left.Trial.Tags.SequenceEqual(right.Trial.Tags) && left.SweepTags.SequenceEqual(right.SweepTags) && left.Trial.Metrics.SequenceEqual(right.Trial.Metrics);

    private static (TrialState, long, long, double?, int, string?, string?, DateTimeOffset?, DateTimeOffset?, DateTimeOffset, string) Plain(LeaderboardRow row)
    {
        var trial = row.Trial;
        return (trial.State, trial.Step, trial.TotalSteps, trial.Objective, trial.Attempts, trial.Worker, trial.Reason, trial.StartedAt, trial.EndedAt, trial.QueuedAt, row.SweepName);
    }
}
