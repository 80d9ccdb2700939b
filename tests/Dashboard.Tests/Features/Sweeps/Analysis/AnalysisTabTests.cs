using System.Collections.Immutable;
using Bunit;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Features.Sweeps;
using MlTr.Dashboard.Features.Sweeps.Analysis;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Tests.Features.Sweeps.Analysis;

public sealed class AnalysisTabTests : PageTest
{
    private readonly TrialSnapshot[] trials =
    [
        Show.Trial("s", 1, map: 0.7, rate: 1e-4), Show.Trial("s", 2, map: 0.8), Show.Trial("s", 3, map: 0.5, rate: 1e-2), Show.Trial("s", 4, TrialState.Failed, rate: 1e-2, cross: false),
    ];

    [Fact]
    public void Grid_ShowsEachPairOfValuesAndWhatWasNotRun()
    {
        var page = OpenSweep("grid");

        page.WaitForAssertion(() => Assert.Equal(["not run", "not run", "failed", "completed", "completed", "completed"], page.FindAll("[data-testid=ledger] td .small").Select(cell => cell.TextContent)));
        Assert.Equal(["–", "70.0%", "80.0%", "50.0%"], page.FindAll("[data-testid=ledger] td a").Select(cell => cell.TextContent));
        Assert.Equal("/sweeps/s/trials/2", page.FindAll("[data-testid=ledger] td a")[2].GetAttribute("href"));
    }

    [Fact]
    public void Timeline_ShowsEachAttemptInItsWorkersRow()
    {
        trials[0] = trials[0] with { Attempts = 2 };
        Client.Put(Show.Sweep("s", SweepState.Running, null, trials), trials);
        Client.Trials[trials[0].Id] = Client.Trials[trials[0].Id] with
        {
            Attempts =
            [
                new(1, 1, "worker-2", AttemptState.Lost, Show.Start, Show.Start.AddMinutes(1), 0, "fell silent", null),
                new(2, 2, "worker-1", AttemptState.Completed, Show.Start.AddMinutes(1), Show.Start.AddMinutes(2), 0, null, null),
            ],
        };

        var page = OpenSweep("timeline", put: false);

        page.WaitForAssertion(() => Assert.Equal(["s/1"], page.FindAll("[data-worker=worker-2] a").Select(bar => bar.GetAttribute("data-trial"))));
        Assert.Equal("Trial 1: lost, 1m 00s. fell silent", page.Find("[data-worker=worker-2] a").GetAttribute("title"));
        Assert.Equal(4, page.FindAll("[data-worker=worker-1] a").Count);
    }

