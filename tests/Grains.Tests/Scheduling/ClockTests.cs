using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Tests.Sweeps;

namespace MlTr.Grains.Tests.Scheduling;

/// <summary>Leases go by a clock that only runs: that of the wall may be set.</summary>
public sealed class ClockTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Jump_OfTheWallClockByAnHour_NoLeaseEnds(int hours)
    {
        var clock = new JumpingClock();
        await using var platform = new PlatformFixture { Clock = clock };
        await platform.InitializeAsync();
        var release = new TaskCompletionSource();
        platform.Runner.OnStep("clock", (_, step, stop) =>
        {
            if (step == 5)
            {
                WaitHandle.WaitAny([stop.WaitHandle, ((IAsyncResult)release.Task).AsyncWaitHandle], TimeSpan.FromSeconds(60));
            }
        });
        await platform.Grains.GetGrain<ISweepGrain>("clock").StartAsync(SweepLifecycleTests.Rates(0.1, 0.2), "test");
        await platform.UntilAsync("clock", sweep => sweep.Counts.GetValueOrDefault(TrialState.Running) == 2);

        clock.Jump(TimeSpan.FromHours(hours));
        var heard = await ContactsAfterAsync(platform, clock.GetUtcNow());
        release.TrySetResult();
        var done = await platform.UntilAsync("clock", sweep => sweep.IsFinal);

        Assert.Equal(2, heard);
        Assert.Equal((SweepState.Completed, 2), (done.State, done.Counts[TrialState.Completed]));
        Assert.All(await platform.Client.GetTrialsAsync("clock"), trial => Assert.Equal(1, trial.Attempts));
    }

    /// <summary>Waits until the scheduler has heard of all busy workers after the jump, and judged them at least once more.</summary>
    private static async Task<int> ContactsAfterAsync(PlatformFixture platform, DateTimeOffset jumped)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var seen = 0;
        await foreach (var pool in platform.Client.WatchSchedulerAsync(limit.Token))
        {
            var heard = pool.Workers.Count(worker => worker.Trial is not null && worker.LastContact >= jumped && worker.LastContact < jumped.AddMinutes(5));
            if (heard == 2 && ++seen == 3)
            {
                return heard;
            }
        }

        return 0;
    }

    private sealed class JumpingClock : TimeProvider
    {
        private long _offset;

        public void Jump(TimeSpan by) => Interlocked.Add(ref _offset, by.Ticks);

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _offset));
    }
}
