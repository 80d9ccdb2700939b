using System.Collections.Immutable;
using Microsoft.EntityFrameworkCore;

namespace MlTr.Grains.Storage;

internal abstract partial class RelationalExperimentStore
{
    public Task<ImmutableArray<DrainedWorker>> ListDrainedWorkersAsync(CancellationToken cancellationToken = default) =>
        ReadAsync<ImmutableArray<DrainedWorker>>(
            reader => [.. reader.Context.DrainedWorkers.AsNoTracking().OrderBy(row => row.WorkerId).AsEnumerable().Select(row => new DrainedWorker(row.WorkerId, row.By, row.Time))],
            cancellationToken);

    public Task SaveDrainedWorkerAsync(DrainedWorker worker, CancellationToken cancellationToken = default) => PutAsync(session =>
    {
        var workers = session.Context.DrainedWorkers;
        var row = workers.Find(worker.WorkerId) ?? workers.Add(new() { WorkerId = worker.WorkerId }).Entity;
        (row.By, row.Time) = (worker.By, worker.Time);
        session.Context.SaveChanges();
    }, cancellationToken);

    public Task RemoveDrainedWorkerAsync(string workerId, CancellationToken cancellationToken = default) =>
        WriteAsync(session => session.Context.DrainedWorkers.Where(row => row.WorkerId == workerId).ExecuteDelete(), cancellationToken);
}
