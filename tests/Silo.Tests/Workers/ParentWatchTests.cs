using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using MlTr.Silo.Workers;

namespace MlTr.Silo.Tests.Workers;

public sealed class ParentWatchTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task StopLine_AsksForAStop_AndLeavesTheEndToTheHost()
    {
        using var lifetime = new FakeLifetime();
        var exits = 0;
        using var watch = Watch(lifetime, "noise\nstop\n", TimeSpan.Zero, () => exits++);

        await watch.StartAsync(TestContext.Current.CancellationToken);
        await lifetime.Stopping.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.Equal(0, exits);
    }

    [Fact]
    public async Task EndOfInput_AsksForAStop_AndEndsTheProcessIfThatTakesTooLong()
    {
        using var lifetime = new FakeLifetime();
        var exit = new TaskCompletionSource();
        using var watch = Watch(lifetime, "noise\n", TimeSpan.FromMilliseconds(50), exit.SetResult);

        await watch.StartAsync(TestContext.Current.CancellationToken);

        await lifetime.Stopping.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        await exit.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    private static ParentWatch Watch(FakeLifetime lifetime, string input, TimeSpan patience, Action exit) =>
        new(lifetime, new StringReader(input), patience, exit, NullLogger<ParentWatch>.Instance);

    private sealed class FakeLifetime : IHostApplicationLifetime, IDisposable
    {
        public TaskCompletionSource Stopping { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationToken ApplicationStarted => new(canceled: true);

        public CancellationToken ApplicationStopping => default;

        public CancellationToken ApplicationStopped => default;

        public void StopApplication() => Stopping.TrySetResult();

        public void Dispose() => Stopping.TrySetResult();
    }
}
