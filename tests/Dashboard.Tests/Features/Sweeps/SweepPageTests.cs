using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Features.Notes;
using MlTr.Dashboard.Features.Sweeps;
using MlTr.Dashboard.Shared;
using MudBlazor;

namespace MlTr.Dashboard.Tests.Features.Sweeps;

public sealed class SweepPageTests : PageTest
{
    [Fact]
    public void Open_AnUnknownSweep_SaysSoAndLinksToTheList()
    {
        var page = Open<SweepPage>("/sweeps/none", parameters => parameters.Add(one => one.SweepId, "none"));

        page.WaitForAssertion(() => Assert.Contains("There is no such sweep", page.Markup, StringComparison.Ordinal));
        Assert.NotNull(page.Find("a[href='sweeps'], a[href='/sweeps']"));
    }

    [Fact]
    public void Event_ATrialAndTheSweepChange_ThePageFollows()
    {
        var page = OpenSweep();
        page.WaitForAssertion(() => Assert.Equal("Running", page.Find("[data-testid=trials-table] tr[data-trial='s/1']").GetAttribute("data-state")));

        Client.Publish("s", new SweepEvent(Trial: Show.Trial("s", 1, TrialState.Completed, 0.8312)));
        Client.Publish("s", new SweepEvent(Sweep: Show.Sweep("s", SweepState.Completed)));

        page.WaitForAssertion(() => Assert.Contains("83.1%", page.Find("tr[data-trial='s/1']").TextContent, StringComparison.Ordinal));
        page.WaitForAssertion(() => Assert.Equal("completed", page.Find("[data-testid=sweep-state]").TextContent));
        Assert.Empty(page.FindAll("[data-testid=cancel-sweep]"));
    }

