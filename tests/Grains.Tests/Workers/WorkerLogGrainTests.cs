using MlTr.Abstractions.Workers;
using MlTr.Grains.Workers;
using Orleans.Core.Internal;

namespace MlTr.Grains.Tests.Workers;

public sealed class WorkerLogGrainTests(PlatformFixture platform)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Watch_GivesWhatIsKnown_ThenEveryNewLineOnce()
    {
        var writer = platform.Grains.GetGrain<IWorkerLogWriter>("log-watch");
        await writer.AppendAsync("box", 0, [Line(1), Line(2)]);
        await using var lines = platform.Client.WatchWorkerLogAsync("log-watch", Token).GetAsyncEnumerator(Token);
        Assert.True(await lines.MoveNextAsync());
        var first = lines.Current;

        var last = await writer.AppendAsync("box", 2, [Line(3)]);
        var repeated = await writer.AppendAsync("box", 0, [Line(2), Line(3)]);
        await writer.AppendAsync("box", 3, [Line(4)]);
        Assert.True(await lines.MoveNextAsync());
        var second = lines.Current;
        Assert.True(await lines.MoveNextAsync());

        Assert.Equal("box", first.Supervisor);
        Assert.Equal([Line(1), Line(2)], first.Lines);
        Assert.Equal((3, 3), (last, repeated));
        Assert.Equal([Line(3)], second.Lines);
        Assert.Equal([Line(4)], lines.Current.Lines);
    }

    [Fact]
    public async Task Append_AfterTheGrainLostItsLines_IsRefusedUntilAllAreSent()
    {
        var writer = platform.Grains.GetGrain<IWorkerLogWriter>("log-lost");
        await writer.AppendAsync("box", 0, [Line(1), Line(2)]);
        await writer.AsReference<IGrainManagementExtension>().DeactivateOnIdle(Token);

        var refused = await writer.AppendAsync("box", 2, [Line(3)]);
        var taken = await writer.AppendAsync("box", 0, [Line(1), Line(2), Line(3)]);

        Assert.Equal((0, 3), (refused, taken));
    }

    [Fact]
    public async Task Watch_AWorkerWithoutSupervisor_SaysSo()
    {
        await using var lines = platform.Client.WatchWorkerLogAsync("log-nobody", Token).GetAsyncEnumerator(Token);

        Assert.True(await lines.MoveNextAsync());
        Assert.Null(lines.Current.Supervisor);
        Assert.Empty(lines.Current.Lines);
    }

    [Fact]
    public void Ring_MoreThanItHolds_DropsTheOldest()
    {
        var ring = new WorkerLogRing();
        for (var number = 1; number <= WorkerLog.MaxLines + 5; number++)
        {
            ring.Add(Line(number));
        }

        Assert.False(ring.Add(Line(7)));
        Assert.Equal(WorkerLog.MaxLines, ring.After(0).Length);
        Assert.Equal(6, ring.After(0)[0].Number);
        Assert.Equal([2_004, 2_005], ring.After(2_003).Select(line => line.Number));
    }

    private static WorkerLogLine Line(long number) => new(number, 42, new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero), "info", $"line {number}");
}
