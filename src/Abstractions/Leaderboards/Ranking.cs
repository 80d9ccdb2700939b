using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;

namespace MlTr.Abstractions.Leaderboards;

/// <summary>Puts trials in order: best objective first, equal ones by sweep and number, those without a value last and without a rank.</summary>
public static class Ranking
{
    /// <summary>The leaderboard of these trials.</summary>
    public static Leaderboard Rank(Objective objective, IEnumerable<(TrialSnapshot Trial, string SweepName, string Dataset)> trials) =>
        Rank(objective, trials.Select(row => new LeaderboardRow(0, row.Trial, row.SweepName, row.Dataset)));

    /// <summary>The leaderboard of these rows; the ranks that they have do not count.</summary>
    public static Leaderboard Rank(Objective objective, IEnumerable<LeaderboardRow> rows)
    {
        var sign = objective.Maximize ? -1 : 1;
        var ordered = rows
            .OrderBy(row => row.Trial.Objective is null)
            .ThenBy(row => sign * row.Trial.Objective)
            .ThenBy(row => row.Trial.Id.SweepId, StringComparer.Ordinal)
            .ThenBy(row => row.Trial.Id.Number);
        return new Leaderboard(
            objective,
            [.. ordered.Select((row, index) => Placed(row, row.Trial.Objective is null ? 0 : index + 1))]);
    }

    private static LeaderboardRow Placed(LeaderboardRow row, int rank) => row.Rank == rank ? row : row with { Rank = rank };
}
