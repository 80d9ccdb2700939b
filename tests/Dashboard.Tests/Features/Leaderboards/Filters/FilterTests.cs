using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Features.Leaderboards;
using MlTr.Dashboard.Features.Leaderboards.Filters;

namespace MlTr.Dashboard.Tests.Features.Leaderboards.Filters;

public sealed class FilterTests
{
    private static readonly Leaderboard Board = Ranking.Rank(new Objective(),
    [
        (Show.Trial("a", 1, map: 0.9, rate: 1e-4), "night", "marks"),
        (Show.Trial("a", 2, map: 0.7, rate: 1e-2, cross: false), "night", "marks"),
        (Show.Trial("b", 3, map: 0.85, rate: 1e-3), "day shift", "marks-mini"),
        (Show.Trial("b", 4, TrialState.Failed, rate: 1e-3), "day shift", "marks-mini"),
    ]);

    [Theory]
    [InlineData("", "1 2 3 4")]
    [InlineData("mAP > 0.8", "1 3")]
    [InlineData("map>=85%", "1 3")]
    [InlineData("val/mAP > 0.8 and lr < 1e-3", "1")]
    [InlineData("""mAP > 0.8 and lr <= 1e-3 and state = completed and sweep = "night" """, "1")]
    [InlineData("lr = 0.0001 or lr = 1e-2", "1 2")]
    [InlineData("lr = 1e-4 or lr = 1e-2 and mAP > 0.8", "1")] // and binds before or
    [InlineData("(lr = 1e-4 or lr = 1e-2) and mAP > 0.8", "1")]
    [InlineData("not cross_window = on", "2")]
    [InlineData("NOT (state = failed OR cross_window = off)", "1 3")]
    [InlineData("not not trial = 2", "2")]
    [InlineData("state != completed", "4")]
    [InlineData("sweep ~ SHIFT", "3 4")]
    [InlineData("dataset = marks", "1 2")]
    [InlineData("variant = mltr-n and batch_size = 32", "1 2 3 4")] // a default counts as set
    [InlineData("mAP < 2", "1 2 3")] // a trial without a value passes no comparison
    [InlineData("\"night\"", "1 2")]
    [InlineData("rank = 1", "1")]
    [InlineData("loss = asl and rank <= 2", "1 3")]
    public void Parse_AFilter_LetsTheRightTrialsPass(string text, string expected)
    {
        var passes = Filter.Parse(text, FilterField.Of(Board, best: true));

        Assert.Equal(expected, string.Join(' ', Board.Rows.Where(passes).Select(row => row.Trial.Id.Number).Order()));
    }

    [Theory]
    [InlineData("tag = \"night\"", "1 2")] // the sweep's
    [InlineData("tag = Best", "1")] // the trial's own
    [InlineData("tag ~ igh and not tag = best", "2")]
    [InlineData("tag != night", "3 4")] // also those without tags
    public void Parse_Tags_AreThoseOfTheTrialAndOfItsSweep(string text, string expected)
    {
        var passes = Filter.Parse(text, FilterField.Of(Tagged, best: true));

        Assert.Equal(expected, string.Join(' ', Tagged.Rows.Where(passes).Select(row => row.Trial.Id.Number).Order()));
    }

    [Fact]
    public void Complete_AfterTag_OffersTheTagsThatThereAre()
    {
        var fields = FilterField.Of(Tagged, best: true);

        Assert.Contains("tag", FilterCompletion.Of("ta", fields).Select(option => option.Label));
        Assert.Equal(["=", "!=", "~"], FilterCompletion.Of("tag ", fields).Select(option => option.Label));
        Assert.Equal(["best", "night"], FilterCompletion.Of("tag = ", fields).Select(option => option.Label));
    }

    private static Leaderboard Tagged => Board with
    {
        Rows = [.. Board.Rows.Select(row => row with
        {
            SweepTags = row.SweepName == "night" ? ["night"] : [],
            Trial = row.Trial.Id.Number == 1 ? row.Trial with { Tags = ["best"] } : row.Trial,
        })],
    };

    [Theory]
    [InlineData("best(CF1) > 0.5", "1 3")]
    [InlineData("BEST( val/CF1 ) > 50% and trial < 3", "1")]
    [InlineData("at(mAP, 5) > 0.4", "2")]
    [InlineData("not at(mAP,5) > 0.4 and last(mAP) > 0.8", "1 3")]
    [InlineData("last(mAP) >= 0.89", "1")]
    [InlineData("(at(mAP, 5) > 0.4 or best(CF1) > 0.5)", "1 2 3")]
    public void Parse_AMetricAtAPlaceOfItsCurve_ReadsItThere(string text, string expected)
    {
        var passes = Filter.Parse(text, FilterField.Of(Board, best: true) is var fields ? [.. fields.Select(Picked)] : []);

        Assert.Equal(expected, string.Join(' ', Board.Rows.Where(passes).Select(row => row.Trial.Id.Number).Order()));
    }

    [Fact]
    public void Parse_AMetricAtAPlaceOfItsCurve_AsksForIt()
    {
        var values = new PickedValues();

        Filter.Parse("best(CF1) > 0.5 or at(mAP, 12) > 0.1", FilterField.Of(Board, best: true, values));

        Assert.Equal([new(MetricNames.ClassF1, MetricPlace.Best), new(MetricNames.MeanAveragePrecision, MetricPlace.Pass, 12)], values.Asked);
    }

