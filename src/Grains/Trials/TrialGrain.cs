using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Placement;
using MlTr.Grains.Scheduling;
using MlTr.Grains.Storage;
using MlTr.Grains.Sweeps;

namespace MlTr.Grains.Trials;

/// <summary>
/// Lifecycle, attempts and epoch of one trial; the only writer of its row once it has been assigned. Each decision is one transaction,
/// and memory follows the store, never the other way round.
/// </summary>
[ControlSilo]
internal sealed partial class TrialGrain(
    IExperimentStore store,
    ISweepFiles files,
    IOptions<SchedulerOptions> options,
    TimeProvider clock,
    ILogger<TrialGrain> logger) : Grain, ITrialGrain, ITrialReports
{
    private const int LogPage = 1_000;

    private readonly LiveHub<ImmutableArray<LogLine>> _log = new();
    private TrialId _id;
    private TrialRow? _row;
    private SweepSpec? _spec;
    private ImmutableList<AttemptSnapshot> _attempts = [];
    private bool _isLoaded;

    private ISweepReports Sweep => field ??= GrainFactory.GetGrain<ISweepReports>(_id.SweepId);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _id = TrialId.Parse(this.GetPrimaryKeyString());
        return Task.CompletedTask; // the first call reads: to begin an attempt reads anyway
    }

    public async Task<TrialAssignment?> BeginAsync(long epoch, string worker, string device)
    {
        if (!_isLoaded || _row is null || epoch > _row.Epoch)
        {
            await ReloadAsync(); // while nobody held it, its sweep may have written: cancelled it, or let it wait again
        }

        var row = Known();
        if (row.Trial.IsFinal)
        {
            await Sweep.OnTrialEndedAsync(row, row.Trial.Attempts, []); // the scheduler would not have offered it had the sweep heard of its end
            return null;
        }

        if (epoch < row.Epoch || (epoch == row.Epoch && row.Trial.Worker != worker))
        {
            LogRefused(_id, epoch, row.Epoch, worker);
            return null;
        }

        if (epoch > row.Epoch)
        {
            var now = clock.GetUtcNow();
            var attempt = new AttemptSnapshot(row.Trial.Attempts + 1, epoch, worker, AttemptState.Running, now, null, 0, null, null);
            var trial = row.Trial with
            {
                State = TrialState.Running,
                Attempts = attempt.Number,
                Worker = worker,
                Reason = RunsOn(attempt.Number, worker),
                StartedAt = row.Trial.StartedAt ?? now,
            };
            await SaveAsync(
                new TrialChange(row with { Trial = trial, Epoch = epoch })
                {
                    Attempt = attempt,
                    AttemptNumber = attempt.Number,
                    Events = [Event("attempt-started", trial.Reason, worker)],
                    Time = now,
                },
                attempt);
            await Sweep.OnTrialChangedAsync(_row!, attempt.Number, []);
        }

        return new TrialAssignment(_id, epoch, _row!.Trial.Attempts, _spec!.Dataset, Split(HyperParameters.Complete(_row.Trial.Parameters)), device);
    }

    /// <summary>The batch in twice as many parts for each time that memory was short.</summary>
    private ImmutableSortedDictionary<string, ParameterValue> Split(ImmutableSortedDictionary<string, ParameterValue> parameters)
    {
        var times = _spec!.Retries is { SplitBatch: true } ? _attempts.Count(attempt => attempt.Failure == FailureKind.OutOfMemory) : 0;
        var parts = Math.Min(parameters["batch_size"].AsInt, parameters["accumulation_parts"].AsInt << Math.Min(times, 12));
        return times == 0 ? parameters : parameters.SetItem("accumulation_parts", ParameterValue.Of(parts));
    }

    public async Task<TrialDirective> ReportAsync(TrialReport report)
    {
        var row = await KnownAsync();
        if (report.Epoch != row.Epoch || row.Trial.State != TrialState.Running)
        {
            SchedulerMeter.Reports.Add(1, SchedulerMeter.Refused);
            LogRefused(_id, report.Epoch, row.Epoch, row.Trial.Worker ?? "-");
            return TrialDirective.Refused;
        }

        var attempt = _attempts[^1];
        var restart = report.Start is not null && attempt.Environment is null;
        if (restart)
        {
            attempt = attempt with { ResumedFromStep = report.Start!.ResumedFromStep, Environment = report.Start.Environment };
        }

        var trial = Apply(row.Trial, report, _spec!.Objective);
        trial = report.WaitsFor switch
        {
            null => trial,
            "" => trial with { Reason = RunsOn(attempt.Number, attempt.Worker) },
            var waitsFor => trial with { Reason = TrialSnapshot.WaitsPrefix + waitsFor },
        };
        await SaveAsync(
            new TrialChange(row with { Trial = trial })
            {
                Attempt = restart ? attempt : null,
                SupersedesLaterPoints = restart,
                AttemptNumber = attempt.Number,
                Points = report.Points,
                LogLines = report.LogLines,
                Checkpoints = report.Checkpoints,
                RemovedCheckpointPaths = report.RemovedCheckpointPaths,
                Events = restart && attempt.ResumedFromStep > 0
                    ? [Event("resumed", $"attempt {attempt.Number} goes on from the checkpoint at step {attempt.ResumedFromStep}", attempt.Worker)]
                    : [],
                Time = clock.GetUtcNow(),
            },
            attempt);
        if (!report.LogLines.IsDefaultOrEmpty)
        {
            _log.Publish(report.LogLines);
        }

        SchedulerMeter.Reports.Add(1, SchedulerMeter.Accepted);
        await Sweep.OnTrialChangedAsync(_row!, attempt.Number, report.Points);
        return TrialDirective.Continue;
    }

    public async Task<EndAnswer> EndAsync(long epoch, AttemptEnd end)
    {
        var row = await KnownAsync();
        if (epoch != row.Epoch)
        {
            return new EndAnswer(IsRefused: true);
        }

        var delay = end.Outcome == AttemptState.Failed ? RetryDelay(end.Failure) : TimeSpan.Zero;
        if (row.Trial.State == TrialState.Running)
        {
            await EndAttemptAsync(row, end with { Reason = Explain(end, delay) }, end.Outcome switch
            {
                AttemptState.Completed => TrialState.Completed,
                AttemptState.Failed when delay is null => TrialState.Failed,
                AttemptState.Cancelled => TrialState.Cancelled,
                _ => TrialState.Queued,
            });
        }

        await TellSweepAsync(); // also when asked again: the first answer may have been lost between the write and the sweep
        return new EndAnswer(IsRefused: false, _row!.Trial.IsFinal ? null : delay);
    }

    /// <summary>How long to wait before a failed trial is tried again; null where that cannot help, or has been done often enough.</summary>
    private TimeSpan? RetryDelay(FailureKind? failure)
    {
        var retries = _spec!.Retries ?? new RetrySpec();
        var earlier = _attempts.Count(attempt => attempt.State == AttemptState.Failed && attempt.Number != _row!.Trial.Attempts && attempt.StartedAt >= _row.Trial.QueuedAt);
        return earlier >= retries.Max ? null : failure switch
        {
            FailureKind.Disk => options.Value.RetryDelay * Math.Pow(3, earlier),
            FailureKind.OutOfMemory when retries.SplitBatch && Split(HyperParameters.Complete(_row!.Trial.Parameters)) is var now
                && now["accumulation_parts"].AsInt < now["batch_size"].AsInt => TimeSpan.Zero,
            _ => null,
        };
    }

    private static string Explain(AttemptEnd end, TimeSpan? delay) => (end, delay) switch
    {
        ({ Outcome: AttemptState.Failed, Failure: FailureKind.OutOfMemory }, { }) => $"is tried again with the batch in more parts: {end.Reason}",
        ({ Outcome: AttemptState.Failed }, { } later) => string.Create(CultureInfo.InvariantCulture, $"is tried again in {later.TotalSeconds:0.#} s: {end.Reason}"),
        _ => end.Reason,
    };

    public async Task<bool> LoseAsync(long epoch, string worker, string reason, string? stopReason, FailureKind kind)
    {
        var row = await KnownAsync();
        if (epoch < row.Epoch || row.Trial.IsFinal)
        {
            return false;
        }

        if (row.Trial.State == TrialState.Running && epoch == row.Epoch && row.Trial.Worker == worker)
        {
            var losses = LossesInARow();
            if (stopReason is not null)
            {
                await EndAttemptAsync(row, new AttemptEnd(AttemptState.Lost, stopReason, kind), TrialState.Cancelled);
            }
            else if (kind == FailureKind.WorkerLost && losses >= options.Value.MaxLostAttempts)
            {
                await EndAttemptAsync(
                    row,
                    new AttemptEnd(AttemptState.Lost, $"its worker died {losses} times in a row at the same step (last: {reason}); try a smaller batch or network, then run it again", kind),
                    TrialState.Failed);
            }
            else
            {
                await EndAttemptAsync(row, new AttemptEnd(AttemptState.Lost, reason, kind), TrialState.Queued);
            }

            await TellSweepAsync();
        }

        return !_row!.Trial.IsFinal;
    }

    public async Task<TrialDetails> GetDetailsAsync()
    {
        if (_row is not { Trial.State: TrialState.Running })
        {
            await ReloadAsync(); // its sweep may have written since
        }

        var row = Known();
        var (checkpoints, events, dataset) = (
            await store.LoadCheckpointsAsync(_id),
            await store.LoadEventsAsync(_id.SweepId, _id.Number),
            await store.LoadDatasetAsync(_spec!.Dataset));
        var names = (dataset?.Classes ?? []).Select(name => MetricNames.ClassPrefix + name).ToImmutableArray();
        var classes = names.IsEmpty ? [] : await store.LoadCurvesAsync(_id, names);
        var tags = (await store.LoadNotesAsync(_id.SweepId)).FirstOrDefault(note => note.Trial == _id.Number)?.Tags ?? [];
        return new TrialDetails(
            row.Trial with { Tags = tags },
            [.. _attempts],
            checkpoints,
            events,
            HyperParameters.Complete(row.Trial.Parameters),
            classes.Where(curve => !curve.Points.IsEmpty).ToImmutableSortedDictionary(
                curve => curve.Name[MetricNames.ClassPrefix.Length..], curve => curve.Points[^1].Value, StringComparer.Ordinal))
        {
            BestStep = await store.LoadBestStepAsync(_id, new Objective(MetricNames.MeanAveragePrecision)),
        };
    }

    public async IAsyncEnumerable<ImmutableArray<byte>> ReadCheckpointAsync(int attempt, long step, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await KnownAsync();
        var checkpoint = await KnownCheckpointAsync(attempt, step, cancellationToken);
        await foreach (var piece in files.ReadCheckpointAsync(_id, checkpoint, cancellationToken))
        {
            yield return piece;
        }
    }

    public async Task DeleteCheckpointAsync(int attempt, long step, string by, string reason)
    {
        await ReloadAsync(); // its sweep may have let it run again
        var row = Known();
        var checkpoint = await KnownCheckpointAsync(attempt, step);
        if (!row.Trial.IsFinal)
        {
            throw new CheckpointException($"Trial {_id} has not ended and may go on from its checkpoints: cancel it first, or wait for its end.");
        }

        if ((await store.ListUnfinishedEvaluationsAsync()).FirstOrDefault(one => one.Spec.Trial == _id && one.Plan.Step == step) is { } evaluation)
        {
            throw new CheckpointException($"It is being evaluated on {evaluation.Spec.Dataset ?? _spec!.Dataset}, {evaluation.Spec.Split}: wait for the end of that, or cancel it first.");
        }

        // The record goes first: whoever lets the trial run again a moment later finds no checkpoint that is about to disappear.
        await SaveAsync(
            new TrialChange(row)
            {
                AttemptNumber = row.Trial.Attempts,
                RemovedCheckpointPaths = [checkpoint.Path],
                Events = [Event("checkpoint-deleted", $"step {step} of attempt {attempt}: {reason}", by)],
                Time = clock.GetUtcNow(),
            },
            _attempts[^1]);
        try
        {
            await Task.Run(() => files.DeleteCheckpoint(_id, checkpoint));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"The checkpoint is no longer used, but its files are still there: {error.Message} Delete them by hand.");
        }
        finally
        {
            await Sweep.OnTrialChangedAsync(_row!, row.Trial.Attempts, []);
        }
    }

    private async Task<CheckpointSnapshot> KnownCheckpointAsync(int attempt, long step, CancellationToken cancellationToken = default) =>
        (await store.LoadCheckpointsAsync(_id, cancellationToken)).FirstOrDefault(one => one.Attempt == attempt && one.Step == step)
            ?? throw new KeyNotFoundException($"Trial {_id} has no checkpoint of attempt {attempt} at step {step}; it may have been deleted.");

    public async Task<ImmutableArray<Curve>> GetCurvesAsync(ImmutableArray<string> names)
    {
        await KnownAsync();
        return await store.LoadCurvesAsync(_id, names.IsDefault ? [] : names);
    }

    public async Task<ImmutableArray<Curve>> GetCurvesInAsync(ImmutableArray<string> names, CurveWindow window)
    {
        await KnownAsync();
        return await store.LoadCurvesAsync(_id, names.IsDefault ? [] : names, window with { MaxPoints = Math.Max(window.MaxPoints, 4) });
    }

    public async Task<ImmutableArray<LogLine>> GetLogAsync(int afterAttempt, int afterNumber, int limit)
    {
        await KnownAsync();
        return await store.LoadLogAsync(_id, afterAttempt, afterNumber, Math.Clamp(limit, 1, 10_000));
    }

    public async IAsyncEnumerable<ImmutableArray<LogLine>> WatchLogAsync(int afterAttempt, int afterNumber, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await KnownAsync();
        var (last, any) = ((afterAttempt, afterNumber), false);
        await foreach (var lines in _log.WatchAsync(LogAfterAsync(afterAttempt, afterNumber, cancellationToken), cancellationToken))
        {
            ImmutableArray<LogLine> more = [.. lines.Where(line => (line.Attempt, line.Number).CompareTo(last) > 0)]; // what was read may be published as well
            if (!more.IsEmpty || !any)
            {
                (last, any) = (more.IsEmpty ? last : (more[^1].Attempt, more[^1].Number), true);
                yield return more;
            }
        }
    }

    /// <summary>What is durable now, page by page; the last one may be empty.</summary>
    private async IAsyncEnumerable<ImmutableArray<LogLine>> LogAfterAsync(int attempt, int number, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ImmutableArray<LogLine> page;
        do
        {
            page = await store.LoadLogAsync(_id, attempt, number, LogPage, cancellationToken);
            (attempt, number) = page.IsEmpty ? (attempt, number) : (page[^1].Attempt, page[^1].Number);
            yield return page;
        }
        while (page.Length == LogPage);
    }

    /// <summary>The trial after a report: its last values, and the best of the objective.</summary>
    internal static TrialSnapshot Apply(TrialSnapshot trial, TrialReport report, Objective objective)
    {
        var metrics = trial.Metrics.ToBuilder();
        var best = trial.Objective;
        foreach (var point in report.Points.OrderBy(point => point.Step).Where(point => !point.Name.StartsWith(MetricNames.ClassPrefix, StringComparison.Ordinal)))
        {
            metrics[point.Name] = point.Value;
            if (point.Name == objective.Metric && double.IsFinite(point.Value) && (best is null || (objective.Maximize ? point.Value > best : point.Value < best)))
            {
                best = point.Value;
            }
        }

        return trial with
        {
            Metrics = metrics.ToImmutable(),
            Objective = best,
            Step = Math.Max(report.Step, report.Start?.ResumedFromStep ?? (report.Step > 0 ? 0 : trial.Step)),
            TotalSteps = report.Start?.TotalSteps ?? trial.TotalSteps,
        };
    }

    private static string RunsOn(int attempt, string worker) => $"attempt {attempt} runs on {worker}";

    private int LossesInARow()
    {
        var step = _attempts[^1].ResumedFromStep;
        return _attempts.Reverse()
            .TakeWhile((attempt, index) => (index == 0 || attempt.State == AttemptState.Lost) && attempt.ResumedFromStep == step && attempt.StartedAt >= _row!.Trial.QueuedAt)
            .Count(attempt => attempt.Failure != FailureKind.ControlLost);
    }

    private async Task ReloadAsync(CancellationToken cancellationToken = default)
    {
        var history = await store.LoadTrialHistoryAsync(_id, cancellationToken);
        _isLoaded = true;
        (_row, _spec, _attempts) = (history?.Row, history?.Spec, history is null ? [] : [.. history.Attempts]);
    }

    private async Task EndAttemptAsync(TrialRow row, AttemptEnd end, TrialState state)
    {
        var now = clock.GetUtcNow();
        var (outcome, reason) = (end.Outcome, end.Reason);
        var attempt = _attempts[^1] with { State = outcome, EndedAt = now, Reason = reason, Failure = end.Failure };
        var final = state is not TrialState.Queued;
        await SaveAsync(
            new TrialChange(row with { Trial = row.Trial with { State = state, Reason = reason, EndedAt = final ? now : null } })
            {
                Attempt = attempt,
                AttemptNumber = attempt.Number,
                Events = [Event(final ? $"trial-{state}".ToLowerInvariant() : $"attempt-{outcome}".ToLowerInvariant(), reason, attempt.Worker)],
                Time = now,
            },
            attempt);
        LogEnded(_id, state, reason);
    }

    private Task TellSweepAsync() => _row!.Trial.IsFinal
        ? Sweep.OnTrialEndedAsync(_row, _row.Trial.Attempts, [])
        : Sweep.OnTrialChangedAsync(_row, _row.Trial.Attempts, []);

    private async Task SaveAsync(TrialChange change, AttemptSnapshot attempt)
    {
        try
        {
            await store.SaveTrialAsync(change);
        }
        catch (StaleVersionException)
        {
            DeactivateOnIdle(); // somebody else decided: the next activation reads what
            throw;
        }

        _row = change.Row with { Version = change.Row.Version + 1 };
        _attempts = _attempts.Count > 0 && _attempts[^1].Number == attempt.Number ? _attempts.SetItem(_attempts.Count - 1, attempt) : _attempts.Add(attempt);
    }

    private async Task<TrialRow> KnownAsync()
    {
        if (!_isLoaded)
        {
            await ReloadAsync();
        }

        return Known();
    }

    private TrialRow Known() => _row ?? throw NotFound();

    private KeyNotFoundException NotFound()
    {
        DeactivateOnIdle(); // it may be created later
        return new KeyNotFoundException($"There is no trial {_id}.");
    }

    private NewEvent Event(string kind, string reason, string by) => new(clock.GetUtcNow(), _id.SweepId, _id.Number, kind, reason, by);

    [LoggerMessage(LogLevel.Information, "Trial {Trial} is {State}: {Reason}")]
    private partial void LogEnded(TrialId trial, TrialState state, string reason);

    [LoggerMessage(LogLevel.Warning, "Trial {Trial} refused epoch {Epoch} of {WorkerId}: it is at {CurrentEpoch}")]
    private partial void LogRefused(TrialId trial, long epoch, long currentEpoch, string workerId);
}
