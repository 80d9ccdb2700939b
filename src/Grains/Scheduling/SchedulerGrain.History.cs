using System.Collections.Immutable;
using MlTr.Abstractions.Workers;
using MlTr.Grains.Storage;

namespace MlTr.Grains.Scheduling;

/// <summary>What workers did: work and events from the store, memory from what they say with each call.</summary>
internal sealed partial class SchedulerGrain
{
    // Every open page asks in the same moment, after a change.
    private static readonly TimeSpan SpansAreFresh = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, MemoryRing> _memory = new(StringComparer.Ordinal);
    private (TimeSpan Asked, Task<ImmutableArray<WorkSpan>> Spans)? _spans;

    public async Task<ImmutableArray<WorkerUtilisation>> GetUtilisationAsync()
    {
        if (_spans is not { } known || Now - known.Asked > SpansAreFresh || known.Spans.IsFaulted)
        {
            _spans = known = (Now, store.ListWorkSpansAsync(clock.GetUtcNow() - UtilisationBins.Day));
        }

        var spans = (await known.Spans).ToLookup(span => span.Worker, StringComparer.Ordinal);
        var now = clock.GetUtcNow();
        return [.. _workers.Keys.Order(StringComparer.Ordinal).Select(worker => UtilisationBins.Of(worker, spans[worker], now))];
    }

    public async Task<WorkerHistory> GetWorkerHistoryAsync(string workerId)
    {
        var runs = await store.ListWorkerRunsAsync(workerId, WorkerHistory.MaxRuns);
        var events = await store.ListWorkerEventsAsync(workerId);
        return _workers.ContainsKey(workerId) || !runs.IsEmpty || !events.IsEmpty
            ? new WorkerHistory(runs, events, _memory.GetValueOrDefault(workerId)?.Samples ?? [])
            : throw new KeyNotFoundException($"Nothing is known of a worker '{workerId}'.");
    }

    private void NoteMemory(WorkerReport report)
    {
        if (!_memory.TryGetValue(report.Id, out var ring))
        {
            _memory[report.Id] = ring = new MemoryRing();
        }

        ring.Add(clock.GetUtcNow(), report.MemoryBytes);
    }

    private Task RecordAsync(string workerId, WorkerEventKind kind, string reason, string by) =>
        store.AddWorkerEventAsync(new WorkerEvent(clock.GetUtcNow(), workerId, kind, reason, by));
}
