using System.Collections.Immutable;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;

namespace MlTr.Abstractions.Tests.Leaderboards;

public sealed class RankingTests
{
    [Theory]
    [InlineData(true, new[] { 2, 3, 1, 4 })]
    [InlineData(false, new[] { 1, 2, 3, 4 })]
    public void Rank_BestFirst_TiesByNumber_WithoutValueLast(bool maximize, int[] expected)
    {
        var board = Ranking.Rank(new Objective("val/mAP", maximize), [Row(4, null), Row(3, 0.5), Row(1, 0.2), Row(2, 0.5)]);

        Assert.Equal(expected, board.Rows.Select(row => row.Trial.Id.Number));
        Assert.Equal([1, 2, 3, 0], board.Rows.Select(row => row.Rank));
    }

    private static (TrialSnapshot Trial, string SweepName, string Dataset) Row(int number, double? objective) => (
        new TrialSnapshot(
            new TrialId("s", number),
            TrialState.Completed,
            ImmutableSortedDictionary<string, ParameterValue>.Empty,
            1,
            1,
            objective,
            ImmutableSortedDictionary<string, double>.Empty,
            1,
            "w",
            null,
            DateTimeOffset.UnixEpoch,
            null,
            null),
        "name",
        "marks");
}
