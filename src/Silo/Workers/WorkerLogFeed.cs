using System.Collections.Immutable;
using MlTr.Abstractions.Workers;
using MlTr.Grains.Workers;

namespace MlTr.Silo.Workers;

/// <summary>
/// The log of one worker over all its processes: keeps the newest lines and sends them to the worker's log grain, where every page finds them. A grain
/// that has lost them, with its silo, gets all of them again.
/// </summary>
internal sealed class WorkerLogFeed(IWorkerLogWriter grain, TimeProvider clock)
{
    // A page that follows a log sees a line within this time; a grain on a new silo knows of the supervisor after the longer one.
    private static readonly TimeSpan SendEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan PresentEvery = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly WorkerLogRing _ring = new();
    private long _next = clock.GetUtcNow().ToUnixTimeMilliseconds(); // so that a later supervisor's numbers are higher, without having to ask
    private long _known;

    /// <summary>Reads one stream of a process.</summary>
    public WorkerLogReader ReaderFor(int processId, string plainLevel) => new(plainLevel, (level, text) => Add(processId, level, text));

    /// <summary>Sends what is new, until stopped. A grain that cannot be reached is tried again.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var presented = long.MinValue;
        using var timer = new PeriodicTimer(SendEvery, clock);
        try
        {
            do
            {
                if (_ring.Last != _known || presented == long.MinValue || clock.GetElapsedTime(presented) > PresentEvery)
                {
                    presented = await TrySendAsync() ? clock.GetTimestamp() : presented;
                }
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    /// <summary>Sends what the grain lacks.</summary>
    /// <returns>Whether it was reached.</returns>
    internal async Task<bool> TrySendAsync()
    {
        try
        {
            if (!await SendAsync(_ring.After(_known)))
            {
                _known = 0;
                await SendAsync(_ring.After(0));
            }

            return true;
        }
#pragma warning disable CA1031 // a log that is not shown is no reason to stop supervising
        catch (Exception)
#pragma warning restore CA1031
        {
            return false;
        }
    }

    private async Task<bool> SendAsync(ImmutableArray<WorkerLogLine> lines)
    {
        var last = lines.IsEmpty ? _known : lines[^1].Number;
        var isThere = await grain.AppendAsync(Environment.MachineName, _known, lines) >= last;
        _known = isThere ? last : _known;
        return isThere;
    }

    private void Add(int processId, string level, string text)
    {
        lock (_gate)
        {
            _ring.Add(new WorkerLogLine(_next++, processId, clock.GetUtcNow(), level, text));
        }
    }
}
