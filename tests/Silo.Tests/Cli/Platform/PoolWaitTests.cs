using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;
using MlTr.Silo.Cli.Platform;

namespace MlTr.Silo.Tests.Cli.Platform;

public sealed class PoolWaitTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 17, 45, 0, TimeSpan.Zero);
    private static readonly SweepSpec Spec = SweepTemplates.FirstSweep;
    private static readonly QueueEntry Waits = new(new TrialId("s", 1), "every worker is busy");

    [Fact]
    public void Of_NoWorker_SaysWhereTheyComeFrom() => Assert.Contains("no worker is there", PoolWait.Of(new([Waits], [Worker("cpu-0") with { State = WorkerState.Lost }]), "s", Spec), StringComparison.Ordinal);

    [Fact]
    public void Of_EveryWorkerDrained_NamesTheVerbAndAllOfThem()
    {
        Assert.Equal("waits: its only worker is drained; worker resume cpu-0 lets it work again", PoolWait.Of(new([Waits], [Drained("cpu-0")]), "s", Spec));
        Assert.Equal("waits: all 2 workers are drained; worker resume cpu-0 lets that one work again, as for cpu-1", PoolWait.Of(new([Waits], [Drained("cpu-0"), Drained("cpu-1")]), "s", Spec));
    }

    [Fact]
    public void Of_Labels_LooksAtTheWorkersThatHaveThem()
    {
        var picky = Spec with { WorkerLabels = "gpu=h100" };

        Assert.Contains("no worker has the labels gpu=h100", PoolWait.Of(new([Waits], [Worker("cpu-0")]), "s", picky), StringComparison.Ordinal);
        Assert.Contains("worker resume big", PoolWait.Of(new([Waits], [Worker("cpu-0"), Drained("big") with { Labels = "device=cuda, gpu=h100" }]), "s", picky), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_AWorkerIsOnlyBusyOrNothingWaits_IsNothing()
    {
        Assert.Null(PoolWait.Of(new([Waits], [Drained("cpu-0"), Worker("cpu-1")]), "s", Spec));
        Assert.Null(PoolWait.Of(new([Waits], [Drained("cpu-0")]), "another", Spec));
        Assert.Null(PoolWait.Of(new([], []), "s", Spec));
    }

    internal static WorkerSnapshot Worker(string id) => new(id, "cpu", "CPU, 2 threads", WorkerState.Busy, null, 42, "box", Start, Start, 0, 1 << 20, 0);

    internal static WorkerSnapshot Drained(string id) => Worker(id) with { DrainedBy = "ada" };
}
