using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;
using MlTr.Grains.Evaluations;
using MlTr.Grains.Placement;
using MlTr.Grains.Storage;
using MlTr.Grains.Trials;
using Orleans.Concurrency;

namespace MlTr.Grains.Scheduling;

/// <summary>
/// Hands trials to workers that ask, and judges by its own monotonic clock who has fallen silent. Keeps nothing durable: it reads queue
/// and leases from the rows of trials and evaluations when it is activated. Reentrant, since questions stay open; it calls a trial, or an evaluation, only to say that a lease is gone.
/// </summary>
[ControlSilo, Reentrant]
internal sealed partial class SchedulerGrain(
    IExperimentStore store,
    IOptions<SchedulerOptions> options,
    TimeProvider clock,
    ILogger<SchedulerGrain> logger) : Grain, ISchedulerGrain, ISchedulerWorkers, ISchedulerQueue
{
    private const string Supervisor = "supervisor"; // in events

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MaxPatience = TimeSpan.FromSeconds(10); // well below the time after which a call counts as lost

    private readonly Pool _pool = new();
    private readonly LiveHub<SchedulerSnapshot> _hub = new();
    private readonly Dictionary<string, KnownWorker> _workers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TaskCompletionSource<Assignment?>> _questions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _restarts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _drained = new(StringComparer.Ordinal);
    private readonly long _origin = clock.GetTimestamp();
    private TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _changed;

    private TimeSpan Now => clock.GetElapsedTime(_origin);

    private TimeSpan NextDeadline => Now + options.Value.LeaseDuration;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var sweeps = new Dictionary<string, (SweepRow? Row, bool Ready)>(StringComparer.Ordinal);
        foreach (var row in await store.ListOpenTrialsAsync(cancellationToken))
        {
            if (!sweeps.TryGetValue(row.Id.SweepId, out var sweep))
            {
                var sweepRow = await store.LoadSweepRowAsync(row.Id.SweepId, cancellationToken);
                var dataset = sweepRow is null ? null : await store.LoadDatasetAsync(sweepRow.Spec.Dataset, cancellationToken);
                sweeps[row.Id.SweepId] = sweep = (sweepRow, dataset?.State == DatasetState.Ready);
            }

            if (row.Trial is { State: TrialState.Running, Worker: not null })
            {
                _pool.Adopt(AdoptedLease(row, sweep.Row) with { IsInherited = true });
            }
            else if (sweep is { Ready: true, Row.State: SweepState.Running or SweepState.Paused })
            {
                _pool.Enqueue(row.Id, row.Epoch, QueueRules.Of(sweep.Row.Spec));
            }
        }

        foreach (var evaluation in await store.ListUnfinishedEvaluationsAsync(cancellationToken))
        {
            await AddAsync(evaluation, cancellationToken);
        }

        foreach (var (sweepId, _) in sweeps.Where(sweep => sweep.Value.Row?.State == SweepState.Paused))
        {
            _pool.Pause(sweepId, "its sweep was paused");
        }

        foreach (var drained in await store.ListDrainedWorkersAsync(cancellationToken))
        {
            Drain(drained.WorkerId, drained.By);
        }

        this.RegisterGrainTimer(OnTickAsync, new GrainTimerCreationOptions(Tick, Tick) { Interleave = true, KeepAlive = true });
    }

    private async Task AddAsync(EvaluationRow evaluation, CancellationToken cancellationToken)
    {
        var sweep = await store.LoadSweepRowAsync(evaluation.Spec.Trial.SweepId, cancellationToken);
        var rules = evaluation.Rules(sweep!.Spec);
        foreach (var part in evaluation.Parts.Where(part => part.State != PartState.Done))
        {
            var work = new PartId(evaluation.Id, part.Number).ToWork();
            if (part.State == PartState.Running)
            {
                _pool.Adopt(new Lease(work, part.Worker!, part.Epoch, NextDeadline, IsInherited: true));
            }

            _pool.Enqueue(work, part.Epoch, rules); // one that is leased only takes the rules
        }
    }

    public async Task<Assignment?> AskAsync(WorkerReport worker)
    {
        await NoteAsync(worker);
        if (_pool.LeaseOf(worker.Id) is { } held)
        {
            await LoseAsync(held, "its worker does not run it any more");
        }

        if (_questions.Remove(worker.Id, out var earlier))
        {
            earlier.TrySetResult(null);
        }

        if (Offer(worker.Id) is { } assignment)
        {
            return assignment;
        }

        var question = new TaskCompletionSource<Assignment?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _questions[worker.Id] = question;
        try
        {
            return await question.Task.WaitAsync(options.Value.AskDuration, clock);
        }
        catch (TimeoutException)
        {
            // An answer may have been given in the same moment: it counts.
            return question.TrySetResult(null) ? null : await question.Task;
        }
        finally
        {
            if (_questions.TryGetValue(worker.Id, out var open) && open == question)
            {
                _questions.Remove(worker.Id);
            }
        }
    }

    public async Task<LeaseAnswer> RenewAsync(WorkerReport worker, TrialId trial, long epoch, TimeSpan patience)
    {
        await NoteAsync(worker);
        if (!_pool.Renew(trial, worker.Id, epoch, NextDeadline))
        {
            if (await RecordedLeaseAsync(trial) is not { } recorded || recorded.Epoch != epoch || recorded.Worker != worker.Id || !_pool.Adopt(recorded))
            {
                LogRefused(worker.Id, trial, epoch);
                return new LeaseAnswer(TrialDirective.Refused);
            }
        }

        var until = Now + (patience < MaxPatience ? patience : MaxPatience);
        while (Answer(worker.Id, trial, epoch) is { Directive: TrialDirective.Continue } goOn)
        {
            if (until <= Now)
            {
                return goOn;
            }

            await Task.WhenAny(_told.Task, Task.Delay(until - Now, clock));
        }

        return Answer(worker.Id, trial, epoch);
    }

    /// <summary>The lease on work that runs, as its row says; null if it does not run.</summary>
    private async Task<Lease?> RecordedLeaseAsync(TrialId work)
    {
        if (work.ToPart() is { } part)
        {
            var evaluation = await store.LoadEvaluationAsync(part.Evaluation);
            return evaluation is { IsFinal: false } && evaluation.Part(part.Number) is { State: PartState.Running } known ? new Lease(work, known.Worker!, known.Epoch, NextDeadline) : null;
        }

        return await store.LoadTrialAsync(work) is { Trial: { State: TrialState.Running, Worker: not null } } row ? AdoptedLease(row, await store.LoadSweepRowAsync(work.SweepId)) : null;
    }

    /// <summary>The lease on a trial that runs, as its row says. What was decided about its sweep meanwhile, its worker hears now.</summary>
    private Lease AdoptedLease(TrialRow row, SweepRow? sweep) => new(
        row.Id,
        row.Trial.Worker!,
        row.Epoch,
        NextDeadline,
        sweep?.State == SweepState.Cancelled ? "its sweep was cancelled" : null,
        sweep?.State == SweepState.Paused ? "its sweep was paused" : null);

    private LeaseAnswer Answer(string worker, TrialId trial, long epoch) => _pool.Find(trial) switch
    {
        { } lease when lease.Worker != worker || lease.Epoch != epoch => new LeaseAnswer(TrialDirective.Refused),
        { StopReason: { } reason } => new LeaseAnswer(TrialDirective.Stop, reason),
        { YieldReason: { } reason } => new LeaseAnswer(TrialDirective.Yield, reason),
        { } => new LeaseAnswer(TrialDirective.Continue),
        null => new LeaseAnswer(TrialDirective.Refused),
    };

    public async Task YieldAsync(string workerId, TrialId trial, long epoch, TimeSpan delay)
    {
        if (_pool.LeaseOf(workerId) is { } lease && lease.Trial == trial && lease.Epoch == epoch)
        {
            _pool.Requeue(lease, delay > TimeSpan.Zero ? Now + delay : TimeSpan.Zero);
            if (lease.StopReason is not null && trial.ToPart() is not null)
            {
                _pool.Remove(trial); // only an evaluation that has ended stops its parts
            }
            else if (lease.StopReason is { } reason)
            {
                // The stop came when the trial had given way already: it waits now, and waiting trials are its sweep's to end.
                await GrainFactory.GetGrain<ISweepGrain>(trial.SweepId).CancelTrialAsync(trial.Number, "scheduler", reason);
            }

            Changed();
        }
    }

    public async Task WorkerExitedAsync(string workerId, string reason, bool asked)
    {
        if (asked)
        {
            LogWorkerLeft(workerId, reason);
        }
        else
        {
            LogWorkerLost(workerId, reason);
        }

        if (_questions.Remove(workerId, out var question))
        {
            question.TrySetResult(null);
        }

        if (_workers.TryGetValue(workerId, out var worker))
        {
            _workers[workerId] = worker with { IsLost = true };
        }

        if (_pool.LeaseOf(workerId) is { } lease)
        {
            await LoseAsync(lease, reason);
        }

        Changed();
        if (!asked)
        {
            await RecordAsync(workerId, WorkerEventKind.Lost, reason, Supervisor);
        }
    }

    public async Task WorkerRestartedAsync(string workerId, int restarts)
    {
        _restarts[workerId] = restarts;
        Changed();
        var exit = (await store.ListWorkerEventsAsync(workerId)).FirstOrDefault(happened => happened.Kind == WorkerEventKind.Lost); // also if this scheduler is a new one
        await RecordAsync(workerId, WorkerEventKind.Restarted, string.Create(CultureInfo.InvariantCulture, $"restart {restarts} since the platform started{(exit is null ? "" : $": {exit.Reason}")}"), Supervisor);
    }

    public Task EnqueueAsync(IReadOnlyList<QueuedTrial> trials, QueueRules rules)
    {
        foreach (var queued in trials)
        {
            _pool.Enqueue(queued.Trial, queued.Epoch, rules);
        }

        Changed();
        return Task.CompletedTask;
    }

    public Task<int> CountWorkersAsync(string labels)
    {
        var wanted = WorkerLabels.Parse(labels);
        return Task.FromResult(_workers.Count(worker => !worker.Value.IsLost && _pool.Takes(worker.Key, wanted)));
    }

    public Task RemoveAsync(TrialId trial) => Change(() => _pool.Remove(trial));

    public Task StopSweepAsync(string sweepId, string reason) => Change(() => _pool.Stop(sweepId, reason));

    public Task<bool> StopTrialAsync(TrialId trial, string reason)
    {
        var isLeased = _pool.Stop(trial, reason);
        Changed();
        return Task.FromResult(isLeased);
    }

    public Task StopRunningAsync(TrialRow row, string reason) => Change(() =>
    {
        _pool.Adopt(AdoptedLease(row, sweep: null));
        _pool.Stop(row.Id, reason);
    });

    public Task HoldTrialAsync(TrialId trial, string reason) => Change(() => _pool.Hold(trial, reason));

    public Task ReleaseTrialAsync(TrialId trial) => Change(() => _pool.Release(trial));

    public Task PauseSweepAsync(string sweepId, string reason) => Change(() => _pool.Pause(sweepId, reason));

    public Task ResumeSweepAsync(string sweepId) => Change(() => _pool.Resume(sweepId));

    public async Task DrainAsync(string workerId, string by)
    {
        if (!_workers.ContainsKey(workerId))
        {
            throw new KeyNotFoundException($"No worker '{workerId}' has called in.");
        }

        await store.SaveDrainedWorkerAsync(new DrainedWorker(workerId, by, clock.GetUtcNow()));
        LogDrained(workerId, by);
        Drain(workerId, by);
        Changed();
    }

    public Task ResumeAsync(string workerId) => ResumeAsync(workerId, "client");

    public async Task ResumeAsync(string workerId, string by)
    {
        await store.RemoveDrainedWorkerAsync(new DrainedWorker(workerId, by, clock.GetUtcNow()));
        Drain(workerId, by: null);
        Changed();
    }

    public Task<SchedulerSnapshot> GetSnapshotAsync() => Task.FromResult(Snapshot());

    public IAsyncEnumerable<SchedulerSnapshot> WatchAsync(CancellationToken cancellationToken) => _hub.WatchAsync([Snapshot()], cancellationToken);

    private async Task OnTickAsync(CancellationToken cancellationToken)
    {
        SchedulerMeter.QueueLength.Record(_pool.QueueLength);
        SchedulerMeter.Leases.Record(_pool.LeaseCount);
        SchedulerMeter.Workers.Record(_workers.Count(worker => !worker.Value.IsLost));
        foreach (var lease in _pool.Expired(Now))
        {
            await LoseAsync(lease, $"{lease.Worker} was silent for {options.Value.LeaseDuration.TotalSeconds:0} s");
        }

        foreach (var (id, worker) in _workers.Where(pair => !pair.Value.IsLost && Now - pair.Value.Heard > options.Value.LeaseDuration).ToList())
        {
            LogWorkerLost(id, "silent");
            _workers[id] = worker with { IsLost = true };
            _changed = true;
            await RecordAsync(id, WorkerEventKind.Lost, string.Create(CultureInfo.InvariantCulture, $"silent for {options.Value.LeaseDuration.TotalSeconds:0} s"), "scheduler");
        }

        if (_pool.Wake(Now))
        {
            Changed();
        }

        if (_changed)
        {
            _changed = false;
            if (_hub.HasWatchers)
            {
                _hub.Publish(Snapshot());
            }
        }
    }

    /// <summary>Takes a worker's call as a sign of life. Another process under the same name means that the earlier one is gone, with what it ran.</summary>
    private async Task NoteAsync(WorkerReport report)
    {
        var restarted = _workers.TryGetValue(report.Id, out var known) && (known.Report.ProcessId, known.Report.MachineName) != (report.ProcessId, report.MachineName);
        if (known is null || known.IsLost || restarted)
        {
            LogWorkerFound(report.Id, report.DeviceName, report.ProcessId);
        }

        NoteMemory(report);
        _pool.Know(report.Id, report.Labels);
        _workers[report.Id] = new KnownWorker(report, clock.GetUtcNow(), Now, IsLost: false);
        _changed = true;
        if (restarted && _pool.LeaseOf(report.Id) is { } lease)
        {
            await LoseAsync(lease, "its worker's process was restarted");
        }
    }

    private async Task LoseAsync(Lease lease, string reason)
    {
        SchedulerMeter.Losses.Add(1);
        var kind = lease.IsInherited ? FailureKind.ControlLost : FailureKind.WorkerLost;
        var waits = lease.Trial.ToPart() is { } part
            ? await GrainFactory.GetGrain<IEvaluationReports>(part.Evaluation).LoseAsync(part.Number, lease.Epoch, lease.Worker, reason, kind)
            : await GrainFactory.GetGrain<ITrialReports>(lease.Trial.ToString()).LoseAsync(lease.Epoch, lease.Worker, reason, lease.StopReason, kind);
        if (_pool.Find(lease.Trial)?.Epoch != lease.Epoch)
        {
            return; // settled while the trial was being told
        }

        // Also with a reason to stop: a trial that waits all the same was let run again since, or never began.
        if (waits)
        {
            _pool.Requeue(lease);
        }
        else
        {
            _pool.Remove(lease.Trial);
        }

        Changed();
    }

    private void Drain(string workerId, string? by)
    {
        _pool.Drain(workerId, by is not null);
        if (by is null)
        {
            _drained.Remove(workerId);
        }
        else
        {
            _drained[workerId] = by;
        }
    }

    private Assignment? Offer(string workerId)
    {
        if (_pool.Assign(workerId, NextDeadline) is not { } lease)
        {
            return null;
        }

        SchedulerMeter.Assignments.Add(1);
        LogAssigned(lease.Trial, lease.Worker, lease.Epoch);
        _changed = true;
        return new Assignment(lease.Trial, lease.Epoch);
    }

    private Task Change(Action change)
    {
        change();
        Changed();
        return Task.CompletedTask;
    }

    /// <summary>Answers open questions as far as there is work.</summary>
    private void Changed()
    {
        _changed = true;
        foreach (var (workerId, question) in _questions.ToList())
        {
            if (question.Task.IsCompleted || Offer(workerId) is not { } assignment)
            {
                continue;
            }

            _questions.Remove(workerId);
            question.TrySetResult(assignment);
        }

        foreach (var lease in _pool.Preempt())
        {
            LogPreempted(lease.Trial, lease.YieldReason!);
        }

        var told = _told;
        _told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        told.SetResult();
    }

    private SchedulerSnapshot Snapshot()
    {
        var workers = _workers.Values.Select(worker => worker.ToSnapshot(_pool.LeaseOf(worker.Report.Id)?.Trial, _restarts.GetValueOrDefault(worker.Report.Id)) with { DrainedBy = _drained.GetValueOrDefault(worker.Report.Id) })
            .OrderBy(worker => worker.Id, StringComparer.Ordinal).ToImmutableArray();
        var present = workers.Where(worker => worker.State != WorkerState.Lost).Select(worker => worker.Id).ToList();
        var idle = workers.Where(worker => worker.State == WorkerState.Idle).Select(worker => worker.Id).ToList();
        return new SchedulerSnapshot([.. _pool.Queue.Select(work => new QueueEntry(work.ToPart()?.Trial ?? work, _pool.WaitReason(work, present, idle), work.ToPart()))], workers);
    }

    /// <param name="Heard">Monotonic time of the last call; the wall clock beside it is only for showing.</param>
    private sealed record KnownWorker(WorkerReport Report, DateTimeOffset LastContact, TimeSpan Heard, bool IsLost)
    {
        public WorkerSnapshot ToSnapshot(TrialId? work, int restarts) => new(
            Report.Id,
            Report.Device,
            Report.DeviceName,
            IsLost ? WorkerState.Lost : work is null ? WorkerState.Idle : WorkerState.Busy,
            work?.ToPart() is null ? work : null,
            Report.ProcessId,
            Report.MachineName,
            Report.StartedAt,
            LastContact,
            restarts,
            Report.MemoryBytes,
            Report.CompletedTrials,
            Report.Labels,
            work?.ToPart());
    }

    [LoggerMessage(LogLevel.Information, "Trial {Trial} goes to {WorkerId} at epoch {Epoch}")]
    private partial void LogAssigned(TrialId trial, string workerId, long epoch);

    [LoggerMessage(LogLevel.Information, "Trial {Trial} is asked to leave its worker: {Reason}")]
    private partial void LogPreempted(TrialId trial, string reason);

    [LoggerMessage(LogLevel.Information, "Worker {WorkerId} called in: {DeviceName}, process {ProcessId}")]
    private partial void LogWorkerFound(string workerId, string deviceName, int processId);

    [LoggerMessage(LogLevel.Information, "Worker {WorkerId} gets no new trial: {By} asked for it")]
    private partial void LogDrained(string workerId, string by);

    [LoggerMessage(LogLevel.Information, "Worker {WorkerId} left: {Reason}")]
    private partial void LogWorkerLeft(string workerId, string reason);

    [LoggerMessage(LogLevel.Warning, "Worker {WorkerId} is lost: {Reason}")]
    private partial void LogWorkerLost(string workerId, string reason);

    [LoggerMessage(LogLevel.Warning, "Worker {WorkerId} does not hold trial {Trial} at epoch {Epoch}: refused")]
    private partial void LogRefused(string workerId, TrialId trial, long epoch);
}
