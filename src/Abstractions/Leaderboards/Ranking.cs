using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;

namespace MlTr.Abstractions.Leaderboards;

/// <summary>Puts trials in order: best objective first, equal ones by sweep and number, those without a value last and without a rank.</summary>
public static class Ranking
{
    /// <summary>The leaderboard of these trials.</summary>
    public static Leaderboard Rank(Objective objective, IEnumerable<(TrialSnapshot Trial, string SweepName, string Dataset)> trials)
    {
        var sign = objective.Maximize ? -1 : 1;
        var ordered = trials
            .OrderBy(row => row.Trial.Objective is null)
            .ThenBy(row => sign * row.Trial.Objective)
            .ThenBy(row => row.Trial.Id.SweepId, StringComparer.Ordinal)
            .ThenBy(row => row.Trial.Id.Number);
        return new Leaderboard(
            objective,
            [.. ordered.Select((row, index) => new LeaderboardRow(row.Trial.Objective is null ? 0 : index + 1, row.Trial, row.SweepName, row.Dataset))]);
    }
}
