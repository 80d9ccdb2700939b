using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;
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

        await platform.Client.ResumeWorkerAsync("w2");
        var done = await platform.UntilAsync("drain", sweep => sweep.IsFinal);

        Assert.Equal((new TrialId("drain", 3), "every worker that could run it is drained"), (waits.Trial, waits.Reason));
        Assert.Equal(SweepState.Completed, done.State);
        Assert.Equal("w2", (await platform.Client.GetTrialAsync(waits.Trial)).Trial.Worker);
        Assert.All(await platform.Client.GetTrialsAsync("drain"), trial => Assert.Equal(1, trial.Attempts));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => platform.Client.DrainWorkerAsync("nobody"));
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
