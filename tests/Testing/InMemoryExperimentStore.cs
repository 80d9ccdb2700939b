using System.Collections.Immutable;
using MlTr.Abstractions.Accounts;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;
using MlTr.Grains.Evaluations;
using MlTr.Grains.Storage;
using MlTr.Grains.Sweeps;

namespace MlTr.Testing;

/// <summary>A store for tests of whoever uses one; passes the same contract tests as the real store.</summary>
internal sealed class InMemoryExperimentStore : IExperimentStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SweepRow> _sweeps = new(StringComparer.Ordinal);
    private readonly Dictionary<TrialId, Trial> _trials = [];
    private readonly List<LifecycleEvent> _events = [];
    private readonly Dictionary<string, DatasetSnapshot> _datasets = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Dataset, string Split, int Number), ShardSnapshot> _shards = [];
    private readonly Dictionary<string, EvaluationRow> _evaluations = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ModelRow> _models = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(string SweepId, int Trial), NoteRow> _notes = [];
    private readonly Dictionary<string, DeliveryRow> _deliveries = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, DrainedWorker> _drained = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, UserRow> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TokenRow> _tokens = new(StringComparer.Ordinal);
    private readonly List<WorkerEvent> _workerEvents = [];
    private Exception? _nextFailure;

    /// <summary>How many writes were made, the refused ones not counted.</summary>
    public int Writes { get; private set; }

    /// <summary>What reading a sweep waits for, as if it were long.</summary>
    public Task LoadsSweepsAfter { get; set; } = Task.CompletedTask;

    /// <summary>Lets the next write fail, with nothing written, as a full disk would.</summary>
    public void FailNextWrite(Exception error)
    {
        lock (_gate)
        {
            _nextFailure = error;
        }
    }

    public async Task<(SweepRow Sweep, ImmutableArray<TrialRow> Trials)?> LoadSweepAsync(string sweepId, CancellationToken cancellationToken = default)
    {
        await LoadsSweepsAfter;
        return await Read<(SweepRow, ImmutableArray<TrialRow>)?>(() => _sweeps.TryGetValue(sweepId, out var sweep)
            ? (sweep, [.. _trials.Values.Select(trial => trial.Row).Where(row => row.Id.SweepId == sweepId).OrderBy(row => row.Id.Number)])
            : null);
    }

    public Task<SweepRow?> LoadSweepRowAsync(string sweepId, CancellationToken cancellationToken = default) => Read(() => _sweeps.GetValueOrDefault(sweepId));

    public Task<ImmutableArray<SweepRow>> ListSweepsAsync(int skip, int take, bool deleted = false, CancellationToken cancellationToken = default) =>
        Read<ImmutableArray<SweepRow>>(() =>
        [
            .. _sweeps.Values.Where(sweep => (sweep.State == SweepState.Deleted) == deleted).OrderByDescending(sweep => sweep.CreatedAt).ThenByDescending(sweep => sweep.Id, StringComparer.Ordinal).Skip(skip).Take(take),
        ]);

    public Task<ImmutableArray<SweepSnapshot>> DigestAsync(ImmutableArray<SweepRow> sweeps, CancellationToken cancellationToken = default) => Read<ImmutableArray<SweepSnapshot>>(() =>
    [
        .. sweeps.Select(sweep => SweepDigest.Of(
            sweep,
            SweepTally.Of(sweep.Spec.Objective, _trials.Values.Select(trial => trial.Row.Trial).Where(trial => trial.Id.SweepId == sweep.Id)),
            SweepPauses.Of(_events.Where(happened => happened.SweepId == sweep.Id && happened.Trial is null && SweepPauses.Kinds.Contains(happened.Kind))),
            TagsOf(sweep.Id, NoteRow.OfSweep))),
    ]);

    public Task<(long Database, long Checkpoints)> MeasureAsync(CancellationToken cancellationToken = default) =>
        Read(() => (0L, _trials.Values.Sum(trial => trial.Checkpoints.Values.Sum(checkpoint => checkpoint.Bytes))));

    public Task<ImmutableArray<string>> ListUnfinishedSweepsAsync(CancellationToken cancellationToken = default) =>
        Read<ImmutableArray<string>>(() =>
        [
            .. _sweeps.Values.Where(sweep => sweep.EndedAt is null)
                .OrderBy(sweep => sweep.CreatedAt).ThenBy(sweep => sweep.Id, StringComparer.Ordinal).Select(sweep => sweep.Id),
        ]);

    public Task<TrialRow?> LoadTrialAsync(TrialId id, CancellationToken cancellationToken = default) => Read(() => Find(id)?.Row);

    public Task<ImmutableArray<TrialRow>> ListOpenTrialsAsync(CancellationToken cancellationToken = default) =>
        Read<ImmutableArray<TrialRow>>(() =>
        [
            .. _trials.Values.Select(trial => trial.Row).Where(row => !row.Trial.IsFinal)
                .OrderBy(row => row.Trial.QueuedAt).ThenBy(row => row.Id.SweepId, StringComparer.Ordinal).ThenBy(row => row.Id.Number),
        ]);

    public Task<ImmutableArray<RankedRow>> ListRankedAsync(Objective objective, int take, CancellationToken cancellationToken = default) =>
        Read<ImmutableArray<RankedRow>>(() =>
        [
            .. _trials.Values.Select(trial => trial.Row.Trial)
                .Where(trial => trial.Objective is not null && _sweeps[trial.Id.SweepId] is var sweep && sweep.State != SweepState.Deleted && sweep.Spec.Objective == objective)
                .OrderBy(trial => objective.Maximize ? -trial.Objective : trial.Objective).ThenBy(trial => trial.Id.SweepId, StringComparer.Ordinal).ThenBy(trial => trial.Id.Number)
                .Take(take).Select(trial => (trial, spec: _sweeps[trial.Id.SweepId].Spec))
                .Select(ranked => new RankedRow(
                    ranked.trial with { Tags = TagsOf(ranked.trial.Id.SweepId, ranked.trial.Id.Number) }, ranked.spec.Name, ranked.spec.Dataset, TagsOf(ranked.trial.Id.SweepId, NoteRow.OfSweep))),
        ]);

    public Task<TrialHistory?> LoadTrialHistoryAsync(TrialId id, CancellationToken cancellationToken = default) =>
        Read(() => Find(id) is { } trial ? new TrialHistory(trial.Row, _sweeps[id.SweepId].Spec, [.. trial.Attempts.Values]) : null);

    public Task<ImmutableArray<CheckpointSnapshot>> LoadCheckpointsAsync(TrialId id, CancellationToken cancellationToken = default) =>
        Read<ImmutableArray<CheckpointSnapshot>>(() =>
        [
            .. (Find(id)?.Checkpoints.Values ?? Enumerable.Empty<CheckpointSnapshot>())
                .OrderByDescending(checkpoint => checkpoint.Step).ThenByDescending(checkpoint => checkpoint.Attempt).ThenBy(checkpoint => checkpoint.Path, StringComparer.Ordinal),
        ]);

    public Task<ImmutableArray<LifecycleEvent>> LoadSweepEventsAsync(string sweepId, ImmutableArray<string> kinds, bool ofTrials = false, CancellationToken cancellationToken = default) =>
        Read<ImmutableArray<LifecycleEvent>>(() => [.. _events.Where(happened => happened.SweepId == sweepId && (happened.Trial is not null) == ofTrials && kinds.Contains(happened.Kind))]);

    public Task<ImmutableArray<LifecycleEvent>> LoadEventsAsync(string sweepId, int? trial, CancellationToken cancellationToken = default) =>
        Read<ImmutableArray<LifecycleEvent>>(() => [.. _events.Where(happened => happened.SweepId == sweepId && (trial is null || happened.Trial == trial))]);

    public Task<ImmutableArray<Curve>> LoadCurvesAsync(TrialId id, ImmutableArray<string> names, CancellationToken cancellationToken = default) =>
        Read<ImmutableArray<Curve>>(() =>
        [
            .. (Find(id)?.Points ?? [])
                .Where(point => names.IsDefaultOrEmpty || names.Contains(point.Key.Name))
                .GroupBy(point => point.Key.Name, StringComparer.Ordinal).OrderBy(name => name.Key, StringComparer.Ordinal)
                .Select(name => Build(name.Key, name)),
        ]);

    public async Task<ImmutableDictionary<int, double>> LoadMetricAsync(
        string sweepId, string metric, Objective? bestBy, long pass, long passes, int? only = null, CancellationToken cancellationToken = default)
    {
        var curves = await LoadSweepCurvesAsync(sweepId, metric, cancellationToken);
        var objectives = bestBy is null ? null : await LoadSweepCurvesAsync(sweepId, bestBy.Metric, cancellationToken);
        var values = ImmutableDictionary.CreateBuilder<int, double>();
        foreach (var (number, curve) in curves.Where(pair => only is null || pair.Key == only))
        {
            var trial = (await LoadTrialAsync(new(sweepId, number), cancellationToken))!.Trial;
            var best = Best(objectives?.GetValueOrDefault(number), bestBy);
            var upTo = bestBy is not null ? best is { Attempt: > 0 } at ? at.Step : -1
                : pass == 0 ? long.MaxValue
                : trial.TotalSteps > 0 && pass <= passes && trial.Step >= pass * trial.TotalSteps / passes ? pass * trial.TotalSteps / passes : -1;
            if (curve.Points.LastOrDefault(point => point.Step <= upTo) is { Attempt: > 0 } found && !double.IsNaN(found.Value))
            {
                values.Add(number, found.Value);
            }
        }

        return values.ToImmutable();
    }

    public Task<ImmutableArray<TimedTrial>> ListTimedTrialsAsync(int take, CancellationToken cancellationToken = default) => Read<ImmutableArray<TimedTrial>>(() =>
    [
        .. _trials.Values.SelectMany(trial => trial.Attempts.Values.Select(attempt => (trial.Row.Trial, attempt)))
            .Where(pair => pair.attempt is { State: AttemptState.Completed, ResumedFromStep: 0, EndedAt: not null })
            .OrderByDescending(pair => pair.attempt.EndedAt).Take(take)
            .Select(pair => new TimedTrial(pair.Trial.Parameters, pair.Trial.Step, pair.attempt.EndedAt!.Value - pair.attempt.StartedAt)),
    ]);

    public async Task<long?> LoadBestStepAsync(TrialId id, Objective best, CancellationToken cancellationToken = default) =>
        Best((await LoadCurvesAsync(id, [best.Metric], cancellationToken)).FirstOrDefault(), best) is { Attempt: > 0 } at ? at.Step : null;

    private static CurvePoint? Best(Curve? curve, Objective? by) => curve?.Points
        .Where(point => !double.IsNaN(point.Value)).OrderBy(point => by!.Maximize ? -point.Value : point.Value).ThenBy(point => point.Step).FirstOrDefault();

    public async Task<ImmutableArray<Curve>> LoadCurvesAsync(TrialId id, ImmutableArray<string> names, CurveWindow window, CancellationToken cancellationToken = default) =>
        [.. (await LoadCurvesAsync(id, names, cancellationToken)).Select(curve => Within(curve, window)).Where(curve => !curve.Points.IsEmpty || !curve.Superseded.IsEmpty)];

    public async Task<ImmutableDictionary<int, Curve>> LoadSweepCurvesAsync(
        string sweepId, string metric, ImmutableArray<int> trials, CurveWindow window, CancellationToken cancellationToken = default) =>
        (await LoadSweepCurvesAsync(sweepId, metric, cancellationToken)).Where(pair => trials.Contains(pair.Key)).Select(pair => KeyValuePair.Create(pair.Key, Within(pair.Value, window)))
            .Where(pair => !pair.Value.Points.IsEmpty || !pair.Value.Superseded.IsEmpty).ToImmutableDictionary();

    private static Curve Within(Curve curve, CurveWindow window)
    {
        ImmutableArray<CurvePoint> In(ImmutableArray<CurvePoint> points) => [.. points.Where(point => point.Step >= window.FromStep && point.Step <= window.ToStep)];
        return CurveThinning.Thin(curve with { Points = In(curve.Points), Superseded = In(curve.Superseded) }, window.MaxPoints);
    }

    public Task<ImmutableDictionary<int, Curve>> LoadSweepCurvesAsync(string sweepId, string metric, CancellationToken cancellationToken = default) =>
        Read(() => _trials.Where(trial => trial.Key.SweepId == sweepId)
            .Select(trial => (trial.Key.Number, Points: trial.Value.Points.Where(point => point.Key.Name == metric).ToArray()))
            .Where(trial => trial.Points.Length > 0)
            .ToImmutableDictionary(trial => trial.Number, trial => Build(metric, trial.Points)));

    public Task<ImmutableArray<LogLine>> LoadLogAsync(TrialId id, int afterAttempt, int afterNumber, int limit, CancellationToken cancellationToken = default) =>
        Read<ImmutableArray<LogLine>>(() =>
        [
            .. (Find(id)?.Lines.Values ?? Enumerable.Empty<LogLine>())
                .Where(line => (line.Attempt, line.Number).CompareTo((afterAttempt, afterNumber)) > 0).Take(limit),
        ]);

    public Task RemoveSweepAsync(string sweepId, long version, CancellationToken cancellationToken = default) => Write(() =>
    {
        if (_sweeps.TryGetValue(sweepId, out var sweep))
        {
            Require(sweep.Version == version, $"Sweep {sweepId}");
            _sweeps.Remove(sweepId);
            _events.RemoveAll(happened => happened.SweepId == sweepId);
            foreach (var delivery in _deliveries.Values.Where(delivery => delivery.Notice.SweepId == sweepId).ToList())
            {
                _deliveries.Remove(delivery.Notice.Id);
            }

            foreach (var note in _notes.Keys.Where(note => note.SweepId == sweepId).ToList())
            {
                _notes.Remove(note);
            }

            foreach (var trial in _trials.Keys.Where(trial => trial.SweepId == sweepId).ToList())
            {
                _trials.Remove(trial);
            }

            foreach (var evaluation in _evaluations.Values.Where(row => row.Spec.Trial.SweepId == sweepId).ToList())
            {
                _evaluations.Remove(evaluation.Id);
            }
        }
    });

    public Task SaveSweepAsync(
        SweepRow sweep, ImmutableArray<TrialRow> trials, ImmutableArray<NewEvent> events, CancellationToken cancellationToken = default)
    {
        StoreChecks.OfOneSweep(sweep, trials);
        return Write(() =>
        {
            Require((_sweeps.GetValueOrDefault(sweep.Id)?.Version ?? 0) == sweep.Version, $"Sweep {sweep.Id}");
            foreach (var trial in trials)
            {
                Require((Find(trial.Id)?.Row.Version ?? 0) == trial.Version, $"Trial {trial.Id}");
            }

            _sweeps[sweep.Id] = sweep with { Version = sweep.Version + 1 };
            foreach (var trial in trials)
            {
                if (Find(trial.Id) is { } known)
                {
                    known.Row = Raised(trial);
                }
                else
                {
                    _trials.Add(trial.Id, new(Raised(trial)));
                }
            }

            Append(events);
            foreach (var notice in events.Select(added => added.Notice).OfType<Notice>())
            {
                _deliveries.Add(notice.Id, new DeliveryRow(notice, 0, notice.Time));
            }
        });
    }

    public Task SaveTrialAsync(TrialChange change, CancellationToken cancellationToken = default)
    {
        StoreChecks.OfOneAttempt(change);
        return Write(() =>
        {
            var trial = Find(change.Row.Id);
            Require(trial is not null && trial.Row.Version == change.Row.Version, $"Trial {change.Row.Id}");
            trial!.Apply(change);
            Append(change.Events);
        });
    }

    public Task<EvaluationRow?> LoadEvaluationAsync(string evaluationId, CancellationToken cancellationToken = default) => Read(() => _evaluations.GetValueOrDefault(evaluationId));

    public Task<ImmutableArray<string>> ListEvaluationsAsync(TrialId trial, CancellationToken cancellationToken = default) => Read<ImmutableArray<string>>(() =>
        [.. _evaluations.Values.Where(row => row.Spec.Trial == trial).OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id, StringComparer.Ordinal).Select(row => row.Id)]);

    public Task<ImmutableArray<EvaluationRow>> ListUnfinishedEvaluationsAsync(CancellationToken cancellationToken = default) => Read<ImmutableArray<EvaluationRow>>(() =>
        [.. _evaluations.Values.Where(row => row.EndedAt is null).OrderBy(row => row.CreatedAt).ThenBy(row => row.Id, StringComparer.Ordinal)]);

    public Task SaveEvaluationAsync(EvaluationRow evaluation, ImmutableArray<NewEvent> events, CancellationToken cancellationToken = default) => Write(() =>
    {
        Require((_evaluations.GetValueOrDefault(evaluation.Id)?.Version ?? 0) == evaluation.Version && _sweeps.ContainsKey(evaluation.Spec.Trial.SweepId), $"Evaluation {evaluation.Id}");
        _evaluations[evaluation.Id] = evaluation with { Version = evaluation.Version + 1 };
        Append(events);
    });

    public Task<DatasetSnapshot?> LoadDatasetAsync(string datasetId, CancellationToken cancellationToken = default) =>
        Read(() => _datasets.GetValueOrDefault(datasetId) is { } dataset
            ? dataset with { Splits = SplitBuilder.Build(_shards.Where(shard => shard.Key.Dataset == datasetId).Select(shard => shard.Value)) }
            : null);

    public Task<ImmutableArray<string>> ListDatasetsAsync(CancellationToken cancellationToken = default) =>
        Read<ImmutableArray<string>>(() => [.. _datasets.Keys.Order(StringComparer.Ordinal)]);

    public Task SaveDatasetAsync(DatasetSnapshot dataset, CancellationToken cancellationToken = default) => Write(() => _datasets[dataset.Id] = dataset);

    public Task SaveShardAsync(string datasetId, ShardSnapshot shard, CancellationToken cancellationToken = default) => Write(() =>
    {
        if (!_datasets.ContainsKey(datasetId))
        {
            throw StoreChecks.NoDataset(datasetId);
        }

        _shards[(datasetId, shard.Split, shard.Number)] = shard;
    });

    public Task<ShardSnapshot?> LoadShardAsync(string datasetId, string split, int number, CancellationToken cancellationToken = default) =>
        Read(() => _shards.GetValueOrDefault((datasetId, split, number)));

    public Task<ImmutableArray<NoteRow>> LoadNotesAsync(string sweepId, CancellationToken cancellationToken = default) =>
        Read<ImmutableArray<NoteRow>>(() => [.. _notes.Values.Where(note => note.SweepId == sweepId)]);

    public Task SaveNoteAsync(NoteRow note, NewEvent happened, CancellationToken cancellationToken = default) => Write(() =>
    {
        Require(_sweeps.ContainsKey(note.SweepId), $"Sweep {note.SweepId}");
        _notes[(note.SweepId, note.Trial)] = note;
        Append([happened]);
    });

    private ImmutableArray<string> TagsOf(string sweepId, int trial) => _notes.TryGetValue((sweepId, trial), out var note) ? note.Tags : [];

    public Task<ImmutableArray<DeliveryRow>> ListDeliveriesAsync(CancellationToken cancellationToken = default) =>
        Read<ImmutableArray<DeliveryRow>>(() => [.. _deliveries.Values.OrderBy(row => row.NextAt).ThenBy(row => row.Notice.Id, StringComparer.Ordinal)]);

    public Task SaveDeliveryAsync(DeliveryRow delivery, CancellationToken cancellationToken = default) => Write(() =>
    {
        RequireCurrent(delivery);
        _deliveries[delivery.Notice.Id] = delivery with { Attempts = delivery.Attempts + 1 };
    });

    public Task EndDeliveryAsync(DeliveryRow delivery, NewEvent? happened, bool isOver, CancellationToken cancellationToken = default) => Write(() =>
    {
        RequireCurrent(delivery);
        if (isOver)
        {
            _deliveries.Remove(delivery.Notice.Id);
        }

        Append(happened is null ? [] : [happened]);
    });

    private void RequireCurrent(DeliveryRow delivery) =>
        Require(_deliveries.GetValueOrDefault(delivery.Notice.Id)?.Attempts == delivery.Attempts, $"Delivery {delivery.Notice.Id}");

    public Task<ImmutableArray<DrainedWorker>> ListDrainedWorkersAsync(CancellationToken cancellationToken = default) => Read(() => _drained.Values.ToImmutableArray());

    public Task SaveDrainedWorkerAsync(DrainedWorker worker, CancellationToken cancellationToken = default) => Write(() =>
    {
        if (!_drained.ContainsKey(worker.WorkerId))
        {
            _workerEvents.Add(new WorkerEvent(worker.Time, worker.WorkerId, WorkerEventKind.Drained, "gets no new trial", worker.By));
        }

        _drained[worker.WorkerId] = worker;
    });

    public Task RemoveDrainedWorkerAsync(DrainedWorker worker, CancellationToken cancellationToken = default) => Write(() =>
    {
        if (_drained.Remove(worker.WorkerId))
        {
            _workerEvents.Add(new WorkerEvent(worker.Time, worker.WorkerId, WorkerEventKind.Resumed, "gets trials again", worker.By));
        }
    });

    public Task AddWorkerEventAsync(WorkerEvent happened, CancellationToken cancellationToken = default) => Write(() => _workerEvents.Add(happened));

    public Task<ImmutableArray<WorkerEvent>> ListWorkerEventsAsync(string workerId, CancellationToken cancellationToken = default) => Read<ImmutableArray<WorkerEvent>>(() =>
        [.. _workerEvents.Where(happened => happened.WorkerId == workerId).Reverse().Take(RelationalExperimentStore.MaxWorkerEvents)]);

    public Task<ImmutableArray<WorkerRun>> ListWorkerRunsAsync(string workerId, int take, CancellationToken cancellationToken = default) => Read<ImmutableArray<WorkerRun>>(() =>
    [
        .. _trials.Values.SelectMany(trial => trial.Attempts.Values.Where(attempt => attempt.Worker == workerId)
                .Select(attempt => new WorkerRun(trial.Row.Id, null, attempt.Number, attempt.State, attempt.StartedAt, attempt.EndedAt, attempt.Reason)))
            .Concat(Parts().Where(one => one.Row.Worker == workerId).Select(one => new WorkerRun(
                one.Part.Trial,
                one.Part,
                0,
                one.Row.State == PartState.Done ? AttemptState.Completed : one.Row.State == PartState.Running ? AttemptState.Running : AttemptState.Yielded,
                one.Row.StartedAt!.Value,
                one.Row.EndedAt,
                one.Row.State == PartState.Waiting ? "ended without its pictures" : null)))
            .OrderByDescending(run => run.StartedAt).Take(take),
    ]);

    public Task<ImmutableArray<WorkSpan>> ListWorkSpansAsync(DateTimeOffset since, CancellationToken cancellationToken = default) => Read<ImmutableArray<WorkSpan>>(() =>
    [
        .. _trials.Values.SelectMany(trial => trial.Attempts.Values).Select(attempt => new WorkSpan(attempt.Worker, attempt.StartedAt, attempt.EndedAt))
            .Concat(Parts().Select(one => new WorkSpan(one.Row.Worker!, one.Row.StartedAt!.Value, one.Row.EndedAt)))
            .Where(span => span.To is null || span.To >= since),
    ]);

    private IEnumerable<(PartId Part, PartRow Row)> Parts() =>
        _evaluations.Values.SelectMany(row => row.Parts.Where(part => part.StartedAt is not null).Select(part => (new PartId(row.Id, part.Number), part)));

    public Task<ImmutableArray<UserRow>> ListUsersAsync(CancellationToken cancellationToken = default) => Read(() => _users.Values.ToImmutableArray());

    public Task<UserRow?> LoadUserAsync(string name, CancellationToken cancellationToken = default) => Read(() => _users.GetValueOrDefault(name));

    public Task SaveUserAsync(UserRow user, CancellationToken cancellationToken = default) => Write(() =>
    {
        RequireAdmin(user.User.Name, user.User.Role);
        Require((_users.GetValueOrDefault(user.User.Name)?.Version ?? 0) == user.Version, $"User {user.User.Name}");
        _users[user.User.Name] = user with { Version = user.Version + 1 };
    });

    public Task RemoveUserAsync(string name, CancellationToken cancellationToken = default) => Write(() =>
    {
        if (_users.ContainsKey(name))
        {
            RequireAdmin(name, null);
            _users.Remove(name);
            foreach (var id in _tokens.Values.Where(row => row.Token.User == name).Select(row => row.Token.Id).ToList())
            {
                _tokens.Remove(id);
            }
        }
    });

    public Task<ImmutableArray<TokenRow>> ListTokensAsync(string? user, CancellationToken cancellationToken = default) => Read<ImmutableArray<TokenRow>>(() =>
        [.. _tokens.Values.Where(row => user is null || row.Token.User == user).OrderByDescending(row => row.Token.CreatedAt).ThenBy(row => row.Token.Id, StringComparer.Ordinal)]);

    public Task<TokenRow?> FindTokenAsync(string sha256, CancellationToken cancellationToken = default) => Read(() => _tokens.Values.SingleOrDefault(row => row.Sha256 == sha256));

    public Task SaveTokenAsync(TokenRow token, CancellationToken cancellationToken = default) => Write(() =>
    {
        Require(_users.ContainsKey(token.Token.User), $"User {token.Token.User}");
        _tokens[token.Token.Id] = token;
    });

    public Task SaveTokenUseAsync(string id, DateTimeOffset time, CancellationToken cancellationToken = default) => Write(() =>
    {
        if (_tokens.TryGetValue(id, out var row))
        {
            _tokens[id] = row with { Token = row.Token with { LastUsedAt = time } };
        }
    });

    private void RequireAdmin(string name, UserRole? role)
    {
        if (role != UserRole.Admin && !_users.Values.Any(row => row.User.Role == UserRole.Admin && row.User.Name != name))
        {
            throw new NoAdminException();
        }
    }

    public Task<ModelRow?> LoadModelAsync(string name, CancellationToken cancellationToken = default) => Read(() => _models.GetValueOrDefault(name));

    public Task<ImmutableArray<ModelRow>> ListModelsAsync(CancellationToken cancellationToken = default) => Read(() => _models.Values.ToImmutableArray());

    public Task SaveModelAsync(ModelRow model, CancellationToken cancellationToken = default) => Write(() =>
    {
        Require((_models.GetValueOrDefault(model.Model.Name)?.Version ?? 0) == model.Version, $"Model {model.Model.Name}");
        _models[model.Model.Name] = model with { Version = model.Version + 1 };
    });

    private Task<T> Read<T>(Func<T> read)
    {
        lock (_gate)
        {
            return Task.FromResult(read());
        }
    }

    private Task Write(Action write)
    {
        lock (_gate)
        {
            try
            {
                if (_nextFailure is { } failure)
                {
                    _nextFailure = null;
                    throw failure;
                }

                write();
                Writes++;
                return Task.CompletedTask;
            }
#pragma warning disable CA1031 // it belongs to the task, as in the real store
            catch (Exception error)
#pragma warning restore CA1031
            {
                return Task.FromException(error);
            }
        }
    }

    private Trial? Find(TrialId id) => _trials.GetValueOrDefault(id);

    private void Append(ImmutableArray<NewEvent> events)
    {
        foreach (var added in events)
        {
            _events.Add(new(_events.Count + 1, added.Time, added.SweepId, added.Trial, added.Kind, added.Reason, added.By));
        }
    }

    private static void Require(bool isCurrent, string row)
    {
        if (!isCurrent)
        {
            throw new StaleVersionException(row);
        }
    }

    /// <summary>As it is kept: one version further, and without an objective that is not a number.</summary>
    private static TrialRow Raised(TrialRow row) => row with
    {
        Version = row.Version + 1,
        Trial = row.Trial.Objective is { } value && double.IsNaN(value) ? row.Trial with { Objective = null } : row.Trial,
    };

    private static Curve Build(string name, IEnumerable<KeyValuePair<PointKey, Point>> points)
    {
        var curve = new CurveBuilder();
        foreach (var (key, point) in points)
        {
            curve.Add(new(key.Step, point.Value, key.Attempt), point.SupersededBy is not null);
        }

        return curve.Build(name);
    }

    private readonly record struct PointKey(string Name, long Step, int Attempt);

    private readonly record struct Point(double Value, int? SupersededBy);

    private sealed class Trial(TrialRow row)
    {
        public TrialRow Row { get; set; } = row;

        public SortedDictionary<int, AttemptSnapshot> Attempts { get; } = [];

        public Dictionary<string, CheckpointSnapshot> Checkpoints { get; } = new(StringComparer.Ordinal);

        public Dictionary<PointKey, Point> Points { get; } = [];

        public SortedDictionary<(int, int), LogLine> Lines { get; } = [];

        public void Apply(TrialChange change)
        {
            Row = Raised(change.Row);
            if (change.Attempt is { } attempt)
            {
                Attempts[attempt.Number] = attempt;
                if (change.SupersedesLaterPoints)
                {
                    Supersede(attempt);
                }
            }

            foreach (var path in change.RemovedCheckpointPaths)
            {
                Checkpoints.Remove(path);
            }

            foreach (var added in change.Checkpoints.Where(added => !change.RemovedCheckpointPaths.Contains(added.Path)))
            {
                if (!Checkpoints.TryGetValue(added.Path, out var known) || (added.Attempt, added.Step).CompareTo((known.Attempt, known.Step)) > 0)
                {
                    Checkpoints[added.Path] = added;
                }
            }

            foreach (var point in change.Points)
            {
                Points.TryAdd(new(point.Name, point.Step, change.AttemptNumber), new(point.Value, null));
            }

            foreach (var line in change.LogLines)
            {
                Lines.TryAdd((line.Attempt, line.Number), line);
            }
        }

        private void Supersede(AttemptSnapshot attempt)
        {
            foreach (var (key, point) in Points.ToArray())
            {
                if (key.Attempt < attempt.Number && key.Step > attempt.ResumedFromStep && point.SupersededBy is null)
                {
                    Points[key] = point with { SupersededBy = attempt.Number };
                }
            }
        }
    }
}
