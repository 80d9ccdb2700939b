using System.Collections.Immutable;
using Microsoft.EntityFrameworkCore;
using MlTr.Abstractions.Datasets;

namespace MlTr.Grains.Storage;

internal abstract partial class RelationalExperimentStore
{
    public Task SaveSweepAsync(
        SweepRow sweep, ImmutableArray<TrialRow> trials, ImmutableArray<NewEvent> events, CancellationToken cancellationToken = default)
    {
        StoreChecks.OfOneSweep(sweep, trials);
        return WriteAsync(session =>
        {
            var context = session.Context;
            Put(context, sweep);
            PutTrials(context, sweep.Id, trials);
            context.Events.AddRange(events.Select(EventEntity.New));
            context.Deliveries.AddRange(events.Select(added => added.Notice).OfType<Notice>().Select(DeliveryEntity.New));
            Save(context, $"Sweep {sweep.Id}");
        }, cancellationToken);
    }

    public Task RemoveSweepAsync(string sweepId, long version, CancellationToken cancellationToken = default) => WriteAsync(session =>
    {
        var context = session.Context;
        if (context.Sweeps.AsNoTracking().FirstOrDefault(row => row.Id == sweepId) is not { } sweep)
        {
            return;
        }

        if (sweep.Version != version)
        {
            throw new StaleVersionException($"Sweep {sweepId}");
        }

        // No entities, so no key of theirs cascades.
        context.Database.ExecuteSql($"DELETE FROM metrics WHERE trial_key IN (SELECT trial_key FROM trials WHERE sweep_id = {sweepId})");
        context.Database.ExecuteSql($"DELETE FROM log_lines WHERE trial_key IN (SELECT trial_key FROM trials WHERE sweep_id = {sweepId})");
        context.Sweeps.Where(row => row.Id == sweepId).ExecuteDelete();
    }, cancellationToken);

    public Task SaveTrialAsync(TrialChange change, CancellationToken cancellationToken = default)
    {
        StoreChecks.OfOneAttempt(change);
        return WriteAsync(session =>
        {
            var row = change.Row;
            var trialKey = session.Trials.Update(row) ?? throw new StaleVersionException($"Trial {row.Id}");
            if (change.Attempt is not null)
            {
                session.Trials.PutAttempt(trialKey, change.Attempt);
            }

            foreach (var happened in change.Events)
            {
                session.Trials.Add(happened);
            }

            if (!change.Checkpoints.IsEmpty || !change.RemovedCheckpointPaths.IsEmpty)
            {
                PutCheckpoints(session.Context, trialKey, change);
                Save(session.Context, $"Trial {row.Id}");
            }

            if (change is { SupersedesLaterPoints: true, Attempt: { } attempt })
            {
                session.Points.Supersede(trialKey, attempt.Number, attempt.ResumedFromStep);
            }

            session.PointsInserted += session.Points.InsertPoints(trialKey, change.AttemptNumber, change.Points);
            session.Points.InsertLines(trialKey, change.LogLines);
        }, cancellationToken);
    }

    public Task SaveDatasetAsync(DatasetSnapshot dataset, CancellationToken cancellationToken = default) => PutAsync(session =>
    {
        var row = session.Context.Datasets.Find(dataset.Id) ?? session.Context.Datasets.Add(new() { Id = dataset.Id }).Entity;
        row.Take(dataset);
        session.Context.SaveChanges();
    }, cancellationToken);

    public Task SaveShardAsync(string datasetId, ShardSnapshot shard, CancellationToken cancellationToken = default) => PutAsync(session =>
    {
        if (!session.Context.Datasets.Any(row => row.Id == datasetId))
        {
            throw StoreChecks.NoDataset(datasetId);
        }

        var shards = session.Context.Shards;
        var row = shards.Find(datasetId, shard.Split, shard.Number)
            ?? shards.Add(new() { DatasetId = datasetId, Split = shard.Split, Number = shard.Number }).Entity;
        row.Take(shard);
        session.Context.SaveChanges();
    }, cancellationToken);

    /// <summary>Inserts or updates a row without a version; once more if another process inserts it in the same moment.</summary>
    private async Task PutAsync(Action<WriteSession> put, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(put, cancellationToken);
        }
        catch (DbUpdateException error) when (_dialect.IsDuplicateKey(error))
        {
            await WriteAsync(put, cancellationToken);
        }
    }

    private static void Put(StoreContext context, SweepRow sweep)
    {
        var row = context.Sweeps.Find(sweep.Id);
        if ((row?.Version ?? 0) != sweep.Version)
        {
            throw new StaleVersionException($"Sweep {sweep.Id}");
        }

        if (row is null)
        {
            context.Sweeps.Add(SweepEntity.New(sweep));
        }
        else
        {
            row.Take(sweep);
        }
    }

    private static void PutTrials(StoreContext context, string sweepId, ImmutableArray<TrialRow> trials)
    {
        if (trials.IsEmpty)
        {
            return;
        }

        int[] numbers = [.. trials.Select(trial => trial.Id.Number)];
        var known = context.Trials.Where(row => row.SweepId == sweepId && numbers.Contains(row.Number)).ToDictionary(row => row.Number);
        foreach (var trial in trials)
        {
            var row = known.GetValueOrDefault(trial.Id.Number);
            if ((row?.Version ?? 0) != trial.Version)
            {
                throw new StaleVersionException($"Trial {trial.Id}");
            }

            if (row is null)
            {
                context.Trials.Add(TrialEntity.New(trial));
            }
            else
            {
                row.Take(trial);
            }
        }
    }

    private static void PutCheckpoints(StoreContext context, long trialKey, TrialChange change)
    {
        foreach (var path in change.RemovedCheckpointPaths)
        {
            if (context.Checkpoints.Find(trialKey, path) is { } gone)
            {
                context.Checkpoints.Remove(gone);
            }
        }

        foreach (var checkpoint in change.Checkpoints.Where(added => !change.RemovedCheckpointPaths.Contains(added.Path)))
        {
            var row = context.Checkpoints.Find(trialKey, checkpoint.Path);
            if (row is null)
            {
                row = context.Checkpoints.Add(new() { TrialKey = trialKey, Path = checkpoint.Path }).Entity;
                row.Take(checkpoint);
            }
            else if ((checkpoint.Attempt, checkpoint.Step).CompareTo((row.Attempt, row.Step)) > 0)
            {
                row.Take(checkpoint); // the file was written again, by a later attempt or step; a repeat of the same changes nothing
            }
        }
    }

    private void Save(StoreContext context, string row)
    {
        try
        {
            context.SaveChanges();
        }
        catch (DbUpdateException error) when (error is DbUpdateConcurrencyException || _dialect.IsDuplicateKey(error))
        {
            throw new StaleVersionException(row); // the versions were compared above: only another process that writes gets here
        }
    }
}
