using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;
using MlTr.Grains.Placement;
using MlTr.Grains.Scheduling;
using MlTr.Grains.Storage;
using MlTr.Grains.Trials;

namespace MlTr.Grains.Evaluations;

/// <summary>
/// Lifecycle and parts of one evaluation; the only writer of its rows. A part is leased and fenced as a trial is, and counts once: by the file that its
/// row names. When all are done they are merged. Memory follows the store.
/// </summary>
[ControlSilo]
internal sealed partial class EvaluationGrain(
    IExperimentStore store,
    IEvaluationPlanner planner,
    IOptions<SchedulerOptions> options,
    TimeProvider clock,
    ILogger<EvaluationGrain> logger) : Grain, IEvaluationGrain, IEvaluationReports
{
    private static readonly TimeSpan MergeRetry = TimeSpan.FromSeconds(1);

    private readonly Dictionary<int, int> _done = []; // pictures of running parts; for showing only
    private EvaluationRow? _row;
    private IGrainTimer? _merging;

    private string Id => this.GetPrimaryKeyString();

    private ISchedulerQueue Scheduler => GrainFactory.GetGrain<ISchedulerQueue>(ISchedulerGrain.DefaultPool);

    public override async Task OnActivateAsync(CancellationToken cancellationToken) => _row = await store.LoadEvaluationAsync(Id, cancellationToken);

    public async Task<EvaluationSnapshot> StartAsync(EvaluationSpec spec, string by)
    {
        if (_row is null)
        {
            try
            {
                await StartNewAsync(spec, by);
            }
            catch
            {
                DeactivateOnIdle();
                throw;
            }
        }

        return Snapshot();
    }

    public Task<EvaluationSnapshot> GetSnapshotAsync() => Task.FromResult(Snapshot());

    public async Task<EvaluationSnapshot> CancelAsync(string by, string reason)
    {
        if (!Known().IsFinal)
        {
            await EndAsync(EvaluationState.Cancelled, reason, by);
        }

        return Snapshot();
    }

    public async Task<PartAssignment?> BeginAsync(int part, long epoch, string worker, string device)
    {
        var kind = device.Split(':')[0];
        if (_row is not { IsFinal: false } row || row.Part(part) is not { State: not PartState.Done } known || (row.Device ?? kind) != kind
            || epoch < known.Epoch || (epoch == known.Epoch && known.Worker != worker))
        {
            LogRefused(Id, part, epoch, worker);
            return null;
        }

        if (epoch > known.Epoch)
        {
            var isFirst = row.Device is null;
            _done.Remove(part);
            await SaveAsync(row.With(known.Begun(worker, epoch, clock.GetUtcNow())) with { State = EvaluationState.Running, Device = kind, Reason = "computed by workers" });
            if (isFirst)
            {
                await EnqueueAsync(); // the kind of device is known now: the others wait for its like
            }
        }

        var (spec, plan) = (row.Spec, row.Plan);
        return new PartAssignment(new PartId(Id, part), plan.Parts.Length, epoch, spec.Dataset!, spec.Split, plan.Checkpoint, plan.ImageSize, device);
    }

    public Task<TrialDirective> ReportAsync(int part, long epoch, int done)
    {
        var holds = _row is { IsFinal: false } row && row.Part(part) is { State: PartState.Running } known && known.Epoch == epoch;
        if (holds && _done.GetValueOrDefault(part) != done)
        {
            _done[part] = done;
            Show();
        }

        return Task.FromResult(holds ? TrialDirective.Continue : TrialDirective.Refused);
    }

    public async Task<EndAnswer> EndAsync(int part, long epoch, AttemptEnd end, string? file)
    {
        if (_row is not { } row || row.Part(part) is not { } known || known.Epoch != epoch || (known.State == PartState.Waiting && !row.IsFinal))
        {
            LogRefused(Id, part, epoch, "its worker");
            return new EndAnswer(IsRefused: true);
        }

        if (known.State == PartState.Running && !row.IsFinal)
        {
            switch (end.Outcome)
            {
                case AttemptState.Completed:
                    await SaveAsync(row.With(known with { State = PartState.Done, Losses = 0, File = file, EndedAt = clock.GetUtcNow() }));
                    break;
                case AttemptState.Failed when end.Failure != FailureKind.Disk || known.Losses + 1 >= options.Value.MaxLostAttempts:
                    await EndAsync(EvaluationState.Failed, string.Create(CultureInfo.InvariantCulture, $"part {part} on {known.Worker}: {end.Reason}"), known.Worker!);
                    break;
                case AttemptState.Failed: // a disk may answer later
                    await SaveAsync(row.With(known.Waits(clock.GetUtcNow()) with { Losses = known.Losses + 1 }));
                    return new EndAnswer(IsRefused: false, options.Value.RetryDelay);
                default:
                    await SaveAsync(row.With(known.Waits(clock.GetUtcNow())));
                    return new EndAnswer(IsRefused: false, TimeSpan.Zero);
            }
        }

        await Scheduler.RemoveAsync(new PartId(Id, part).ToWork());
        MergeIfComputed();
        return new EndAnswer(IsRefused: false);
    }

    public async Task<bool> LoseAsync(int part, long epoch, string worker, string reason, FailureKind kind)
    {
        if (_row is not { IsFinal: false } row || row.Part(part) is not { State: not PartState.Done } known || epoch < known.Epoch)
        {
            return false;
        }

        if (known.State == PartState.Running && epoch == known.Epoch && known.Worker == worker)
        {
            var losses = known.Losses + (kind == FailureKind.WorkerLost ? 1 : 0);
            LogLost(Id, part, worker, reason);
            if (losses >= options.Value.MaxLostAttempts)
            {
                await EndAsync(EvaluationState.Failed, string.Create(CultureInfo.InvariantCulture, $"part {part} lost {losses} workers, one after another (last: {reason}); try smaller pictures"), worker);
            }
            else
            {
                await SaveAsync(row.With(known.Waits(clock.GetUtcNow()) with { Losses = losses }));
            }
        }

        return !_row!.IsFinal;
    }

    public async Task WakeAsync()
    {
        if (_row is { IsFinal: false })
        {
            await EnqueueAsync();
            MergeIfComputed();
        }
    }

    private async Task StartNewAsync(EvaluationSpec spec, string by)
    {
        var trial = await store.LoadTrialAsync(spec.Trial) ?? throw new KeyNotFoundException($"There is no trial {spec.Trial}.");
        var sweep = (await store.LoadSweepRowAsync(spec.Trial.SweepId))!;
        if (sweep.State == SweepState.Deleted)
        {
            throw new EvaluationException($"Sweep {sweep.Id} is deleted: restore it first.");
        }

        if (spec.ImageSize is < 1 or > EvaluationSpec.MaxImageSize)
        {
            throw new EvaluationException($"An image size is 1 to {EvaluationSpec.MaxImageSize} pixels.");
        }

        var wanted = spec with { Dataset = spec.Dataset ?? sweep.Spec.Dataset };
        var dataset = await store.LoadDatasetAsync(wanted.Dataset!) ?? throw new KeyNotFoundException($"There is no dataset '{wanted.Dataset}'.");
        if (dataset.State != DatasetState.Ready)
        {
            throw new EvaluationException($"The pictures of {dataset.Id} have not been read yet: prepare it first.");
        }

        var plan = await planner.PlanAsync(new EvaluationSource(wanted, await store.LoadCheckpointsAsync(trial.Id), dataset, trial.Trial.IsFinal ? null : Id));
        var row = new EvaluationRow(
            Id,
            wanted with { ImageSize = plan.ImageSize },
            EvaluationState.Queued,
            "waits for a worker",
            plan,
            [.. plan.Parts.Select((pictures, index) => new PartRow(index + 1, PartState.Waiting, pictures))],
            EvaluationFigures.None,
            Device: null,
            by,
            clock.GetUtcNow(),
            EndedAt: null,
            Version: 0);
        await SaveAsync(row, Event("evaluation-started", $"the checkpoint at step {plan.Step} on {Subject(row)}", by));
        LogStarted(Id, Subject(row), plan.Parts.Length);
        await EnqueueAsync();
    }

    /// <summary>Lets the scheduler know of every part that is not done; it keeps those that it knows.</summary>
    private async Task EnqueueAsync()
    {
        var row = Known();
        var sweep = await store.LoadSweepRowAsync(row.Spec.Trial.SweepId);
        var waiting = row.Parts.Where(part => part.State != PartState.Done).Select(part => new QueuedTrial(new PartId(Id, part.Number).ToWork(), part.Epoch));
        await Scheduler.EnqueueAsync([.. waiting], row.Rules(sweep!.Spec));
    }

    private void MergeIfComputed()
    {
        if (_row is { IsFinal: false, IsComputed: true })
        {
            _merging ??= this.RegisterGrainTimer(MergeAsync, new GrainTimerCreationOptions(TimeSpan.Zero, MergeRetry) { KeepAlive = true });
        }
    }

    private async Task MergeAsync(CancellationToken cancellationToken)
    {
        if (_row is { IsFinal: false } row)
        {
            try
            {
                var figures = await planner.MergeAsync(Id, row.Plan, [.. row.Parts.Select(part => part.File!)]);
                await EndAsync(EvaluationState.Completed, string.Create(CultureInfo.InvariantCulture, $"{row.Parts.Sum(part => part.Pictures)} pictures"), row.CreatedBy, figures);
            }
            catch (EvaluationException error)
            {
                await EndAsync(EvaluationState.Failed, error.Message, row.CreatedBy);
            }
        }

        _merging?.Dispose();
        _merging = null;
    }

    private async Task EndAsync(EvaluationState state, string reason, string by, EvaluationFigures? figures = null)
    {
        var (row, now) = (Known(), clock.GetUtcNow());
        var ended = row with
        {
            State = state,
            Reason = reason,
            Figures = figures ?? row.Figures,
            Parts = [.. row.Parts.Select(part => part.State == PartState.Running ? part.Waits(now) : part)],
            EndedAt = now,
        };
        await SaveAsync(ended, Event($"evaluation-{state}".ToLowerInvariant(), $"{Subject(row)}: {reason}", by));
        LogEnded(Id, state, reason);
        await Scheduler.StopSweepAsync(Id, reason); // to the scheduler an evaluation is what a sweep is
        planner.Delete(Id);
    }

    private async Task SaveAsync(EvaluationRow row, params ImmutableArray<NewEvent> events)
    {
        try
        {
            await store.SaveEvaluationAsync(row, events);
        }
        catch (StaleVersionException)
        {
            DeactivateOnIdle(); // somebody else decided, or its sweep was purged: the next activation reads what
            throw;
        }

        _row = row with { Version = row.Version + 1 };
        Show();
    }

    private void Show() => GrainFactory.GetGrain<IEvaluationDirectoryReports>(EvaluationIds.TrialOf(Id).ToString()).OnEvaluationChangedAsync(Snapshot()).Ignore(); // one way: there is no answer to wait for

    private static string Subject(EvaluationRow row) =>
        string.Create(CultureInfo.InvariantCulture, $"{row.Spec.Dataset} {row.Spec.Split} at {row.Plan.ImageSize} pixels");

    private NewEvent Event(string kind, string reason, string by)
    {
        var trial = EvaluationIds.TrialOf(Id);
        return new NewEvent(clock.GetUtcNow(), trial.SweepId, trial.Number, kind, reason, by);
    }

    private EvaluationRow Known()
    {
        if (_row is null)
        {
            DeactivateOnIdle(); // it may be created later
            throw new KeyNotFoundException($"There is no evaluation '{Id}'.");
        }

        return _row;
    }

    private EvaluationSnapshot Snapshot()
    {
        var row = Known();
        return new EvaluationSnapshot(
            Id,
            row.Spec,
            row.State,
            row.Reason,
            row.Plan.Step,
            [.. row.Parts.Select(part => new PartSnapshot(part.Number, part.State, part.Pictures, Done(part), part.Worker))],
            row.Figures.Metrics,
            row.Figures.ClassAveragePrecision,
            row.Device,
            row.CreatedBy,
            row.CreatedAt,
            row.EndedAt);
    }

    private int Done(PartRow part) => part.State switch
    {
        PartState.Done => part.Pictures,
        PartState.Running => _done.GetValueOrDefault(part.Number),
        _ => 0,
    };

    [LoggerMessage(LogLevel.Information, "Evaluation {EvaluationId} on {Subject} started in {Parts} parts")]
    private partial void LogStarted(string evaluationId, string subject, int parts);

    [LoggerMessage(LogLevel.Information, "Evaluation {EvaluationId} is {State}: {Reason}")]
    private partial void LogEnded(string evaluationId, EvaluationState state, string reason);

    [LoggerMessage(LogLevel.Warning, "Evaluation {EvaluationId} lost the worker {WorkerId} of part {Part}: {Reason}")]
    private partial void LogLost(string evaluationId, int part, string workerId, string reason);

    [LoggerMessage(LogLevel.Warning, "Evaluation {EvaluationId} refused part {Part} at epoch {Epoch} of {WorkerId}")]
    private partial void LogRefused(string evaluationId, int part, long epoch, string workerId);
}
