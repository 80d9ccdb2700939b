using System.Collections.Immutable;
using MlTr.Abstractions.Workers;

namespace MlTr.Abstractions.Client;

public partial interface IMlTrClient
{
    /// <summary>Gives a worker no new trial; the one that it runs it brings to its end. Kept until it is resumed, over restarts of everything.</summary>
    /// <exception cref="KeyNotFoundException">No worker of that name has called in.</exception>
    Task DrainWorkerAsync(string workerId, string by = "client");

    /// <summary>Gives a drained worker trials again; any other is left as it is.</summary>
    Task ResumeWorkerAsync(string workerId, string by = "client");

    /// <summary>How much of the last hour and day each worker that has called in had work, by id.</summary>
    Task<ImmutableArray<WorkerUtilisation>> GetWorkerUtilisationAsync();

    /// <summary>What a worker ran, and what happened to it.</summary>
    /// <exception cref="KeyNotFoundException">Nothing is known of a worker of that name.</exception>
    Task<WorkerHistory> GetWorkerHistoryAsync(string workerId);

    /// <summary>The newest lines of a worker's log, then those that come, until cancelled.</summary>
    IAsyncEnumerable<WorkerLog> WatchWorkerLogAsync(string workerId, CancellationToken cancellationToken = default);
}

public sealed partial class MlTrClient
{
    /// <inheritdoc />
    public Task DrainWorkerAsync(string workerId, string by = "client") => Scheduler.DrainAsync(workerId, by);

    /// <inheritdoc />
    public Task ResumeWorkerAsync(string workerId, string by = "client") => Scheduler.ResumeAsync(workerId, by);

    /// <inheritdoc />
    public Task<ImmutableArray<WorkerUtilisation>> GetWorkerUtilisationAsync() => Scheduler.GetUtilisationAsync();

    /// <inheritdoc />
    public Task<WorkerHistory> GetWorkerHistoryAsync(string workerId) => Scheduler.GetWorkerHistoryAsync(workerId);

    /// <inheritdoc />
    public IAsyncEnumerable<WorkerLog> WatchWorkerLogAsync(string workerId, CancellationToken cancellationToken = default) =>
        grains.GetGrain<IWorkerLogGrain>(workerId).WatchAsync(cancellationToken);
}
