using MlTr.Abstractions.Trials;
using MlTr.Grains.Scheduling;

namespace MlTr.Grains.Tests.Scheduling;

public sealed class PoolTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);
    private static readonly TrialId One = new("a", 1);

    [Fact]
    public void Assign_TwoSweeps_SharesFairly()
    {
        var pool = new Pool();
        foreach (var number in Enumerable.Range(1, 3))
        {
            pool.Enqueue(new TrialId("a", number), 0, new QueueRules());
            pool.Enqueue(new TrialId("b", number), 0, new QueueRules());
        }

        var order = Enumerable.Range(0, 4).Select(worker => pool.Assign($"w{worker}", Soon)!.Trial.ToString()).ToList();

        Assert.Equal(["a/1", "b/1", "a/2", "b/2"], order);
    }

    [Fact]
    public void Drain_AWorkerKeepsItsTrial_GetsNoOther_AndIsNobodysVictim()
    {
        var pool = new Pool();
        pool.Enqueue(One, 0, new QueueRules());
        Assert.Equal("w1", pool.Assign("w1", Soon)!.Worker);

        pool.Drain("w1", isDrained: true);
        pool.Enqueue(new TrialId("b", 1), 0, new QueueRules(Priority: 5));

        Assert.Empty(pool.Preempt());
        Assert.True(pool.Renew(One, "w1", 1, Soon));
        pool.Remove(One);
        Assert.Null(pool.Assign("w1", Soon));
        Assert.Equal("every worker that could run it is drained", pool.WaitReason(new TrialId("b", 1), ["w1"], ["w1"]));
        pool.Drain("w1", isDrained: false);
        Assert.NotNull(pool.Assign("w1", Soon));
    }

    [Fact]
    public void Requeue_WithADelay_IsHandedOutOnlyOnceItIsDue_AndNeverTwice()
    {
        var pool = new Pool();
        pool.Enqueue(One, 0, new QueueRules(Priority: 3));
        var lease = pool.Assign("w1", Soon)!;

        pool.Requeue(lease, TimeSpan.FromSeconds(10));
        pool.Enqueue(One, lease.Epoch, new QueueRules(Priority: 3)); // its sweep lists what waits

        Assert.Null(pool.Assign("w1", Soon));
        Assert.Equal([One], pool.Queue);
        Assert.Contains("delay", pool.WaitReason(One, ["w1"], ["w1"]), StringComparison.Ordinal);
        Assert.False(pool.Wake(TimeSpan.FromSeconds(9)));
        Assert.True(pool.Wake(TimeSpan.FromSeconds(10)));
        Assert.Equal(lease.Epoch + 1, pool.Assign("w1", Soon)!.Epoch);
        Assert.Empty(pool.Queue);
    }

    [Fact]
    public void Stop_WhileATrialIsDelayed_ForgetsIt()
    {
        var pool = new Pool();
        pool.Enqueue(One, 0, new QueueRules());
        pool.Requeue(pool.Assign("w1", Soon)!, TimeSpan.FromSeconds(10));

        pool.Stop(One.SweepId, "enough");

        Assert.False(pool.Wake(TimeSpan.FromSeconds(10)));
        Assert.Empty(pool.Queue);
    }

    [Fact]
    public void Assign_SweepAtItsLimit_WaitsAndSaysSo()
    {
        var pool = new Pool();
        pool.Enqueue(One, 0, new QueueRules(MaxParallelTrials: 1));
        pool.Enqueue(new TrialId("a", 2), 0, new QueueRules(MaxParallelTrials: 1));
        pool.Assign("w1", Soon);

        var second = pool.Assign("w2", Soon);

        Assert.Null(second);
        Assert.Contains("at most 1", pool.WaitReason(new TrialId("a", 2), ["w1", "w2"], ["w2"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Assign_SweepThatAsksForLabels_GoesToAWorkerThatHasThem_AndSaysSoWhileNoneDoes()
    {
        var pool = new Pool();
        pool.Know("small", "device=cpu");
        pool.Know("big", "device=cuda, gpu=H100");
        pool.Enqueue(One, 0, new QueueRules(Labels: "gpu=h100"));

        Assert.Null(pool.Assign("small", Soon));
        Assert.Null(pool.Assign("unknown", Soon));
        Assert.Equal("no worker has the labels gpu=h100", pool.WaitReason(One, ["small"], ["small"]));
        Assert.Equal("every worker with the labels gpu=h100 is busy", pool.WaitReason(One, ["small", "big"], ["small"]));
        Assert.Equal(One, pool.Assign("big", Soon)!.Trial);
    }

    [Fact]
    public void Preempt_TrialsOnWorkersWithoutTheLabels_AreLeftAlone()
    {
        var pool = new Pool();
        pool.Know("small", "device=cpu");
        pool.Know("big", "gpu=h100");
        foreach (var worker in new[] { "small", "big" })
        {
            pool.Enqueue(new TrialId(worker, 1), 0, new QueueRules());
            pool.Assign(worker, Soon);
        }

        pool.Enqueue(One, 0, new QueueRules(Priority: 5, Labels: "gpu=h100"));
        pool.Enqueue(new TrialId("a", 2), 0, new QueueRules(Priority: 5, Labels: "gpu=h100"));

        Assert.Equal("big", Assert.Single(pool.Preempt()).Worker);
        Assert.Empty(pool.Preempt());
    }

    [Fact]
    public void Renew_AnInheritedLease_ItsWorkerIsHeardOfNow()
    {
        var pool = new Pool();
        pool.Adopt(new Lease(One, "w1", 3, Soon, IsInherited: true));

        Assert.True(pool.Find(One)!.IsInherited);
        Assert.True(pool.Renew(One, "w1", 3, Soon));
        Assert.False(pool.Find(One)!.IsInherited);
    }

    [Fact]
    public void Requeue_ThenAssign_RaisesTheEpoch()
    {
        var pool = new Pool();
        pool.Enqueue(One, 4, new QueueRules());
        var first = pool.Assign("w1", Soon)!;

        pool.Requeue(first);
        var second = pool.Assign("w2", Soon)!;

        Assert.Equal((5, 6), (first.Epoch, second.Epoch));
        Assert.False(pool.Renew(One, "w1", first.Epoch, Soon));
        Assert.True(pool.Renew(One, "w2", second.Epoch, Soon));
    }

    [Fact]
    public void Enqueue_LeasedTrial_IsNotHandedOutTwice()
    {
        var pool = new Pool();
        pool.Enqueue(One, 0, new QueueRules());
        pool.Assign("w1", Soon);

        pool.Enqueue(One, 0, new QueueRules());

        Assert.Null(pool.Assign("w2", Soon));
    }

    [Fact]
    public void Adopt_OlderEpochThanHandedOut_IsRefused()
    {
        var pool = new Pool();
        pool.Enqueue(One, 0, new QueueRules());
        pool.Requeue(pool.Assign("w1", Soon)!);
        pool.Assign("w2", Soon);

        Assert.False(pool.Adopt(new Lease(One, "w1", 1, Soon)));
        Assert.Equal("w2", Assert.Single(pool.Leases).Worker);
    }

    [Fact]
    public void Expired_OnlyPastTheDeadline()
    {
        var pool = new Pool();
        pool.Enqueue(One, 0, new QueueRules());
        pool.Assign("w1", Soon);

        Assert.Empty(pool.Expired(Soon - TimeSpan.FromTicks(1)));
        Assert.Single(pool.Expired(Soon));
    }

    [Fact]
    public void Stop_DropsTheQueueAndMarksLeases()
    {
        var pool = new Pool();
        pool.Enqueue(One, 0, new QueueRules());
        pool.Enqueue(new TrialId("a", 2), 0, new QueueRules());
        pool.Assign("w1", Soon);

        pool.Stop("a", "enough");

        Assert.Empty(pool.Queue);
        Assert.Equal("enough", Assert.Single(pool.Leases).StopReason);
    }

    [Fact]
    public void Assign_HigherPriority_GoesFirst()
    {
        var pool = new Pool();
        pool.Enqueue(One, 0, new QueueRules());
        pool.Enqueue(new TrialId("b", 1), 0, new QueueRules(Priority: 1));

        Assert.Equal("b/1", pool.Assign("w1", Soon)!.Trial.ToString());
    }

    [Fact]
    public void Preempt_OneWaitingOfHigherPriority_AsksOneOfTheLowerOnceOnly()
    {
        var pool = new Pool();
        pool.Enqueue(One, 0, new QueueRules());
        pool.Enqueue(new TrialId("a", 2), 0, new QueueRules());
        pool.Assign("w1", Soon);
        pool.Assign("w2", Soon);
        pool.Enqueue(new TrialId("b", 1), 0, new QueueRules(Priority: 1));

        var asked = Assert.Single(pool.Preempt());

        Assert.Equal("a/2", asked.Trial.ToString());
        Assert.Contains("priority 1 over 0", asked.YieldReason, StringComparison.Ordinal);
        Assert.Empty(pool.Preempt());
    }

    [Fact]
    public void Pause_WaitingAndLeased_NothingStartsUntilResumed()
    {
        var pool = new Pool();
        pool.Enqueue(One, 0, new QueueRules());
        pool.Enqueue(new TrialId("a", 2), 0, new QueueRules());
        var lease = pool.Assign("w1", Soon)!;

        pool.Pause("a", "lunch");

        Assert.Equal("lunch", pool.Find(One)!.YieldReason);
        pool.Requeue(lease);
        Assert.Null(pool.Assign("w1", Soon));
        Assert.Equal("its sweep is paused", pool.WaitReason(One, ["w1"], ["w1"]));
        pool.Resume("a");
        Assert.Equal((One, 2L), (pool.Assign("w1", Soon)!.Trial, pool.Find(One)!.Epoch));
    }
}
