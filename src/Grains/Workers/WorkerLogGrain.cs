using System.Collections.Immutable;
using MlTr.Abstractions.Workers;
using MlTr.Grains.Placement;

namespace MlTr.Grains.Workers;

/// <summary>Keeps the newest lines in memory for as long as its supervisor is there, and hands new ones to who watches. Lost with its silo, and then sent again.</summary>
[ControlSilo]
internal sealed class WorkerLogGrain : Grain, IWorkerLogGrain, IWorkerLogWriter
{
    private readonly WorkerLogRing _ring = new();
    private readonly LiveHub<WorkerLog> _hub = new();
    private string? _supervisor;

    public IAsyncEnumerable<WorkerLog> WatchAsync(CancellationToken cancellationToken) => _hub.WatchAsync([new WorkerLog(_supervisor, _ring.After(0))], cancellationToken);

    public Task<long> AppendAsync(string supervisor, long after, ImmutableArray<WorkerLogLine> lines)
    {
        var isNew = _supervisor != supervisor;
        _supervisor = supervisor;
        if (after == 0 || after == _ring.Last)
        {
            var added = lines.Where(_ring.Add).ToImmutableArray();
            if (!added.IsEmpty || isNew)
            {
                _hub.Publish(new WorkerLog(supervisor, added));
            }
        }

        return Task.FromResult(_ring.Last);
    }
}
