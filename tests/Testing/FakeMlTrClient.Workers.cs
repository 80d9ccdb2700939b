using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using MlTr.Abstractions.Workers;

namespace MlTr.Testing;

public sealed partial class FakeMlTrClient
{
    public ConcurrentDictionary<string, WorkerUtilisation> Utilisation { get; } = [];

    public ConcurrentDictionary<string, WorkerHistory> WorkerHistories { get; } = [];

    public ConcurrentDictionary<string, WorkerLog> WorkerLogs { get; } = [];

    public Task DrainWorkerAsync(string workerId, string by = "client") => DrainAsync($"drain {workerId}", workerId, by);

    public Task ResumeWorkerAsync(string workerId, string by = "client") => DrainAsync($"resume {workerId}", workerId, null);

    public Task<ImmutableArray<WorkerUtilisation>> GetWorkerUtilisationAsync()
    {
        ThrowIfFailing();
        return Task.FromResult(Utilisation.Values.OrderBy(worker => worker.WorkerId, StringComparer.Ordinal).ToImmutableArray());
    }

    public Task<WorkerHistory> GetWorkerHistoryAsync(string workerId)
    {
        ThrowIfFailing();
        return WorkerHistories.TryGetValue(workerId, out var history) || Scheduler.Workers.Any(worker => worker.Id == workerId)
            ? Task.FromResult(history ?? new WorkerHistory([], [], []))
            : throw new KeyNotFoundException($"Nothing is known of a worker '{workerId}'.");
    }

    public async IAsyncEnumerable<WorkerLog> WatchWorkerLogAsync(string workerId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ImmutableArray<(string, WorkerLog)> now = [(workerId, WorkerLogs.GetValueOrDefault(workerId, new WorkerLog(null, [])))];
        await foreach (var (_, log) in WatchAsync<(string WorkerId, WorkerLog Log)>(one => one.WorkerId == workerId, now, cancellationToken))
        {
            yield return log;
        }
    }

    /// <summary>Lines that a worker just wrote.</summary>
    public void Publish(string workerId, WorkerLog log) => Tell((workerId, log));

    private async Task DrainAsync(string asked, string workerId, string? by)
    {
        await Ask(asked);
        Publish(Scheduler with { Workers = [.. Scheduler.Workers.Select(worker => worker.Id == workerId ? worker with { DrainedBy = by } : worker)] });
    }
}
