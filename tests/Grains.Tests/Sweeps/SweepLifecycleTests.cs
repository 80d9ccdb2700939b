using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Storage;
using MlTr.Grains.Sweeps;
using MlTr.Grains.Tests.Fakes;
using MlTr.Grains.Trials;
using Orleans.Core.Internal;

namespace MlTr.Grains.Tests.Sweeps;

public sealed class SweepLifecycleTests(PlatformFixture platform)
{
    private readonly TaskCompletionSource _release = new();

    [Fact]
    public async Task Pause_ThenResume_TrialsYieldAndGoOnFromTheirCheckpointsWithoutAGap()
    {
        var id = await StartHeldAsync(Rates(0.1, 0.2, 0.3), heldAt: 5);
        await platform.UntilAsync(id, sweep => sweep.Counts[TrialState.Running] > 0);

        await platform.Client.PauseSweepAsync(id, "lunch", "ada");
        await platform.Client.PauseSweepAsync(id, "lunch", "ada");
        var paused = await platform.UntilAsync(id, sweep => sweep.State == SweepState.Paused && sweep.Counts[TrialState.Queued] == 3);
        var queue = (await platform.Client.GetSchedulerAsync()).Queue.Where(entry => entry.Trial.SweepId == id);
        _release.TrySetResult();
        await platform.Client.ResumeSweepAsync(id, "back", "ada");
        var done = await platform.UntilAsync(id, sweep => sweep.IsFinal);

        Assert.False(paused.IsFinal);
        Assert.All(queue, entry => Assert.Equal("its sweep is paused", entry.Reason));
        Assert.Equal((SweepState.Completed, 3), (done.State, done.Counts[TrialState.Completed]));
        foreach (var trial in await platform.Client.GetTrialsAsync(id))
        {
            var curve = Assert.Single(await platform.Client.GetCurvesAsync(trial.Id, [MetricNames.TrainLoss]));
            Assert.Equal(Enumerable.Range(1, FakeTrialRunner.Steps).Select(step => (long)step), curve.Points.Select(point => point.Step));
            Assert.All(
                (await platform.Client.GetTrialAsync(trial.Id)).Attempts.Where(attempt => attempt.State == AttemptState.Yielded),
                attempt => Assert.Equal("its sweep was paused by ada: lunch", attempt.Reason));
        }

        var said = (await platform.Client.GetEventsAsync(id)).Where(happened => happened.Trial is null).Select(happened => (happened.Kind, happened.By, happened.Reason)).ToList();
        Assert.Equal(["sweep-started", "sweep-paused", "sweep-resumed", "sweep-completed"], said.Select(one => one.Kind));
        Assert.Contains(("sweep-paused", "ada", "lunch"), said);
    }

    [Fact]
    public async Task Pause_ItsTime_IsTold_AlsoByANewActivation()
    {
        var id = await StartHeldAsync(Rates(0.1), heldAt: 5);
        await platform.UntilAsync(id, sweep => sweep.Counts[TrialState.Running] > 0);
        Assert.Equal((TimeSpan.Zero, (DateTimeOffset?)null), Pauses(await platform.Client.GetSweepAsync(id)));

        await platform.Client.PauseSweepAsync(id, "lunch", "ada");
        var since = (await platform.Client.GetSweepAsync(id)).PausedAt;
        await StopActivationAsync();
        var paused = await platform.Client.GetSweepAsync(id);
        _release.TrySetResult();
        await platform.Client.ResumeSweepAsync(id, "back", "ada");
        await platform.UntilAsync(id, sweep => sweep.IsFinal);
        await StopActivationAsync();

        Assert.NotNull(since);
        var events = (await platform.Client.GetEventsAsync(id)).ToLookup(happened => happened.Kind, happened => happened.Time);
        Assert.Equal(events["sweep-paused"].Single(), paused.PausedAt);
        Assert.Equal((events["sweep-resumed"].Single() - events["sweep-paused"].Single(), null), Pauses(await platform.Client.GetSweepAsync(id)));

        Task StopActivationAsync() => platform.Grains.GetGrain<ISweepGrain>(id).AsReference<IGrainManagementExtension>().DeactivateOnIdle(TestContext.Current.CancellationToken).AsTask();

        static (TimeSpan, DateTimeOffset?) Pauses(SweepSnapshot sweep) => (sweep.PausedFor, sweep.PausedAt);
    }

