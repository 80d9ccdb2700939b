using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;
using MlTr.Grains.Scheduling;
using MlTr.Grains.Tests.Sweeps;
using Orleans.Core.Internal;

namespace MlTr.Grains.Tests.Scheduling;

/// <summary>On a cluster of its own: the others' sweeps need their workers.</summary>
public sealed class DrainTests
{
    [Fact]
    public async Task Drain_AWorkerEndsItsTrialAndGetsNoOther_AlsoAfterANewScheduler_UntilItIsResumed()
    {
        await using var platform = new PlatformFixture();
        await platform.InitializeAsync();
        var release = new TaskCompletionSource();
        platform.Runner.OnStep("drain", (_, step, stop) =>
        {
            if (step == 5)
            {
                WaitHandle.WaitAny([stop.WaitHandle, ((IAsyncResult)release.Task).AsyncWaitHandle], TimeSpan.FromSeconds(60));
            }
        });
        await platform.Grains.GetGrain<ISweepGrain>("drain").StartAsync(SweepLifecycleTests.Rates(0.1, 0.2, 0.3), "test");
        await platform.UntilAsync("drain", sweep => sweep.Counts.GetValueOrDefault(TrialState.Running) == 2);

        await platform.Client.DrainWorkerAsync("w1", "ada");
        await platform.Client.DrainWorkerAsync("w2", "ada");
        release.SetResult();
        await platform.UntilAsync("drain", sweep => sweep.Counts.GetValueOrDefault(TrialState.Completed) == 2);
        await platform.Grains.GetGrain<ISchedulerGrain>(ISchedulerGrain.DefaultPool).AsReference<IGrainManagementExtension>().DeactivateOnIdle(TestContext.Current.CancellationToken);
        var pool = await UntilAsync(platform, now => now.Workers.Count(worker => worker is { State: WorkerState.Idle, DrainedBy: "ada" }) == 2);
        var waits = pool.Queue.Single();

        await platform.Client.ResumeWorkerAsync("w2", "bob");
        var done = await platform.UntilAsync("drain", sweep => sweep.IsFinal);

        Assert.Equal((new TrialId("drain", 3), "every worker that could run it is drained"), (waits.Trial, waits.Reason));
        Assert.Equal(SweepState.Completed, done.State);
        Assert.Equal("w2", (await platform.Client.GetTrialAsync(waits.Trial)).Trial.Worker);
        Assert.All(await platform.Client.GetTrialsAsync("drain"), trial => Assert.Equal(1, trial.Attempts));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => platform.Client.DrainWorkerAsync("nobody"));
        var history = await platform.Client.GetWorkerHistoryAsync("w2");
        Assert.Equal([(WorkerEventKind.Resumed, "bob"), (WorkerEventKind.Drained, "ada")], history.Events.Select(happened => (happened.Kind, happened.By)));
        Assert.Contains(waits.Trial, history.Runs.Select(run => run.Trial));
        Assert.All(history.Runs, run => Assert.Equal(AttemptState.Completed, run.State));
        Assert.NotEmpty(history.Memory);
        Assert.All(history.Memory, sample => Assert.True(sample.Bytes > 0));
        var used = await platform.Client.GetWorkerUtilisationAsync();
        Assert.Equal(["w1", "w2"], used.Select(worker => worker.WorkerId));
        Assert.All(used, worker => Assert.InRange(worker.Hour.Share, 1e-9, 1));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => platform.Client.GetWorkerHistoryAsync("nobody"));
    }

    [Fact]
    public async Task Workers_WhoseActivationsTheClusterDropped_GoOnTakingTrials()
    {
        await using var platform = new PlatformFixture();
        await platform.InitializeAsync();
        await UntilAsync(platform, now => now.Workers.Length == 2);
        foreach (var worker in (string[])["w1", "w2"])
        {
            await platform.Grains.GetGrain<IWorkerGrain>(worker).AsReference<IGrainManagementExtension>().DeactivateOnIdle(TestContext.Current.CancellationToken);
        }

        await platform.Grains.GetGrain<ISweepGrain>("dropped").StartAsync(SweepLifecycleTests.Rates(0.1, 0.2, 0.3), "test");
        var done = await platform.UntilAsync("dropped", sweep => sweep.IsFinal);

        Assert.Equal(SweepState.Completed, done.State);
    }

    [Fact]
    public async Task Supervisor_TellsOfAnExitAndARestart_BothAreKeptWithTheirReason()
    {
        await using var platform = new PlatformFixture();
        await platform.InitializeAsync();
        await UntilAsync(platform, now => now.Workers.Length == 2);
        var scheduler = platform.Grains.GetGrain<ISchedulerWorkers>(ISchedulerGrain.DefaultPool);

        await scheduler.WorkerExitedAsync("w1", "process 7 was ended by signal 9", asked: false);
        await scheduler.WorkerRestartedAsync("w1", 1);
        await scheduler.WorkerExitedAsync("w2", "stopped with the platform", asked: true);

        var events = (await platform.Client.GetWorkerHistoryAsync("w1")).Events;
        Assert.Equal(
            [(WorkerEventKind.Restarted, "restart 1 since the platform started: process 7 was ended by signal 9"), (WorkerEventKind.Lost, "process 7 was ended by signal 9")],
            events.Select(happened => (happened.Kind, happened.Reason)));
        Assert.Empty((await platform.Client.GetWorkerHistoryAsync("w2")).Events);
    }

    private static async Task<SchedulerSnapshot> UntilAsync(PlatformFixture platform, Func<SchedulerSnapshot, bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await foreach (var pool in platform.Client.WatchSchedulerAsync(limit.Token))
        {
            if (condition(pool))
            {
                return pool;
            }
        }

        throw new InvalidOperationException("The stream of the scheduler ended.");
    }
}
