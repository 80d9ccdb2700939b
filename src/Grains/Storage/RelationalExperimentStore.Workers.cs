using System.Collections.Immutable;
using Microsoft.EntityFrameworkCore;
using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;

namespace MlTr.Grains.Storage;

internal abstract partial class RelationalExperimentStore
{
    // A worker that dies at every start must not fill the disk.
    internal const int MaxWorkerEvents = 200;

    public Task<ImmutableArray<DrainedWorker>> ListDrainedWorkersAsync(CancellationToken cancellationToken = default) =>
        ReadAsync<ImmutableArray<DrainedWorker>>(
            reader => [.. reader.Context.DrainedWorkers.AsNoTracking().OrderBy(row => row.WorkerId).AsEnumerable().Select(row => new DrainedWorker(row.WorkerId, row.By, row.Time))],
            cancellationToken);

    public Task SaveDrainedWorkerAsync(DrainedWorker worker, CancellationToken cancellationToken = default) => PutAsync(session =>
    {
        var workers = session.Context.DrainedWorkers;
        if (workers.Find(worker.WorkerId) is not { } row)
        {
            row = workers.Add(new() { WorkerId = worker.WorkerId }).Entity;
            Add(session, new WorkerEvent(worker.Time, worker.WorkerId, WorkerEventKind.Drained, "gets no new trial", worker.By));
        }

        (row.By, row.Time) = (worker.By, worker.Time);
        session.Context.SaveChanges();
    }, cancellationToken);

    public Task RemoveDrainedWorkerAsync(DrainedWorker worker, CancellationToken cancellationToken = default) => WriteAsync(session =>
    {
        if (session.Context.DrainedWorkers.Where(row => row.WorkerId == worker.WorkerId).ExecuteDelete() > 0)
        {
            Add(session, new WorkerEvent(worker.Time, worker.WorkerId, WorkerEventKind.Resumed, "gets trials again", worker.By));
            session.Context.SaveChanges();
        }
    }, cancellationToken);

    public Task AddWorkerEventAsync(WorkerEvent happened, CancellationToken cancellationToken = default) => WriteAsync(session =>
    {
        Add(session, happened);
        session.Context.SaveChanges();
    }, cancellationToken);

    public Task<ImmutableArray<WorkerEvent>> ListWorkerEventsAsync(string workerId, CancellationToken cancellationToken = default) =>
        ReadAsync<ImmutableArray<WorkerEvent>>(
            reader => [.. Events(reader.Context, workerId).AsNoTracking().AsEnumerable().Select(row => row.ToSnapshot())], cancellationToken);

    public Task<ImmutableArray<WorkerRun>> ListWorkerRunsAsync(string workerId, int take, CancellationToken cancellationToken = default) =>
        ReadAsync<ImmutableArray<WorkerRun>>(reader =>
        {
            var attempts = reader.Context.Attempts.AsNoTracking().Where(row => row.Worker == workerId)
                .OrderByDescending(row => row.StartedAt).ThenByDescending(row => row.TrialKey).Take(take)
                .Join(reader.Context.Trials, attempt => attempt.TrialKey, trial => trial.TrialKey, (attempt, trial) => new { Attempt = attempt, trial.SweepId, trial.Number })
                .AsEnumerable()
                .Select(row => new WorkerRun(
                    new(row.SweepId, row.Number), null, row.Attempt.Number, row.Attempt.State, row.Attempt.StartedAt, row.Attempt.EndedAt, row.Attempt.Reason));
            var parts = reader.Context.EvaluationParts.AsNoTracking().Where(row => row.Worker == workerId && row.StartedAt != null)
                .OrderByDescending(row => row.StartedAt).ThenBy(row => row.EvaluationId).ThenBy(row => row.Number).Take(take).AsEnumerable()
                .Select(row => RunOf(new PartId(row.EvaluationId, row.Number), row));
            return [.. attempts.Concat(parts).OrderByDescending(run => run.StartedAt).Take(take)];
        }, cancellationToken);

    public Task<ImmutableArray<WorkSpan>> ListWorkSpansAsync(DateTimeOffset since, CancellationToken cancellationToken = default) =>
        ReadAsync<ImmutableArray<WorkSpan>>(reader =>
        {
            var attempts = reader.Context.Attempts.Where(row => row.EndedAt == null || row.EndedAt >= since).Select(row => new { row.Worker, row.StartedAt, row.EndedAt }).AsEnumerable()
                .Select(row => new WorkSpan(row.Worker, row.StartedAt, row.EndedAt));
            var parts = reader.Context.EvaluationParts.Where(row => row.StartedAt != null && row.Worker != null && (row.EndedAt == null || row.EndedAt >= since))
                .Select(row => new { row.Worker, row.StartedAt, row.EndedAt }).AsEnumerable()
                .Select(row => new WorkSpan(row.Worker!, row.StartedAt!.Value, row.EndedAt));
            return [.. attempts, .. parts];
        }, cancellationToken);

    private static WorkerRun RunOf(PartId part, EvaluationPartEntity row) => new(
        part.Trial,
        part,
        0,
        row.State switch
        {
            PartState.Done => AttemptState.Completed,
            PartState.Running => AttemptState.Running,
            _ => AttemptState.Yielded,
        },
        row.StartedAt!.Value,
        row.EndedAt,
        row.State == PartState.Waiting ? "ended without its pictures" : null);

    private static IQueryable<WorkerEventEntity> Events(StoreContext context, string workerId) =>
        context.WorkerEvents.Where(row => row.WorkerId == workerId).OrderByDescending(row => row.Number);

    private static void Add(WriteSession session, WorkerEvent happened)
    {
        var oldest = Events(session.Context, happened.WorkerId).Skip(MaxWorkerEvents - 1).Select(row => row.Number).FirstOrDefault();
        session.Context.WorkerEvents.Where(row => row.WorkerId == happened.WorkerId && row.Number <= oldest).ExecuteDelete();
        session.Context.WorkerEvents.Add(WorkerEventEntity.New(happened));
    }
}
