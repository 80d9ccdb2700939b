using System.Text.Json;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Features.Leaderboards.Filters;
using MlTr.Dashboard.Features.Sweeps.Analysis;

namespace MlTr.Dashboard.Tests.Features.Sweeps.Analysis;

public sealed class TrialAxisTests
{
    private static readonly TrialSnapshot[] Trials = [Show.Trial("s", 1, rate: 1e-4), Show.Trial("s", 2, rate: 1e-3, cross: false), Show.Trial("s", 3, rate: 1e-2)];

    [Fact]
    public void Of_ASweep_TakesWhatVariesAndSpacesWideRangesByTheLogarithm()
    {
        var axes = TrialAxis.Of(SweepTemplates.FirstSweep, Trials);

        Assert.Equal(["learning_rate", "cross_window"], axes.Select(axis => axis.Name));
        Assert.Equal([-4, -3, -2], Trials.Select(trial => Math.Round(axes[0].Position(trial), 9)));
        Assert.Equal([1, 0, 1], Trials.Select(axes[1].Position));
        Assert.Equal(["off", "on"], axes[1].Ticks.Select(tick => tick.Text));
    }

    [Theory]
    [InlineData(0.0002, 0.0084, "2e-4 5e-4 0.001 0.002 0.005")]
    [InlineData(0.002, 0.0097, "0.002 0.004 0.006 0.008")]
    public void Ticks_OfManyValues_AreRoundNumbers(double low, double high, string expected)
    {
        var drawn = Enumerable.Range(0, 30).Select(i => Show.Trial("s", i + 1, rate: low + (i / 29.0 * (high - low)))).ToList();
        var spec = SweepTemplates.FirstSweep with { Search = new SearchSpec(SearchKind.Random, 30), Parameters = [new FloatParameter("learning_rate", low, high)] };

        var ticks = TrialAxis.Of(spec, drawn)[0].Ticks;

        Assert.Equal(expected, string.Join(' ', ticks.Select(tick => tick.Text)));
    }

    [Theory]
    [InlineData(0, "[-3.5, -1.9]", "2 3")]
    [InlineData(0, "[[-4.1, -3.9], [-2.1, -1.9]]", "1 3")]
    [InlineData(1, "[0.8, 1.2]", "1 3")]
    [InlineData(1, "[0.4, 0.6]", "")]
    [InlineData(1, "null", "1 2 3")]
    public void Filter_OfABrush_LetsTheMarkedTrialsPass(int axis, string marked, string expected)
    {
        var board = Ranking.Rank(new Objective(), Trials.Select(trial => (trial, "s", "marks")));
        var filter = TrialAxis.Of(SweepTemplates.FirstSweep, Trials)[axis].Filter(TrialAxis.Stretches(JsonDocument.Parse(marked).RootElement));

        var passes = Filter.Parse(filter, FilterField.Of(board, true));

        Assert.Equal(expected, string.Join(' ', board.Rows.Where(passes).Select(row => row.Trial.Id.Number).Order()));
    }
}