    [Fact]
    public async Task Retry_OfTheFailedOnly_RunsThemAgainAndLeavesResultsAlone()
    {
        var fail = true;
        var id = NewId();
        platform.Runner.OnStep(id, (trial, step, _) =>
        {
            if (Volatile.Read(ref fail) && trial.Id.Number == 2 && step == 5)
            {
                throw new TrialFailedException("the disk of the pictures was away");
            }
        });
        await StartAsync(id, Rates(0.1, 0.2, 0.3));
        var failed = await platform.UntilAsync(id, sweep => sweep.EndedAt is not null);

        Volatile.Write(ref fail, false);
        var again = await platform.Client.RetryTrialsAsync(id, reason: "mounted again", by: "ada");
        var done = await platform.UntilAsync(id, sweep => sweep.IsFinal);
        var none = await platform.Client.RetryTrialsAsync(id);

        Assert.Equal((SweepState.Failed, SweepState.Completed), (failed.State, done.State));
        Assert.Equal((1, 0), (again, none));
        Assert.Equal(4, platform.Runner.Runs.Count(run => run.Id.SweepId == id));
        var details = await platform.Client.GetTrialAsync(new TrialId(id, 2));
        Assert.Equal([AttemptState.Failed, AttemptState.Completed], details.Attempts.Select(attempt => attempt.State));
        Assert.Equal(4, details.Attempts[^1].ResumedFromStep);
        Assert.Equal(3, (await platform.Client.GetLeaderboardAsync(id)).Rows.Count(row => row.Trial.State == TrialState.Completed));
    }

