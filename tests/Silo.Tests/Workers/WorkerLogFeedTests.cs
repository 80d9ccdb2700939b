using System.Collections.Immutable;
using MlTr.Abstractions.Workers;
using MlTr.Grains.Workers;
using MlTr.Silo.Workers;

namespace MlTr.Silo.Tests.Workers;

public sealed class WorkerLogFeedTests
{
    private readonly FakeLogGrain _grain = new();

    [Fact]
    public async Task Send_OfTwoProcessesAndBothStreams_InTheirOrder_EachOnce()
    {
        var feed = new WorkerLogFeed(_grain, TimeProvider.System);
        feed.ReaderFor(7, "info").Read("first");
        feed.ReaderFor(7, "error").Read("second");
        Assert.True(await feed.TrySendAsync());
        feed.ReaderFor(8, "info").Read("third");
        Assert.True(await feed.TrySendAsync());
        Assert.True(await feed.TrySendAsync()); // nothing new: only says that it is there

        Assert.Equal([(7, "info", "first"), (7, "error", "second"), (8, "info", "third")], _grain.Ring.After(0).Select(line => (line.ProcessId, line.Level, line.Text)));
        Assert.Equal([2, 1, 0], _grain.Sent);
    }

    [Fact]
    public async Task Send_ToAGrainThatLostItsLines_SendsAllThatAreKept()
    {
        var feed = new WorkerLogFeed(_grain, TimeProvider.System);
        var reader = feed.ReaderFor(7, "info");
        for (var line = 1; line <= WorkerLog.MaxLines + 3; line++)
        {
            reader.Read($"line {line}");
        }

        await feed.TrySendAsync();
        _grain.Ring = new WorkerLogRing();
        reader.Read("one more");
        await feed.TrySendAsync();

        var kept = _grain.Ring.After(0);
        Assert.Equal(WorkerLog.MaxLines, kept.Length);
        Assert.Equal(("line 5", "one more"), (kept[0].Text, kept[^1].Text));
    }

    [Fact]
    public async Task Send_ThatFails_IsTriedAgainWithTheSameLines()
    {
        var feed = new WorkerLogFeed(_grain, TimeProvider.System);
        feed.ReaderFor(7, "info").Read("first");
        _grain.Failure = new TimeoutException();

        Assert.False(await feed.TrySendAsync());
        _grain.Failure = null;
        Assert.True(await feed.TrySendAsync());

        Assert.Equal("first", Assert.Single(_grain.Ring.After(0)).Text);
    }

    [Fact]
    public async Task Send_OfALaterSupervisor_FollowsOnTheEarlierOnesLines()
    {
        var clock = new SetClock();
        var first = new WorkerLogFeed(_grain, clock);
        first.ReaderFor(7, "info").Read("before");
        await first.TrySendAsync();
        clock.Now = clock.Now.AddMinutes(1);

        var second = new WorkerLogFeed(_grain, clock);
        second.ReaderFor(9, "info").Read("after");
        await second.TrySendAsync();

        Assert.Equal(["before", "after"], _grain.Ring.After(0).Select(line => line.Text));
    }

    /// <summary>Takes lines as the real grain does.</summary>
    private sealed class FakeLogGrain : IWorkerLogWriter
    {
        public WorkerLogRing Ring { get; set; } = new();

        public List<int> Sent { get; } = [];

        public Exception? Failure { get; set; }

        public Task<long> AppendAsync(string supervisor, long after, ImmutableArray<WorkerLogLine> lines)
        {
            if (Failure is not null)
            {
                throw Failure;
            }

            Sent.Add(lines.Length);
            foreach (var line in after == 0 || after == Ring.Last ? lines : [])
            {
                Ring.Add(line);
            }

            return Task.FromResult(Ring.Last);
        }
    }

    private sealed class SetClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