    [Fact]
    public void Event_ATrialFails_ItsRowSaysWhy()
    {
        var page = OpenSweep();

        Client.Publish("s", new SweepEvent(Trial: Show.Trial("s", 1, TrialState.Failed) with { Reason = "the loss is not a number" }));

        page.WaitForAssertion(() => Assert.Contains("the loss is not a number", page.Find("tr[data-trial='s/1']").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void Actions_FollowTheState_AndAskTheClient()
    {
        var page = OpenSweep();

        page.WaitForElement("[data-testid=pause-sweep]").Click();
        Client.Publish("s", new SweepEvent(Sweep: Show.Sweep("s", SweepState.Paused)));
        page.WaitForElement("[data-testid=resume-sweep]").Click();
        Client.Publish("s", new SweepEvent(Sweep: Show.Sweep("s", SweepState.Failed) with { Counts = Show.Sweep("s").Counts.Clear().Add(TrialState.Failed, 2) }));
        var retry = page.WaitForElement("[data-testid=retry-sweep]");
        retry.Click();

        Assert.Equal("Run the 2 failed trials again", retry.TextContent.Trim());
        page.WaitForAssertion(() => Assert.Equal(["pause s", "resume s", "retry s"], Client.Asked)); // a click waits for a render under way
        Assert.Empty(page.FindAll("[data-testid=pause-sweep], [data-testid=resume-sweep], [data-testid=cancel-sweep]"));
    }

    [Theory]
    [InlineData(1, 0, "Run the failed trial again")]
    [InlineData(0, 1, "Run the cancelled trial again")]
    [InlineData(0, 3, "Run the 3 cancelled trials again")]
    [InlineData(1, 2, "Run the 3 failed and cancelled trials again")]
    public void Retry_SaysWhichTrialsRunAgain(int failed, int cancelled, string text)
    {
        var page = OpenSweep();

        Client.Publish("s", new SweepEvent(Sweep: Show.Sweep("s", SweepState.Failed) with { Counts = Show.Sweep("s").Counts.Clear().Add(TrialState.Failed, failed).Add(TrialState.Cancelled, cancelled) }));

        Assert.Equal(text, page.WaitForElement("[data-testid=retry-sweep]").TextContent.Trim());
    }

    [Fact]
    public async Task Archive_AnEndedSweep_CanBeUndoneAtOnceAndTakenBackLater()
    {
        Client.Put(Show.Sweep("s", SweepState.Completed));
        var snackbars = Render<MudSnackbarProvider>();
        var page = Open<SweepPage>("/sweeps/s", parameters => parameters.Add(one => one.SweepId, "s"));

        await page.WaitForElement("[data-testid=archive-sweep]").ClickAsync();
        page.WaitForAssertion(() => page.Find("[data-testid=unarchive-sweep]"));
        snackbars.WaitForAssertion(() => Assert.Contains("was archived.", snackbars.Markup, StringComparison.Ordinal));
        await snackbars.FindAll("button").Single(button => button.TextContent.Trim() == "Undo").ClickAsync();
        page.WaitForAssertion(() => page.Find("[data-testid=archive-sweep]"));
        await page.Find("[data-testid=archive-sweep]").ClickAsync();
        await page.WaitForElement("[data-testid=unarchive-sweep]").ClickAsync();

        page.WaitForAssertion(() => page.Find("[data-testid=archive-sweep]"));
        Assert.Equal(["archive s", "unarchive s", "archive s", "unarchive s"], Client.Asked);
    }

    [Fact]
    public void Open_NoTrialRuns_SaysWhy()
    {
        Client.Put(Show.Sweep("s", SweepState.Running, null, Show.Trial("s", 1, TrialState.Queued)));
        Client.Scheduler = new([new(new("s", 1), "every worker is drained")], []);

        var page = Open<SweepPage>("/sweeps/s", parameters => parameters.Add(one => one.SweepId, "s"));

        page.WaitForAssertion(() => Assert.Contains("every worker is drained", page.Find("[data-testid=why-queued]").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void Delete_ThenRestore_AnEndedSweep_FollowsTheState()
    {
        var page = OpenSweep();
        Assert.Empty(page.FindAll("[data-testid=delete-sweep]"));
        Client.Publish("s", new SweepEvent(Sweep: Show.Sweep("s", SweepState.Completed)));

        page.WaitForElement("[data-testid=delete-sweep]").Click();
        page.WaitForElement("[data-testid=restore-sweep]").Click();
        page.WaitForElement("[data-testid=delete-sweep]");

        Assert.Equal(["delete s", "restore s"], Client.Asked);
        Assert.Empty(page.FindAll("[data-testid=purge-sweep]"));
    }

    [Fact]
    public void Events_SayWhatHappenedByWhomAndWhy()
    {
        Client.Events["s"] = [new(7, Show.Start, "s", 3, "trial-cancelled", "diverges", "ada")];

        var page = OpenSweep("?tab=events");

        page.WaitForAssertion(() => Assert.Contains("trialcancelleddivergesada", page.Find("[data-testid=sweep-events] tbody").TextContent.Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal));
    }

    [Fact]
    public void Event_NewPoints_ExtendTheLoadedCurve()
    {
        Client.Curves[(new("s", 1), MetricNames.TrainLoss)] = new(MetricNames.TrainLoss, [new(1, 2, 1), new(2, 1.9, 1)], []);
        var page = OpenSweep("?tab=curves");
        page.WaitForAssertion(() => Assert.Equal("2", page.Find("[data-metric='train/loss']").GetAttribute("data-points")));

        Client.Publish("s", new SweepEvent(Points: new TrialPoints(new("s", 1), 1, [new(MetricNames.TrainLoss, 2, 1.9), new(MetricNames.TrainLoss, 3, 1.8)])));

        page.WaitForAssertion(() => Assert.Equal("3", page.Find("[data-metric='train/loss']").GetAttribute("data-points")));
    }

    [Fact]
    public void Open_CurvesThatComeRightAfterThePage_DoNotWaitForTheTimeInWhichChangesAreGathered()
    {
        Services.AddSingleton<TimeProvider>(new FakeTimeProvider(Show.Start)); // which stands still
        Client.Curves[(new("s", 1), MetricNames.TrainLoss)] = new(MetricNames.TrainLoss, [new(1, 2, 1), new(2, 1.9, 1)], []);
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Client.ReadsCurvesAfter = read.Task;
        var page = OpenSweep("?tab=curves");
        page.WaitForAssertion(() => Assert.Contains("Reading the points", page.Find("[data-metric='train/loss']").TextContent, StringComparison.Ordinal));

        read.SetResult();

        page.WaitForAssertion(() => Assert.Equal("2", page.Find("[data-metric='train/loss']").GetAttribute("data-points")), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void StreamBreaks_ThePageCatchesUpOnWhatItMissed()
    {
        Client.Curves[(new("s", 1), MetricNames.TrainLoss)] = new(MetricNames.TrainLoss, [new(1, 2, 1)], []);
        var page = OpenSweep("?tab=curves");
        page.WaitForAssertion(() => Assert.Equal("1", page.Find("[data-metric='train/loss']").GetAttribute("data-points")));

        Client.BreakStreams(new InvalidOperationException("The activation has moved."));
        Client.Curves[(new("s", 1), MetricNames.TrainLoss)] = new(MetricNames.TrainLoss, [new(1, 2, 1), new(2, 1.9, 1)], []); // pushed while nobody watched

        page.WaitForAssertion(() => Assert.Equal("2", page.Find("[data-metric='train/loss']").GetAttribute("data-points")), TimeSpan.FromSeconds(15));
        Assert.DoesNotContain("Live updates are interrupted", page.Markup, StringComparison.Ordinal);
        Client.Publish("s", new SweepEvent(Points: new TrialPoints(new("s", 1), 1, [new(MetricNames.TrainLoss, 3, 1.8)])));
        page.WaitForAssertion(() => Assert.Equal("3", page.Find("[data-metric='train/loss']").GetAttribute("data-points")));
    }

    [Fact]
    public void Open_TheCurvesOfManyTrials_DrawsThoseThatRunAndTheBest()
    {
        TrialSnapshot[] trials = [.. Enumerable.Range(1, 150).Select(number => number == 7 ? Show.Trial("s", 7, TrialState.Running) : Show.Trial("s", number, map: number / 1_000.0))];
        Client.Put(Show.Sweep("s", SweepState.Running, null, trials), trials);
        foreach (var trial in trials)
        {
            Client.Curves[(trial.Id, MetricNames.TrainLoss)] = new(MetricNames.TrainLoss, [new(trial.Id.Number, 1, 1)], []);
        }

        var page = Open<SweepPage>("/sweeps/s?tab=curves", parameters => parameters.Add(one => one.SweepId, "s"));

        page.WaitForAssertion(() => Assert.Equal("100", page.Find("[data-metric='train/loss']").GetAttribute("data-points")));
        Assert.Contains("100 of 150", page.Find("[data-testid=curves-limit]").TextContent, StringComparison.Ordinal);
        var drawn = page.FindComponents<CurveChart>().Single(chart => chart.Instance.Metric == MetricNames.TrainLoss).Instance.Lines.Select(line => line.Points[0].Step);
        Assert.Equal([7, .. Enumerable.Range(52, 99)], drawn.Select(step => (int)step)); // the one that runs, and those from the best down
    }

    [Fact]
    public void Open_ManyTrials_DrawsOnlyRowsInSight()
    {
        TrialSnapshot[] trials = [.. Enumerable.Range(1, 500).Select(number => Show.Trial("s", number, map: 0.5))];
        Client.Put(Show.Sweep("s", SweepState.Completed, null, trials), trials);

        var page = Open<SweepPage>("/sweeps/s", parameters => parameters.Add(one => one.SweepId, "s"));

        page.WaitForAssertion(() => Assert.Equal("500", page.Find("[data-testid=trials-table]").GetAttribute("aria-rowcount")));
        Assert.InRange(page.FindAll("tr[data-trial]").Count, 0, 499);
    }

    [Fact]
    public void Open_AWaitingSweep_SaysWhatItWaitsFor()
    {
        var page = OpenSweep(waiting: "The dataset marks is being written (40%).");

        page.WaitForAssertion(() => Assert.Contains("marks is being written", page.Find("[data-testid=sweep-waiting]").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Dispose_WhileFollowing_LetsGoOfTheStream()
    {
        var page = OpenSweep();
        page.WaitForAssertion(() => Assert.Equal(2, Client.Watchers)); // its own, and that of its notes

        await page.FindComponent<NotesPanel>().Instance.DisposeAsync();
        await page.Instance.DisposeAsync();

        page.WaitForAssertion(() => Assert.Equal(0, Client.Watchers));
    }

    [Fact]
    public void Open_TheClientFails_OffersToTryAgain()
    {
        Client.Failure = new InvalidOperationException("The silo is away.");
        var page = OpenSweep();
        page.WaitForAssertion(() => Assert.Contains("The silo is away.", page.Markup, StringComparison.Ordinal));

        Client.Failure = null;
        page.FindAll("button").Single(button => button.TextContent.Contains("Try again", StringComparison.Ordinal)).Click();

        page.WaitForAssertion(() => Assert.NotNull(page.Find("[data-testid=trials-table]")));
    }

    private IRenderedComponent<SweepPage> OpenSweep(string query = "", string? waiting = null)
    {
        var trial = Show.Trial("s", 1, TrialState.Running);
        Client.Put(Show.Sweep("s", SweepState.Running, waiting, trial), trial);
        return Open<SweepPage>("/sweeps/s" + query, parameters => parameters.Add(one => one.SweepId, "s"));
    }
}