    [Fact]
    public void Parse_AShortNameThatAHyperParameterHasToo_IsTheMetricsBetweenParentheses()
    {
        var board = Board with { Rows = [.. Board.Rows.Select(row => row with { Trial = row.Trial with { Metrics = row.Trial.Metrics.Add(MetricNames.TrainLoss, row.Trial.Id.Number) } })] };

        var passes = Filter.Parse("last(loss) < 2.5", FilterField.Of(board, best: true));

        Assert.Equal([1, 2], board.Rows.Where(passes).Select(row => row.Trial.Id.Number).Order());
    }

    /// <summary>Trials 1 and 3 have 0.6 where their objective was best; trial 2 has 0.5 after pass 5.</summary>
    private static FilterField Picked(FilterField field) => field.Curve is not { } curve ? field : field with
    {
        Curve = (curve.Metric, pick => row => pick switch
        {
            { Place: MetricPlace.Best } => row.Trial.Id.Number is 1 or 3 ? 0.6 : null,
            { Place: MetricPlace.Pass, Pass: 5 } => row.Trial.Id.Number == 2 ? 0.5 : null,
            { Place: MetricPlace.Last } => row.Trial.Metrics.TryGetValue(pick.Metric, out var last) ? last : null,
            _ => null,
        }),
    };

    [Theory]
    [InlineData("best > 0.5", 4, "write best(mAP)")]
    [InlineData("best() > 0.5", 5, "write best(mAP)")]
    [InlineData("best(mAP > 0.5", 9, "write best(mAP)")]
    [InlineData("best(lr) > 0.5", 5, "There is no metric 'lr' here. Known are mAP")]
    [InlineData("at(mAP) > 0.5", 3, "a training pass, counted from 1: write at(mAP, 5)")]
    [InlineData("at(mAP, 0) > 0.5", 8, "counted from 1")]
    [InlineData("at(mAP, five) > 0.5", 8, "counted from 1")]
    [InlineData("best(mAP)", 9, "is compared with something")]
    [InlineData("mpa > 0.8", 0, "Did you mean mAP?")]
    [InlineData("mAP > 0.8 and lrn < 1", 14, "There is no 'lrn' here.")]
    [InlineData("mAP", 3, "is compared with something")]
    [InlineData("mAP >", 5, "A value for mAP goes here, such as 0.5")]
    [InlineData("mAP > high", 6, "mAP is a number, not 'high'")]
    [InlineData("mAP ~ 0.8", 4, "no part to be found")]
    [InlineData("state = done", 8, "there is queued, running")]
    [InlineData("sweep < night", 6, "sweep is a name")]
    [InlineData("cross_window = 3", 15, "is on or off, not '3'")]
    [InlineData("mAP > 0.8 lr < 1", 10, "join comparisons with and, or")]
    [InlineData("(mAP > 0.8", 0, "not closed")]
    [InlineData("mAP > 0.8)", 9, "never opened")]
    [InlineData("mAP > 0.8 and", 13, "Something is missing at the end")]
    [InlineData("and mAP > 0.8", 0, "not 'and'")]
    [InlineData("sweep = \"night", 8, "has no end")]
    [InlineData("mAP ! 3", 4, "Write !=")]
    public void Parse_AMistake_SaysWhereAndWhat(string text, int position, string says)
    {
        var error = Assert.Throws<FilterException>(() => Filter.Parse(text, FilterField.Of(Board, best: true)));

        Assert.Equal(position, error.Position);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_FarTooDeepOrLong_IsRefusedBeforeItHurts()
    {
        var fields = FilterField.Of(Board, best: true);

        Assert.Contains("deep", Assert.Throws<FilterException>(() => Filter.Parse(new string('(', 1_900), fields)).Message, StringComparison.Ordinal);
        Assert.Contains("at most", Assert.Throws<FilterException>(() => Filter.Parse(new string('(', 5_000), fields)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_TheLastValue_ReadsItInsteadOfTheBest()
    {
        var best = Filter.Parse("mAP >= 0.9", FilterField.Of(Board, best: true));
        var last = Filter.Parse("mAP >= 0.9", FilterField.Of(Board, best: false));

        Assert.Equal((1, 0), (Board.Rows.Count(best), Board.Rows.Count(last)));
    }

    [Theory]
    [InlineData("", "state", "state ")]
    [InlineData("cross", "cross_window", "cross_window ")]
    [InlineData("mAP", "<", null)]
    [InlineData("mAP ", "<", "mAP < ")]
    [InlineData("state = ", "completed", "state = completed ")]
    [InlineData("state = com", "completed", "state = completed ")]
    [InlineData("sweep = ", "day shift", "sweep = \"day shift\" ")]
    [InlineData("cross_window = ", "off", "cross_window = off ")]
    [InlineData("mAP > 0.8 ", "and", "mAP > 0.8 and ")]
    [InlineData("mAP > 0.8 and l", "learning_rate", "mAP > 0.8 and learning_rate ")]
    [InlineData("(mA", "mAP", "(mAP ")]
    [InlineData("be", "best(", "best(")]
    [InlineData("best(", "CF1)", "best(CF1) ")]
    [InlineData("best(CF", "CF1)", "best(CF1) ")]
    [InlineData("best(CF1) ", ">", "best(CF1) > ")]
    [InlineData("at(", "mAP,", "at(mAP, ")]
    [InlineData("at(mAP, ", "5)", "at(mAP, 5) ")]
    [InlineData("at(mAP, 5) ", ">=", "at(mAP, 5) >= ")]
    [InlineData("at(mAP, 5) > 0.4 ", "and", "at(mAP, 5) > 0.4 and ")]
    public void Complete_WhatIsTyped_OffersHowToGoOn(string text, string label, string? taken)
    {
        var offered = FilterCompletion.Of(text, FilterField.Of(Board, best: true)).FirstOrDefault(option => option.Label == label);

        Assert.Equal(taken, offered?.Text);
    }
}
