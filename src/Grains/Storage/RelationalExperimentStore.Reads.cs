using System.Collections.Immutable;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Sweeps;

namespace MlTr.Grains.Storage;

internal abstract partial class RelationalExperimentStore
{
    public Task<(SweepRow Sweep, ImmutableArray<TrialRow> Trials)?> LoadSweepAsync(string sweepId, CancellationToken cancellationToken = default) =>
        ReadAsync<(SweepRow, ImmutableArray<TrialRow>)?>(reader =>
        {
            if (reader.Context.Sweeps.AsNoTracking().SingleOrDefault(row => row.Id == sweepId) is not { } sweep)
            {
                return null;
            }

            var trials = reader.Context.Trials.AsNoTracking().Where(row => row.SweepId == sweepId).OrderBy(row => row.Number);
            return (sweep.ToRow(), [.. trials.AsEnumerable().Select(row => row.ToRow())]);
        }, cancellationToken);

    public Task<SweepRow?> LoadSweepRowAsync(string sweepId, CancellationToken cancellationToken = default) =>
        ReadAsync(reader => _dialect.Queries.Sweep(reader.Context, sweepId)?.ToRow(), cancellationToken);

    public Task<ImmutableArray<SweepRow>> ListSweepsAsync(int skip, int take, bool deleted = false, CancellationToken cancellationToken = default) =>
        ReadAsync<ImmutableArray<SweepRow>>(reader =>
        [
            .. reader.Context.Sweeps.AsNoTracking()
                .Where(row => (row.State == SweepState.Deleted) == deleted)
                .OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id)
                .Skip(Math.Max(skip, 0)).Take(Math.Max(take, 0))
                .AsEnumerable().Select(row => row.ToRow()),
        ], cancellationToken);

    public Task<ImmutableArray<SweepSnapshot>> DigestAsync(ImmutableArray<SweepRow> sweeps, CancellationToken cancellationToken = default)
    {
        var ids = sweeps.Select(row => row.Id).ToList();
        var tallies = sweeps.ToDictionary(row => row.Id, row => new SweepTally(row.Spec.Objective));
        var pauses = sweeps.ToDictionary(row => row.Id, _ => new SweepPauses());
        List<string> kinds = [.. SweepPauses.Kinds];
        return ReadAsync<ImmutableArray<SweepSnapshot>>(reader =>
        {
            // First without what is long: of a sweep's parameters and metrics only the best trial's are shown.
            var trials = reader.Context.Trials.Where(row => ids.Contains(row.SweepId))
                .Select(row => new { row.TrialKey, row.SweepId, row.Number, row.State, row.Step, row.TotalSteps, row.Objective });
            var keys = new Dictionary<TrialId, long>();
            foreach (var row in trials)
            {
                var trial = new TrialEntity { SweepId = row.SweepId, Number = row.Number, State = row.State, Step = row.Step, TotalSteps = row.TotalSteps, Objective = row.Objective }.ToSnapshot();
                tallies[row.SweepId].Count(null, trial);
                keys[trial.Id] = row.TrialKey;
            }

            List<long> best = [.. tallies.Values.Where(tally => tally.Best is not null).Select(tally => keys[tally.Best!.Id])];
            foreach (var row in reader.Context.Trials.AsNoTracking().Where(row => best.Contains(row.TrialKey)))
            {
                var trial = row.ToSnapshot();
                tallies[row.SweepId].Count(trial, trial);
            }

            foreach (var happened in reader.Context.Events.AsNoTracking().Where(row => ids.Contains(row.SweepId) && row.Trial == null && kinds.Contains(row.Kind)).OrderBy(row => row.Number))
            {
                pauses[happened.SweepId].Count(happened.ToSnapshot());
            }

            var tags = reader.Context.Notes.Where(row => ids.Contains(row.SweepId) && row.Trial == NoteRow.OfSweep).Select(row => new { row.SweepId, row.Tags }).ToDictionary(row => row.SweepId, row => row.Tags);
            return [.. sweeps.Select(row => SweepDigest.Of(row, tallies[row.Id], pauses[row.Id], tags.GetValueOrDefault(row.Id)))];
        }, cancellationToken);
    }

    public Task<(long Database, long Checkpoints)> MeasureAsync(CancellationToken cancellationToken = default) => ReadAsync(reader =>
    {
        using var size = reader.Connection.CreateCommand(_dialect.DatabaseBytes);
        return (Convert.ToInt64(size.ExecuteScalar(), CultureInfo.InvariantCulture), reader.Context.Checkpoints.Sum(row => row.Bytes));
    }, cancellationToken);

    public Task<ImmutableArray<string>> ListUnfinishedSweepsAsync(CancellationToken cancellationToken = default) =>
        ReadAsync<ImmutableArray<string>>(reader =>
        [
            .. reader.Context.Sweeps
                .Where(row => row.EndedAt == null)
                .OrderBy(row => row.CreatedAt).ThenBy(row => row.Id)
                .Select(row => row.Id),
        ], cancellationToken);

    public Task<TrialRow?> LoadTrialAsync(TrialId id, CancellationToken cancellationToken = default) =>
        ReadAsync(reader => _dialect.Queries.Trial(reader.Context, id.SweepId, id.Number)?.ToRow(), cancellationToken);

    public Task<ImmutableArray<TrialRow>> ListOpenTrialsAsync(CancellationToken cancellationToken = default) =>
        ReadAsync<ImmutableArray<TrialRow>>(reader =>
        [
            .. reader.Context.Trials.AsNoTracking()
                .Where(row => row.State == TrialState.Queued || row.State == TrialState.Running)
                .OrderBy(row => row.QueuedAt).ThenBy(row => row.SweepId).ThenBy(row => row.Number)
                .AsEnumerable().Select(row => row.ToRow()),
        ], cancellationToken);

    public Task<ImmutableArray<RankedRow>> ListRankedAsync(Objective objective, int take, CancellationToken cancellationToken = default) =>
        ReadAsync<ImmutableArray<RankedRow>>(reader =>
        {
            var specs = reader.Context.Sweeps.AsNoTracking().Where(row => row.State != SweepState.Deleted)
                .Select(row => new { row.Id, row.Spec }).AsEnumerable().Where(row => row.Spec.Objective == objective).ToDictionary(row => row.Id, row => row.Spec);
            var trials = reader.Context.Trials.AsNoTracking().Where(row => row.Objective != null);
            var ordered = objective.Maximize ? trials.OrderByDescending(row => row.Objective) : trials.OrderBy(row => row.Objective);

            var tags = reader.Context.Notes.Select(row => new { row.SweepId, row.Trial, row.Tags }).ToDictionary(row => (row.SweepId, row.Trial), row => row.Tags);

            // Read in the index's order, row by row: no more of the table than what is asked for.
            return
            [
                .. ordered.ThenBy(row => row.SweepId).ThenBy(row => row.Number).AsEnumerable()
                    .Where(row => specs.ContainsKey(row.SweepId)).Take(take)
                    .Select(row => new RankedRow(
                        row.ToSnapshot() with { Tags = tags.GetValueOrDefault((row.SweepId, row.Number), []) },
                        specs[row.SweepId].Name,
                        specs[row.SweepId].Dataset,
                        tags.GetValueOrDefault((row.SweepId, NoteRow.OfSweep), []))),
            ];
        }, cancellationToken);

    public Task<TrialHistory?> LoadTrialHistoryAsync(TrialId id, CancellationToken cancellationToken = default) => ReadAsync(reader =>
    {
        var (queries, context) = (_dialect.Queries, reader.Context);
        return queries.Trial(context, id.SweepId, id.Number) is not { } trial ? null : new TrialHistory(
            trial.ToRow(),
            queries.Spec(context, id.SweepId),
            trial.Attempts == 0 ? [] : [.. queries.Attempts(context, trial.TrialKey).Select(row => row.ToSnapshot())]);
    }, cancellationToken);

    public Task<ImmutableArray<CheckpointSnapshot>> LoadCheckpointsAsync(TrialId id, CancellationToken cancellationToken = default) =>
        ReadAsync<ImmutableArray<CheckpointSnapshot>>(reader =>
        [
            .. reader.Context.Checkpoints.AsNoTracking()
                .Where(row => row.TrialKey == reader.Context.Trials.First(trial => trial.SweepId == id.SweepId && trial.Number == id.Number).TrialKey)
                .OrderByDescending(row => row.Step).ThenByDescending(row => row.Attempt).ThenBy(row => row.Path)
                .AsEnumerable().Select(row => row.ToSnapshot()),
        ], cancellationToken);

    public Task<ImmutableArray<LifecycleEvent>> LoadSweepEventsAsync(string sweepId, ImmutableArray<string> kinds, bool ofTrials = false, CancellationToken cancellationToken = default)
    {
        List<string> wanted = [.. kinds];
        return ReadAsync<ImmutableArray<LifecycleEvent>>(reader =>
        [
            .. reader.Context.Events.AsNoTracking()
                .Where(row => row.SweepId == sweepId && (row.Trial != null) == ofTrials && wanted.Contains(row.Kind))
                .OrderBy(row => row.Number)
                .AsEnumerable().Select(row => row.ToSnapshot()),
        ], cancellationToken);
    }

    public Task<ImmutableArray<LifecycleEvent>> LoadEventsAsync(string sweepId, int? trial, CancellationToken cancellationToken = default) =>
        ReadAsync<ImmutableArray<LifecycleEvent>>(reader =>
        [
            .. reader.Context.Events.AsNoTracking()
                .Where(row => row.SweepId == sweepId && (trial == null || row.Trial == trial))
                .OrderBy(row => row.Number)
                .AsEnumerable().Select(row => row.ToSnapshot()),
        ], cancellationToken);

    public Task<ImmutableArray<Curve>> LoadCurvesAsync(TrialId id, ImmutableArray<string> names, CancellationToken cancellationToken = default) =>
        ReadAsync(reader => PointQueries.Curves(reader.Connection, _dialect.NamesOfJson, id, names), cancellationToken);

    public Task<ImmutableDictionary<int, Curve>> LoadSweepCurvesAsync(string sweepId, string metric, CancellationToken cancellationToken = default) =>
        ReadAsync(reader => PointQueries.SweepCurves(reader.Connection, sweepId, metric), cancellationToken);

    public Task<ImmutableArray<Curve>> LoadCurvesAsync(TrialId id, ImmutableArray<string> names, CurveWindow window, CancellationToken cancellationToken = default) =>
        ReadAsync(reader => WindowQueries.Curves(reader.Connection, id, names, window), cancellationToken);

    public Task<ImmutableDictionary<int, Curve>> LoadSweepCurvesAsync(
        string sweepId, string metric, ImmutableArray<int> trials, CurveWindow window, CancellationToken cancellationToken = default) =>
        ReadAsync(reader => WindowQueries.SweepCurves(reader.Connection, sweepId, metric, trials, window), cancellationToken);

    public Task<ImmutableDictionary<int, double>> LoadMetricAsync(
        string sweepId, string metric, Objective? bestBy, long pass, long passes, int? only = null, CancellationToken cancellationToken = default) =>
        ReadAsync(reader => MetricQueries.Values(reader.Connection, sweepId, metric, bestBy, pass, passes, only), cancellationToken);

    public Task<ImmutableArray<TimedTrial>> ListTimedTrialsAsync(int take, CancellationToken cancellationToken = default) =>
        ReadAsync<ImmutableArray<TimedTrial>>(reader =>
        [
            .. reader.Context.Attempts.AsNoTracking().Where(attempt => attempt.State == AttemptState.Completed && attempt.ResumedFromStep == 0 && attempt.EndedAt != null)
                .OrderByDescending(attempt => attempt.EndedAt).Take(take)
                .Join(reader.Context.Trials.AsNoTracking(), attempt => attempt.TrialKey, trial => trial.TrialKey, (attempt, trial) => new { trial.Parameters, trial.Step, attempt.StartedAt, attempt.EndedAt })
                .AsEnumerable().OrderByDescending(row => row.EndedAt).Select(row => new TimedTrial(row.Parameters, row.Step, row.EndedAt!.Value - row.StartedAt)),
        ], cancellationToken);

    public Task<long?> LoadBestStepAsync(TrialId id, Objective best, CancellationToken cancellationToken = default) =>
        ReadAsync(reader => MetricQueries.BestStep(reader.Connection, id, best), cancellationToken);

    public Task<ImmutableArray<LogLine>> LoadLogAsync(TrialId id, int afterAttempt, int afterNumber, int limit, CancellationToken cancellationToken = default) =>
        ReadAsync(reader => PointQueries.Lines(reader.Connection, id, afterAttempt, afterNumber, limit), cancellationToken);

    public Task<DatasetSnapshot?> LoadDatasetAsync(string datasetId, CancellationToken cancellationToken = default) =>
        ReadAsync(reader =>
        {
            if (reader.Context.Datasets.AsNoTracking().SingleOrDefault(row => row.Id == datasetId) is not { } row)
            {
                return null;
            }

            var shards = reader.Context.Shards.AsNoTracking().Where(shard => shard.DatasetId == datasetId).AsEnumerable().Select(shard => shard.ToSnapshot());
            return new DatasetSnapshot(
                row.Id, row.Format, row.Folder, row.State, row.Progress, row.Problem, row.Description, row.Classes, SplitBuilder.Build(shards));
        }, cancellationToken);

    public Task<ImmutableArray<string>> ListDatasetsAsync(CancellationToken cancellationToken = default) =>
        ReadAsync<ImmutableArray<string>>(reader => [.. reader.Context.Datasets.OrderBy(row => row.Id).Select(row => row.Id)], cancellationToken);

    public Task<ShardSnapshot?> LoadShardAsync(string datasetId, string split, int number, CancellationToken cancellationToken = default) =>
        ReadAsync(reader => reader.Context.Shards.AsNoTracking()
            .SingleOrDefault(row => row.DatasetId == datasetId && row.Split == split && row.Number == number)?.ToSnapshot(), cancellationToken);
}