    [Fact]
    public void Importance_WithTooFewTrials_SaysHowManyItNeeds()
    {
        var page = OpenSweep("importance");

        page.WaitForAssertion(() => Assert.Contains("3 of 20 trials that this needs", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public void Importance_WithEnoughTrials_RanksTheParameters()
    {
        TrialSnapshot[] many = [.. Enumerable.Range(1, 40).Select(number => Show.Trial("s", number, map: 0.01 * (number % 10), rate: 1e-4 * (1 + (number % 10)), cross: number % 2 == 0))];
        Client.Put(Show.Sweep("s", SweepState.Completed, null, many), many);

        var page = OpenSweep("importance", put: false);

        page.WaitForAssertion(() => Assert.Equal("learning_rate", page.FindAll("[data-testid=importance] tbody td")[0].TextContent), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Parallel_DrawsMeasuredTrials_AndABrushFiltersTheTable()
    {
        var page = OpenSweep("parallel");
        page.WaitForAssertion(() => Assert.Equal("3", page.Find("[data-testid=parallel]").GetAttribute("data-lines")));

        page.InvokeAsync(() => page.FindComponent<Plot>().Instance.Restyled.InvokeAsync(
            new Dictionary<string, System.Text.Json.JsonElement> { ["dimensions[0].constraintrange"] = System.Text.Json.JsonDocument.Parse("[[-4.1, -2.9]]").RootElement }));

        page.WaitForAssertion(() => Assert.Equal(["s/2", "s/1"], page.FindAll("[data-testid=leaderboard-row]").Select(row => row.GetAttribute("data-trial"))));
    }

    [Fact]
    public void Slices_DrawEachParameterThatVaries()
    {
        var page = OpenSweep("slices");

        page.WaitForAssertion(() => Assert.Equal(["learning_rate"], page.FindAll("[data-testid=slices] .card-title").Select(title => title.TextContent))); // all measured trials have cross_window on
        Assert.Empty(page.FindAll("[data-testid=contour]"));
    }

    [Fact]
    public void Surface_AtAPoint_IsTheValueThere_AndLiesBetweenElsewhere()
    {
        var raster = Surface.Interpolate([(0, 0, 1), (10, 0, 2), (0, 5, 3), (10, 5, 4)], 3);

        Assert.Equal([1, 2, 3, 4], new[] { raster[0][0], raster[0][2], raster[2][0], raster[2][2] }.Select(value => Math.Round(value, 3)));
        Assert.Equal(2.5, raster[1][1], 9);
    }

    [Fact]
    public void Curves_ColouredByAParameter_StandOnItsScale()
    {
        var view = new SweepView();
        view.Load(Show.Sweep("s", trials: trials), trials);
        view.LoadCurves(MetricNames.TrainLoss, trials.ToImmutableDictionary(trial => trial.Id.Number, _ => new Curve(MetricNames.TrainLoss, [new(1, 1, 1)], [])));

        Assert.Equal([0, 0.5, 1, 1], view.Lines(MetricNames.TrainLoss, "learning_rate").Select(line => Math.Round(line.Shade ?? -1, 9)));
        Assert.Equal([1, 1, 1, 0], view.Lines(MetricNames.TrainLoss, "cross_window").Select(line => line.Colour));
        Assert.Same(view.Lines(MetricNames.TrainLoss), view.Lines(MetricNames.TrainLoss));
    }

    [Fact]
    public void Smooth_StartsAtTheFirstValueAndKeepsGaps()
    {
        CurvePoint[] points = [new(1, 4, 1), new(2, double.NaN, 1), new(3, 4, 1), new(4, 0, 1)];

        var smooth = new CurveShape(0.5).Smooth(points);

        Assert.Equal([4, double.NaN, 4, 1.714], smooth.Select(point => Math.Round(point.Value, 3)));
        Assert.Same(points, new CurveShape().Smooth(points));
    }

    [Fact]
    public void Switch_FromTabToTab_ShowsEachPart()
    {
        var page = OpenSweep("curves");

        foreach (var (tab, mark) in new[] { ("parallel", "[data-testid=parallel]"), ("curves", "[data-testid=smoothing]"), ("slices", "[data-testid=slices]"), ("leaderboard", "[data-testid=leaderboard-table]"), ("grid", "[data-testid=ledger]"), ("timeline", "[data-testid=timeline]") })
        {
            page.InvokeAsync(() => Navigation.NavigateTo($"/sweeps/s?tab={tab}"));
            page.WaitForAssertion(() => Assert.NotNull(page.Find(mark)));
        }
    }

    [Fact]
    public void Timeline_ATrialThatWasHeldAndThenStopped_EndsWhenItsAttemptEnded()
    {
        trials[0] = trials[0] with { State = TrialState.Stopped, EndedAt = Show.Start.AddMinutes(30) };
        Client.Put(Show.Sweep("s", SweepState.Running, null, trials), trials);
        Client.Trials[trials[0].Id] = Client.Trials[trials[0].Id] with { Attempts = [new(1, 1, "worker-1", AttemptState.Yielded, Show.Start, Show.Start.AddMinutes(1), 0, "gave way", null)] };

        var page = OpenSweep("timeline", put: false);

        page.WaitForAssertion(() => Assert.Equal("Trial 1: yielded, 1m 00s. gave way", page.Find("[data-trial='s/1']").GetAttribute("title")));
    }

    private IRenderedComponent<SweepPage> OpenSweep(string tab, bool put = true)
    {
        if (put)
        {
            Client.Put(Show.Sweep("s", SweepState.Running, null, trials), trials);
        }

        return Open<SweepPage>("/sweeps/s?tab=" + tab, parameters => parameters.Add(one => one.SweepId, "s"));
    }
}