    [Fact]
    public async Task CancelTrial_WaitingAndRunning_StopsThemOnlyAndARetryBringsThemBack()
    {
        var id = await StartHeldAsync(Rates(0.1, 0.2, 0.3) with { MaxParallelTrials = 1 }, heldAt: 3);
        await platform.UntilAsync(id, sweep => sweep.Counts[TrialState.Running] == 1);

        await platform.Client.CancelTrialAsync(new TrialId(id, 3), "not needed");
        await platform.Client.CancelTrialAsync(new TrialId(id, 1), "diverges");
        await platform.UntilAsync(id, sweep => sweep.Counts[TrialState.Cancelled] == 2);
        _release.TrySetResult();
        var ended = await platform.UntilAsync(id, sweep => sweep.EndedAt is not null);
        await platform.Client.CancelTrialAsync(new TrialId(id, 2), "too late: it has its result");
        await platform.Client.RetryTrialsAsync(id, [1, 3]);
        var done = await platform.UntilAsync(id, sweep => sweep.IsFinal);

        Assert.InRange(ended.Progress, 0.33, 0.99); // what was cancelled was not done
        Assert.Equal((SweepState.Failed, 1, 2), (ended.State, ended.Counts[TrialState.Completed], ended.Counts[TrialState.Cancelled]));
        Assert.Equal((SweepState.Completed, 3), (done.State, done.Counts[TrialState.Completed]));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => platform.Client.CancelTrialAsync(new TrialId(id, 9), "there is none"));
    }

    /// <summary>The control process dies in the moment in which a cancel is durable and neither scheduler nor worker has heard of it.</summary>
    [Fact]
    public async Task Wake_ACancelOfARunningTrialWasRecordedOnly_StopsTheTrial()
    {
        var id = await StartHeldAsync(Rates(0.1), heldAt: 3);
        await platform.UntilAsync(id, sweep => sweep.Counts[TrialState.Running] == 1);
        var row = await platform.Store.LoadSweepRowAsync(id, TestContext.Current.CancellationToken);
        await platform.Store.SaveSweepAsync(row!, [], [new NewEvent(TimeProvider.System.GetUtcNow(), id, 1, "trial-cancelled", "diverges", "ada")], TestContext.Current.CancellationToken);

        var reports = platform.Grains.GetGrain<ISweepReports>(id);
        await reports.AsReference<IGrainManagementExtension>().DeactivateOnIdle(TestContext.Current.CancellationToken);
        await reports.WakeAsync();
        var ended = await platform.UntilAsync(id, sweep => sweep.EndedAt is not null);
        _release.TrySetResult();

        Assert.Equal((SweepState.Failed, 1), (ended.State, ended.Counts[TrialState.Cancelled]));
        Assert.Equal("diverges", Assert.Single(await platform.Client.GetTrialsAsync(id)).Reason);
    }

    [Fact]
    public async Task Cancel_ThenRetry_RunsWhatIsMissing()
    {
        var id = await StartHeldAsync(Rates(0.1, 0.2, 0.3) with { MaxParallelTrials = 1 }, heldAt: 3);
        await platform.UntilAsync(id, sweep => sweep.Counts[TrialState.Running] == 1);
        await platform.Client.CancelSweepAsync(id, "wrong box", "ada");
        await platform.UntilAsync(id, sweep => sweep.EndedAt is not null);
        _release.TrySetResult();

        Assert.All(await platform.Client.GetTrialsAsync(id), trial => Assert.Equal("its sweep was cancelled by ada: wrong box", trial.Reason));
        Assert.Equal(3, await platform.Client.RetryTrialsAsync(id));
        var done = await platform.UntilAsync(id, sweep => sweep.IsFinal);

        Assert.Equal((SweepState.Completed, 3), (done.State, done.Counts[TrialState.Completed]));
    }

    [Fact]
    public async Task Extend_ByNothing_IsRefused_AndTheSweepStaysAsItEnded()
    {
        var id = NewId();
        await StartAsync(id, Rates(0.1, 0.2));
        var ended = await platform.UntilAsync(id, sweep => sweep.IsFinal);
        var before = await platform.Client.GetEventsAsync(id);

        var refused = await Assert.ThrowsAsync<SweepSpecException>(() => platform.Client.ExtendSweepAsync(id, Rates(0.2, 0.1)));

        Assert.Contains("no trial that the sweep does not have", refused.Message, StringComparison.Ordinal);
        Assert.Equal(ended.EndedAt, (await platform.Client.GetSweepAsync(id)).EndedAt);
        Assert.Equal(before.Length, (await platform.Client.GetEventsAsync(id)).Length);
    }

    [Fact]
    public async Task Extend_AnArchivedSweep_TakesItBack()
    {
        var id = NewId();
        await StartAsync(id, Rates(0.1));
        await platform.UntilAsync(id, sweep => sweep.IsFinal);
        await platform.Client.SetArchivedAsync(id);

        await platform.Client.ExtendSweepAsync(id, Rates(0.1, 0.2), "ada");

        var done = await platform.UntilAsync(id, sweep => sweep.IsFinal && sweep.TrialCount == 2);
        Assert.Empty(done.Tags);
        Assert.Equal(("it goes on", "ada"), (await platform.Client.GetEventsAsync(id)).Where(happened => happened.Kind == "sweep-unarchived").Select(happened => (happened.Reason, happened.By)).Single());
    }

    [Fact]
    public async Task Extend_GridWithMoreValues_RunsTheNewPointsOnly()
    {
        var id = NewId();
        await StartAsync(id, Rates(0.1, 0.2));
        await platform.UntilAsync(id, sweep => sweep.IsFinal);

        var added = await platform.Client.ExtendSweepAsync(id, Rates(0.1, 0.15, 0.2, 0.3));
        var done = await platform.UntilAsync(id, sweep => sweep.IsFinal);

        Assert.Equal(2, added);
        Assert.Equal((SweepState.Completed, 4), (done.State, done.Counts[TrialState.Completed]));
        Assert.Equal(
            [0.1, 0.2, 0.15, 0.3], (await platform.Client.GetTrialsAsync(id)).OrderBy(trial => trial.Id.Number).Select(trial => trial.Parameters["learning_rate"].AsFloat));
        Assert.Equal(4, platform.Runner.Runs.Count(run => run.Id.SweepId == id));
    }

    [Fact]
    public async Task Delete_RestoreAndPurge_NothingIsLostUntilThePurge()
    {
        var id = await StartHeldAsync(Rates(0.1), heldAt: 3);
        await platform.UntilAsync(id, sweep => sweep.Counts[TrialState.Running] == 1);
        var early = await Assert.ThrowsAsync<SweepStateException>(() => platform.Client.DeleteSweepAsync(id));
        await platform.Client.CancelSweepAsync(id, "wrong box");
        await platform.UntilAsync(id, sweep => sweep.EndedAt is not null);
        _release.TrySetResult();
        var alive = await Assert.ThrowsAsync<SweepStateException>(() => platform.Client.PurgeSweepAsync(id));

        await platform.Client.DeleteSweepAsync(id, "clutter", "ada");
        await platform.Client.DeleteSweepAsync(id, "clutter", "ada");
        var (listed, deleted) = (await platform.Client.ListSweepsAsync(), await platform.Client.ListSweepsAsync(deleted: true));
        var refused = await Assert.ThrowsAsync<SweepStateException>(() => platform.Client.RetryTrialsAsync(id));
        await platform.Client.RestoreSweepAsync(id, "still needed", "ada");
        var restored = await platform.Client.GetSweepAsync(id);
        var said = (await platform.Client.GetEventsAsync(id)).Where(happened => happened.By == "ada").Select(happened => (happened.Kind, happened.Reason));

        Assert.Contains("cancel it before", early.Message, StringComparison.Ordinal);
        Assert.Contains("delete it before", alive.Message, StringComparison.Ordinal);
        Assert.Contains("restore it first", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(listed, sweep => sweep.Id == id);
        Assert.Equal(SweepState.Deleted, deleted.Single(sweep => sweep.Id == id).State);
        Assert.Equal(SweepState.Cancelled, restored.State);
        Assert.Equal([("sweep-deleted", "clutter"), ("sweep-restored", "still needed")], said);

        await platform.Client.DeleteSweepAsync(id);
        await platform.Client.PurgeSweepAsync(id);
        await platform.Client.PurgeSweepAsync(id);
        await Assert.ThrowsAsync<KeyNotFoundException>(() => platform.Client.GetSweepAsync(id));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => platform.Client.GetTrialAsync(new TrialId(id, 1)));
        Assert.Contains(id, platform.Files.Deleted);
    }

    [Fact]
    public async Task Clone_WithEdits_IsASweepOfItsOwn()
    {
        var id = NewId();
        await StartAsync(id, Rates(0.1));
        await platform.UntilAsync(id, sweep => sweep.IsFinal);

        var clone = await platform.Client.CloneSweepAsync(id, spec => spec with { Name = "wider", Parameters = Rates(0.1, 0.2).Parameters });
        var done = await platform.UntilAsync(clone, sweep => sweep.IsFinal);
        var broken = await Assert.ThrowsAsync<SweepSpecException>(() => platform.Client.CloneSweepAsync(id, spec => spec with { MaxParallelTrials = -1 }));

        Assert.Equal(("wider", 2), (done.Spec.Name, done.Counts[TrialState.Completed]));
        Assert.Equal("max_parallel_trials", Assert.Single(broken.Errors).Field);
    }

    [Fact]
    public async Task Extend_OtherQuestion_SaysWhyNot()
    {
        var id = NewId();
        await StartAsync(id, Rates(0.1));
        await platform.UntilAsync(id, sweep => sweep.IsFinal);

        var error = await Assert.ThrowsAsync<SweepSpecException>(() => platform.Client.ExtendSweepAsync(id, Rates(0.1) with { Objective = new Objective("val/CF1") }));

        Assert.Contains("start another sweep", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tpe_WholeSweep_RunsItsBudgetAndItsBudgetWhenExtended()
    {
        var id = NewId();
        var spec = new SweepSpec(
            "tpe", "marks", [new FloatParameter("learning_rate", 1e-4, 1, Log: true)], new SearchSpec(SearchKind.Tpe, 12, 1), new Objective());
        await StartAsync(id, spec);
        await platform.UntilAsync(id, sweep => sweep.IsFinal);

        await platform.Client.ExtendSweepAsync(id, spec with { Search = spec.Search with { TrialBudget = 15 } });
        var done = await platform.UntilAsync(id, sweep => sweep.IsFinal);

        Assert.Equal((SweepState.Completed, 15), (done.State, done.Counts[TrialState.Completed]));
        Assert.Equal(15, (await platform.Client.GetTrialsAsync(id)).Select(trial => trial.Parameters["learning_rate"]).Distinct().Count());
    }

    [Fact]
    public async Task Asha_NineTrials_TrainsTheBestToItsEnd_StopsTheRestEarly_AndLeavesNoGap()
    {
        var id = NewId();
        platform.Runner.EvaluateEachStep(id);
        HoldUntilJudged(id);
        var ranked = Enumerable.Range(1, 9).Select(rank => 0.1 * rank).ToArray();
        // 200 passes in 10 steps: rungs after steps 1, 3 and 9.
        await StartAsync(id, Rates(ranked) with { Stopping = new StoppingSpec(StoppingKind.Asha, MinPasses: 20, Reduction: 3) });

        var done = await platform.UntilAsync(id, sweep => sweep.IsFinal);

        var trials = await platform.Client.GetTrialsAsync(id);
        Assert.Equal(SweepState.Completed, done.State);
        Assert.Equal(9, done.Counts[TrialState.Completed] + done.Counts[TrialState.Stopped]);
        Assert.InRange(done.Counts[TrialState.Completed], 1, 3);
        Assert.Equal(TrialState.Completed, trials.Single(trial => trial.Id.Number == 9).State);
        Assert.Equal(9, done.Best!.Id.Number);
        foreach (var trial in trials)
        {
            var curve = Assert.Single(await platform.Client.GetCurvesAsync(trial.Id, [MetricNames.TrainLoss]));
            Assert.Equal(Enumerable.Range(1, curve.Points.Length).Select(step => (long)step), curve.Points.Select(point => point.Step));
        }

        Assert.All(trials.Where(trial => trial.State == TrialState.Stopped), trial => Assert.Contains("not among the best", trial.Reason, StringComparison.Ordinal));
        Assert.Contains(await platform.Client.GetEventsAsync(id), happened => happened is { Kind: "trial-hold", By: "stopping rule" });
    }

    [Fact]
    public async Task Median_WorseThanTheOthers_EndsEarlyWithTheReason()
    {
        var id = NewId();
        platform.Runner.EvaluateEachStep(id);
        HoldUntilJudged(id);
        await StartAsync(id, Rates(0.6, 0.7, 0.8, 0.9, 0.1) with { MaxParallelTrials = 1, Stopping = new StoppingSpec(StoppingKind.Median, MinPasses: 20, MinTrials: 3) });

        var done = await platform.UntilAsync(id, sweep => sweep.IsFinal);

        Assert.Equal((SweepState.Completed, 4, 1), (done.State, done.Counts[TrialState.Completed], done.Counts[TrialState.Stopped]));
        var last = (await platform.Client.GetTrialsAsync(id)).Single(trial => trial.Id.Number == 5);
        Assert.Equal(TrialState.Stopped, last.State);
        Assert.Contains("worse than the median", last.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Priority_HigherSweep_TakesTheWorkersAndTheLowerOneFinishesAfterwards()
    {
        var low = await StartHeldAsync(Rates(0.1, 0.2), heldAt: 5);
        await platform.UntilAsync(low, sweep => sweep.Counts[TrialState.Running] == 2);

        var high = NewId();
        await StartAsync(high, Rates(0.3, 0.4) with { Priority = 5 });
        await platform.UntilAsync(high, sweep => sweep.IsFinal);
        _release.TrySetResult();
        var done = await platform.UntilAsync(low, sweep => sweep.IsFinal);

        Assert.Equal((SweepState.Completed, 2), (done.State, done.Counts[TrialState.Completed]));
        var trials = await Task.WhenAll(new[] { 1, 2 }.Select(number => platform.Client.GetTrialAsync(new TrialId(low, number)))); // one worker may have taken both of the higher
        var yielded = trials.SelectMany(trial => trial.Attempts).Where(attempt => attempt.State == AttemptState.Yielded).ToList();
        Assert.NotEmpty(yielded);
        Assert.All(yielded, attempt => Assert.Equal($"gave way to sweep {high}, of priority 5 over 0", attempt.Reason));
    }

    /// <summary>
    /// Lets a trial make the step after an evaluation only once the stopping rule has judged that evaluation, and, if it decided against the trial, only if
    /// it changed its mind: training takes longer than the news.
    /// </summary>
    private void HoldUntilJudged(string id) => platform.Runner.OnStep(id, (trial, step, stop) =>
    {
        var (number, pass) = (trial.Id.Number, 20 * ((int)step - 1));
        while (!stop.IsCancellationRequested)
        {
            var row = platform.Store.LoadSweepRowAsync(id, CancellationToken.None).GetAwaiter().GetResult()!;
            var rungs = row.Search.Rungs;
            var judged = pass == 0 || !IsJudged(row.Spec.Stopping!, pass) || rungs?.Values.GetValueOrDefault(pass)?.ContainsKey(number) == true;
            if (judged && rungs?.Paused.ContainsKey(number) != true && rungs?.Ending.ContainsKey(number) != true)
            {
                return;
            }

            stop.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(10));
        }
    });

    private static bool IsJudged(StoppingSpec stopping, int pass) => stopping.Kind == StoppingKind.Median || pass is 20 or 60 or 180;

    private static string NewId() => $"life-{Guid.NewGuid():N}";

    private Task StartAsync(string id, SweepSpec spec) => platform.Grains.GetGrain<ISweepGrain>(id).StartAsync(spec, "test");

    /// <summary>Starts a sweep whose trials wait before a step until they are released or told to stop.</summary>
    private async Task<string> StartHeldAsync(SweepSpec spec, int heldAt)
    {
        var id = NewId();
        platform.Runner.OnStep(id, (_, step, stop) =>
        {
            if (step == heldAt)
            {
                WaitHandle.WaitAny([stop.WaitHandle, ((IAsyncResult)_release.Task).AsyncWaitHandle], TimeSpan.FromSeconds(60));
            }
        });
        await StartAsync(id, spec);
        return id;
    }

    internal static SweepSpec Rates(params double[] rates) => new(
        "rates", "marks", [new ChoiceParameter("learning_rate", [.. rates.Select(ParameterValue.Of)])], new SearchSpec(SearchKind.Grid), new Objective());
}
