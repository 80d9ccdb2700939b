using System.Collections.Immutable;
using MlTr.Abstractions.Workers;

namespace MlTr.Silo.Hosting;

internal sealed partial class StoppingClient
{
    public Task DrainWorkerAsync(string workerId, string by = "client") => client.DrainWorkerAsync(workerId, by);

    public Task ResumeWorkerAsync(string workerId, string by = "client") => client.ResumeWorkerAsync(workerId, by);

    public Task<ImmutableArray<WorkerUtilisation>> GetWorkerUtilisationAsync() => client.GetWorkerUtilisationAsync();

    public Task<WorkerHistory> GetWorkerHistoryAsync(string workerId) => client.GetWorkerHistoryAsync(workerId);

    public IAsyncEnumerable<WorkerLog> WatchWorkerLogAsync(string workerId, CancellationToken cancellationToken = default) =>
        UntilStop(token => client.WatchWorkerLogAsync(workerId, token), cancellationToken);
}
