using System.Collections.Immutable;
using Bunit;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Predictions;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Sweeps.Files;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;
using MlTr.Dashboard.Features.Trials;
using MlTr.Dashboard.Shared;
using Plotly.Blazor;

namespace MlTr.Dashboard.Tests.Features.Trials;

public sealed class TrialPageTests : PageTest
{
    [Fact]
    public void Open_AFailedTrial_SaysWhy()
    {
        var page = OpenTrial(Show.Trial("s", 1, TrialState.Failed) with { Reason = "The loss became NaN at step 112." });

        page.WaitForAssertion(() => Assert.Contains("The loss became NaN at step 112.", page.Find(".notice").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void Open_ARunningTrialThatWaitsForItsPictures_SaysSo_UntilItTrains()
    {
        var trial = Show.Trial("s", 1, TrialState.Running) with { Reason = TrialSnapshot.WaitsPrefix + "the pictures of marks: 40 % done" };
        var page = OpenTrial(trial);
        page.WaitForAssertion(() => Assert.Equal("Not training yet. It waits for the pictures of marks: 40 % done", page.Find("[data-testid=trial-waits]").TextContent));

        Client.Publish("s", new SweepEvent(Trial: trial with { Reason = "attempt 1 runs on cpu-0" }));

        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[data-testid=trial-waits]")));
    }

    [Fact]
    public void Open_ATrialWithoutAResult_CanBeRunAgain()
    {
        var page = OpenTrial(Show.Trial("s", 1, TrialState.Cancelled));

        page.WaitForElement("[data-testid=retry-trial]").Click();

        page.WaitForAssertion(() => Assert.Equal(["retry s 1"], Client.Asked));
    }

    [Fact]
    public void Open_TheLog_FiltersByLevelAndSearch()
    {
        var trial = Show.Trial("s", 1, TrialState.Running);
        Client.Logs[trial.Id] = [new(1, 1, Show.Start, "Information", "step 1"), new(1, 2, Show.Start, "Warning", "slow picture"), new(1, 3, Show.Start, "Error", "broken picture")];

        var page = OpenTrial(trial, "?tab=log&level=warning&q=slow");

        page.WaitForAssertion(() => Assert.Equal(["slow picture"], page.FindAll("[data-testid=log] .text").Select(line => line.TextContent)));
    }

    [Fact]
    public void Log_NewLines_AreShownAtOnce_StandStillWhileNotFollowed_AndAreThereOnceAfterAnInterruption()
    {
        var trial = Show.Trial("s", 1, TrialState.Running);
        var page = OpenTrial(trial, "?tab=log");
        page.WaitForAssertion(() => Assert.Contains("Nothing logged yet.", page.Markup, StringComparison.Ordinal));

        Client.PublishLog(trial.Id, new LogLine(1, 1, Show.Start, "info", "one"));
        page.WaitForAssertion(() => Assert.Equal(["one"], Lines()));
        page.Find("input[type=checkbox]").Change(false);
        Client.PublishLog(trial.Id, new LogLine(1, 2, Show.Start, "info", "two"));
        page.WaitForAssertion(() => Assert.Equal(["one"], Lines()));
        page.Find("input[type=checkbox]").Change(true);
        page.WaitForAssertion(() => Assert.Equal(["one", "two"], Lines()));
        Client.BreakStreams(new InvalidOperationException("its silo is gone"));
        Client.Logs[trial.Id] = Client.Logs[trial.Id].Add(new LogLine(1, 3, Show.Start, "info", "three"));

        page.WaitForAssertion(() => Assert.Equal(["one", "two", "three"], Lines()));

        IEnumerable<string> Lines() => page.FindAll("[data-testid=log] .text").Select(line => line.TextContent);
    }

    [Fact]
    public void Event_AnotherState_AsksForAttemptsAndCheckpointsAtOnce()
    {
        var trial = Show.Trial("s", 1, TrialState.Running);
        var page = OpenTrial(trial, "?tab=history");
        page.WaitForAssertion(() => page.Find("[data-testid=trial-state]"));
        Client.Trials[trial.Id] = Client.Trials[trial.Id] with { Checkpoints = [new CheckpointSnapshot(1, 10, "x/attempt-0001/step-00000010", 1, "ab", Show.Start)] };

        Client.Publish("s", new SweepEvent(Trial: trial with { State = TrialState.Completed }));

        page.WaitForAssertion(() => page.Find("[data-testid=open-register-model]"));
    }

    [Fact]
    public void Open_AWaitingTrialOfAPausedSweep_SaysThatTheSweepIsPaused_UntilItIsNot()
    {
        var trial = Show.Trial("s", 1, TrialState.Queued) with { Reason = "waits for a worker" };
        Client.Put(Show.Sweep("s", SweepState.Paused, null, trial), trial);
        var page = OpenPage("");
        page.WaitForAssertion(() => Assert.Contains("its sweep is paused", page.Find(".notice").TextContent, StringComparison.Ordinal));

        Client.Publish("s", new SweepEvent(Sweep: Show.Sweep("s", SweepState.Running, null, trial)));

        page.WaitForAssertion(() => Assert.Contains("waits for a worker", page.Find(".notice").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void Open_AWaitingTrial_SaysWhyNoWorkerTakesIt_AndWhenThatChanges()
    {
        var trial = Show.Trial("s", 1, TrialState.Queued);
        Client.Scheduler = new([new(new("s", 2), "every worker is busy"), new(trial.Id, "every worker is drained")], []);
        var page = OpenTrial(trial);
        page.WaitForAssertion(() => Assert.Contains("every worker is drained", page.Find("[data-testid=why-queued]").TextContent, StringComparison.Ordinal));

        Client.Publish(new SchedulerSnapshot([], []));

        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[data-testid=why-queued]")));
    }

    [Fact]
    public void Charts_OfFewAndOfManyPoints_ReachOverTheSameSteps()
    {
        var trial = Show.Trial("s", 1) with { Step = 90 };
        Client.Curves[(trial.Id, MetricNames.TrainLoss)] = new(MetricNames.TrainLoss, [new(1, 2, 1), new(89, 1, 1)], []);
        Client.Curves[(trial.Id, MetricNames.MeanAveragePrecision)] = new(MetricNames.MeanAveragePrecision, [new(45, 0.2, 1), new(90, 0.3, 1)], []);

        var page = OpenTrial(trial);

        page.WaitForAssertion(() => Assert.Equal(2, page.FindComponents<PlotlyChart>().Count));
        Assert.All(page.FindComponents<PlotlyChart>(), chart => Assert.Equal(new long[] { 0, 90 }, chart.Instance.Layout.XAxis[0].AutoRangeOptions.Include));
    }

    [Fact]
    public void Event_NewPoints_ExtendTheChart()
    {
        var trial = Show.Trial("s", 1, TrialState.Running);
        Client.Curves[(trial.Id, MetricNames.TrainLoss)] = new(MetricNames.TrainLoss, [new(1, 2, 1)], []);
        var page = OpenTrial(trial);
        page.WaitForAssertion(() => Assert.Equal("1", page.Find("[data-testid=curve-chart]").GetAttribute("data-points")));

        Client.Publish("s", new SweepEvent(Points: new TrialPoints(trial.Id, 1, [new(MetricNames.TrainLoss, 2, 1.5)])));

        page.WaitForAssertion(() => Assert.Equal("2", page.Find("[data-testid=curve-chart]").GetAttribute("data-points")));
    }

    [Fact]
    public async Task Zoom_IntoAThinnedCurve_ShowsTheSpikesOwnPoints_AndBackTheThinnedLine()
    {
        var trial = Show.Trial("s", 1);
        Client.Curves[(trial.Id, MetricNames.TrainLoss)] = new(MetricNames.TrainLoss, [.. Enumerable.Range(1, 50_000).Select(step => new CurvePoint(step, step == 33_333 ? 99 : 1, 1))], []);
        var page = OpenTrial(trial);
        var chart = page.WaitForComponent<CurveChart>();
        Assert.Contains(chart.Instance.Lines[0].Points, point => point.Value.Equals(99));
        Assert.InRange(Drawn(chart), 200, 400);

        await chart.InvokeAsync(() => chart.Instance.ShowStretchAsync(33_300.4, 33_399.5));

        Assert.Equal((33_300, 33_400), Inside(Client.Windows[^1]));
        var stretch = chart.Instance.Drawn(0).Where(point => point.Step is >= 33_300 and <= 33_400).ToList();
        Assert.Equal(Enumerable.Range(33_300, 101).Select(step => (long)step), stretch.Select(point => point.Step));
        Assert.Equal(33_333, Assert.Single(stretch, point => point.Value.Equals(99)).Step);

        await chart.InvokeAsync(() => chart.Instance.ShowStretchAsync(null, null));

        Assert.InRange(Drawn(chart), 200, 400);
        Assert.Contains(chart.Instance.Drawn(0), point => point.Step == 33_333);

        static (long, long) Inside(CurveWindow window) => (window.FromStep, window.ToStep);
        static int Drawn(IRenderedComponent<CurveChart> chart) => chart.Instance.Drawn(0).Length;
    }

    [Fact]
    public void Open_TheClasses_BestFirst()
    {
        var trial = Show.Trial("s", 1);
        Client.Put(Show.Sweep("s", trials: trial), trial);
        Client.Trials[trial.Id] = Show.Details(trial) with { ClassAveragePrecision = ImmutableSortedDictionary<string, double>.Empty.Add("val/AP/ring", 0.5).Add("val/AP/star", 0.9) };

        var page = OpenPage("?tab=classes");

        page.WaitForAssertion(() => Assert.Equal(["star", "ring"], page.FindAll("[data-testid=class-table] tbody tr td:first-child").Select(cell => cell.TextContent)));
    }

    [Fact]
    public void Open_TheClasses_WithPredictions_ShowsApBySize_AndSortsByIt()
    {
        var trial = Show.Trial("s", 1);
        Client.Put(Show.Sweep("s", trials: trial), trial);
        Client.Trials[trial.Id] = Show.Details(trial) with { ClassAveragePrecision = ImmutableSortedDictionary<string, double>.Empty.Add("val/AP/ring", 0.5).Add("val/AP/star", 0.9) };
        Client.Predictions[trial.Id] = new(PredictionsState.Ready, 1, null, 12, "marks", "validation", 3, ["ring", "star"], [0.5, 0.5]);
        Client.SizePrecision[trial.Id] = [new(0, 0.4, null, 0.8), new(1, 0.2, 0.9, null)];

        var page = OpenPage("?tab=classes&sort=-small");

        page.WaitForAssertion(() => Assert.Equal(["ring", "50.0%", "40.0%", Format.None, "80.0%"], page.FindAll("[data-testid=class-table] tbody tr:first-child td").Where(cell => !cell.ClassList.Contains("wide")).Select(cell => cell.TextContent)));
        Assert.Contains("best checkpoint, at step 12", page.Find("[data-testid=size-hint]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_TheClasses_WithoutPredictions_SaysWhereApBySizeComesFrom()
    {
        var trial = Show.Trial("s", 1);
        Client.Put(Show.Sweep("s", trials: trial), trial);
        Client.Trials[trial.Id] = Show.Details(trial) with { ClassAveragePrecision = ImmutableSortedDictionary<string, double>.Empty.Add("val/AP/ring", 0.5) };

        var page = OpenPage("?tab=classes");

        page.WaitForAssertion(() => Assert.EndsWith("/trials/1/predictions", page.Find("[data-testid=size-hint] a").GetAttribute("href"), StringComparison.Ordinal));
    }

    [Fact]
    public void Sort_TheClasses_ByTheirSupport_PutsItInTheAddress()
    {
        var trial = Show.Trial("s", 1);
        Client.Put(Show.Sweep("s", trials: trial), trial);
        Client.Trials[trial.Id] = Show.Details(trial) with { ClassAveragePrecision = ImmutableSortedDictionary<string, double>.Empty.Add("val/AP/ring", 0.5).Add("val/AP/star", 0.9) };
        Client.Datasets["marks"] = Client.Datasets["marks"] with { Classes = ["star", "ring"], Splits = [new("train", 9, [9, 9], [], []), new("validation", 5, [2, 4], [], [])] };
        var page = OpenPage("?tab=classes");

        page.WaitForAssertion(() => page.FindAll("[data-testid=class-table] button.sort").Single(button => button.TextContent.StartsWith("Support", StringComparison.Ordinal)).Click());

        page.WaitForAssertion(() => Assert.Equal(["ring|4", "star|2"], page.FindAll("[data-testid=class-table] tbody tr").Select(row => $"{row.Children[0].TextContent}|{row.Children[2].TextContent}")));
        Assert.EndsWith("sort=-support", Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public void Configuration_AsYamlRunsThisTrialAgain_AsCSharpAndJsonIsTheSame_AndTheEnvironmentIsTold()
    {
        var trial = Show.Trial("s", 1) with { Parameters = HyperParameters.Complete(ImmutableSortedDictionary<string, ParameterValue>.Empty).SetItem("learning_rate", ParameterValue.Of(0.0125)) };
        Client.Put(Show.Sweep("s", SweepState.Running, null, trial), trial);
        Client.Trials[trial.Id] = Client.Trials[trial.Id] with { Attempts = [new AttemptSnapshot(1, 1, "cpu-0", AttemptState.Completed, Show.Start, Show.Start, 0, null, "MlTr 0.1.0 (commit 0123456789), 2 threads")] };
        var page = OpenPage("?tab=configuration");
        page.WaitForAssertion(() => Assert.Equal(["MlTr 0.1.0 (commit 0123456789)", "2 threads"], page.FindAll("[data-testid=environment] .pill").Select(part => part.TextContent)));

        var again = SweepFile.Parse(Text()).Spec;

        Assert.Equal(1, again.CountTrials());
        Assert.Equal(trial.Parameters, again.Parameters.ToImmutableSortedDictionary(axis => axis.Name, axis => Assert.Single(axis.GridValues)));
        page.FindAll(".mode").Single(mode => mode.TextContent == "C#").Click();
        Assert.Contains("0.0125", Text(), StringComparison.Ordinal);
        page.FindAll(".mode").Single(mode => mode.TextContent == "JSON").Click();
        Assert.Contains("\"arc_scale\": 8.0", Text(), StringComparison.Ordinal);

        string Text() => page.Find("[data-testid=configuration]").TextContent;
    }

    private IRenderedComponent<TrialPage> OpenTrial(TrialSnapshot trial, string query = "")
    {
        Client.Put(Show.Sweep("s", SweepState.Running, null, trial), trial);
        return OpenPage(query);
    }

    private IRenderedComponent<TrialPage> OpenPage(string query) =>
        Open<TrialPage>("/sweeps/s/trials/1" + query, parameters => parameters.Add(one => one.SweepId, "s").Add(one => one.Number, 1));
}
