using System.Text.Json;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Features.Leaderboards;

namespace MlTr.Dashboard.Tests.Features.Leaderboards;

public sealed class BoardViewTests
{
    [Fact]
    public void Group_OverSeeds_ShowsMeanAndDeviationAndRanksByTheMean()
    {
        var view = BoardView.Of(Seeds("marks"), new LeaderboardQuery(Group: "seed"), false);

        Assert.Equal(["#4, #3", "#1, #2"], view.Lines.Select(line => Cell(view, line, LeaderboardColumn.Trial)));
        Assert.Equal(["85.0% ± 7.1%", "75.0% ± 21.2%"], view.Lines.Select(line => Cell(view, line, MetricNames.MeanAveragePrecision)));
        Assert.Equal([1, 2], view.Lines.Select(line => line.Rank));
        Assert.Equal("2", Cell(view, view.Lines[0], "seeds"));
        Assert.DoesNotContain(view.All, column => column.Key == "p.seed");
    }

    [Fact]
    public void Statistic_OfOneValue_HasNoDeviation()
    {
        Assert.Equal(new Statistic(3, null, 1), Statistic.Of([3, null]));
        Assert.Equal(new Statistic(3, Math.Sqrt(2), 2), Statistic.Of([2, 4]));
        Assert.Null(Statistic.Of([null]));
    }

    [Fact]
    public void Value_LastInsteadOfBest_ShowsTheLast()
    {
        var view = BoardView.Of(Seeds("marks"), new LeaderboardQuery(Value: "last", Filter: "trial = 1"), false);

        Assert.Equal("89.0%", Cell(view, Assert.Single(view.Lines), MetricNames.MeanAveragePrecision));
    }

    [Fact]
    public void Columns_KeepTheReadersOrderAndPins()
    {
        var view = BoardView.Of(Seeds("marks"), new LeaderboardQuery(Columns: "p.learning_rate,rank,val/CF1,trial", Pinned: "val/CF1"), false);

        Assert.Equal(["val/CF1", "p.learning_rate", "rank", "trial"], view.Columns.Select(column => column.Key));
    }

    [Theory]
    [InlineData("coco2014", true)]
    [InlineData("marks", false)]
    public void Published_OnlyBesideTheSameDataset_StandsWhereItsValuePutsIt(string dataset, bool has)
    {
        var view = BoardView.Of(Seeds(dataset), new LeaderboardQuery(Published: "show"), false);

        Assert.Equal(has, view.HasPublished);
        if (has)
        {
            Assert.Equal(["ADDS", "ML-Decoder", "Query2Label"], view.Lines.Take(3).Select(line => line.Published?.Name));
            Assert.Equal(["#1", "#4"], view.Lines.Skip(3).Take(2).Select(line => Cell(view, line, LeaderboardColumn.Trial)));
            Assert.Equal(1, view.Lines[3].Rank); // a published result takes no rank away
        }
    }

    [Fact]
    public void Export_GroupedAndNot_HasFullNumbersAndSafeNames()
    {
        var board = Seeds("marks") with { Rows = [.. Seeds("marks").Rows.Select(row => row with { SweepName = "=1+1, \"x\"" })] };
        var (flat, grouped) = (BoardView.Of(board, new LeaderboardQuery(Columns: "rank,trial,sweep,val/mAP"), true), BoardView.Of(board, new LeaderboardQuery(Columns: "rank,val/mAP", Group: "seed"), true));

        Assert.StartsWith("rank,trial,sweep,val/mAP\r\n1,s/1,\"'=1+1, \"\"x\"\"\",0.9\r\n", LeaderboardExport.Csv(flat.Lines, flat.Columns, false), StringComparison.Ordinal);
        Assert.Contains("val/mAP,val/mAP sd\r\n", LeaderboardExport.Csv(grouped.Lines, grouped.Columns, true), StringComparison.Ordinal);
        var json = JsonDocument.Parse(LeaderboardExport.Json(grouped.Lines, grouped.Columns, true)).RootElement[0];
        Assert.Equal(0.85, json.GetProperty("val/mAP").GetProperty("mean").GetDouble(), 12);
        Assert.Equal(2, json.GetProperty("trials").GetArrayLength());
    }

    /// <summary>Two configurations with two seeds each: 90% and 60%, 80% and 90%.</summary>
    private static Leaderboard Seeds(string dataset) => Ranking.Rank(new Objective(), new[] { (1, 0.9, 1e-4), (2, 0.6, 1e-4), (3, 0.8, 1e-3), (4, 0.9, 1e-3) }.Select(one =>
    {
        var trial = Show.Trial("s", one.Item1, TrialState.Completed, one.Item2, one.Item3);
        return (trial with { Parameters = trial.Parameters.Add("seed", ParameterValue.Of((long)one.Item1)) }, "seeds", dataset);
    }));

    private static string Cell(BoardView view, BoardLine line, string column) => view.All.Single(one => one.Key == column).Text(line);
}
