using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;
using MlTr.Grains.Datasets;
using MlTr.Grains.Notifications;
using MlTr.Grains.Placement;
using MlTr.Grains.Scheduling;
using MlTr.Grains.Storage;
using MlTr.Grains.Sweeps.Search;

namespace MlTr.Grains.Sweeps;

/// <summary>
/// Owns one sweep. Creates the rows of its trials and cancels those that no worker has; from the first assignment on a trial's own grain
/// writes its row and tells the sweep afterwards. What the sweep keeps of its trials is a copy that an activation reads from the store.
/// </summary>
[ControlSilo]
internal sealed partial class SweepGrain(IExperimentStore store, ISweepFiles files, WebhookQueue webhooks, TimeProvider clock, ILogger<SweepGrain> logger) : Grain, ISweepGrain, ISweepReports
{
    private const int MaxStaleRetries = 5, FewTrials = 20;
    private static readonly TimeSpan TellInterval = TimeSpan.FromMilliseconds(250); // a change after a quiet moment is told at once
    private static readonly TimeSpan ShowInterval = TimeSpan.FromMilliseconds(50);

    private readonly LiveHub<SweepEvent> _hub = new();
    private SweepRow? _row;
    private ImmutableSortedDictionary<int, TrialRow> _trials = ImmutableSortedDictionary<int, TrialRow>.Empty;
    private SweepTally _tally = new(new Objective());
    private SweepPauses _pauses = new();
    private string? _waiting;
    private Task _dispatch = Task.CompletedTask;
    private bool _dispatchDue;
    private bool _directoryDue;
    private long _toldDirectory;
    private bool _showDue;
    private IGrainTimer? _showTimer;

    private string Id => this.GetPrimaryKeyString();

    private ISchedulerQueue Scheduler => field ??= GrainFactory.GetGrain<ISchedulerQueue>(ISchedulerGrain.DefaultPool);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken);
        this.RegisterGrainTimer(TellDirectoryAsync, new GrainTimerCreationOptions(TellInterval, TellInterval) { Interleave = true });
    }

    public async Task StartAsync(SweepSpec spec, string by)
    {
        if (_row is not null)
        {
            return; // started before: the caller is asking twice
        }

        var errors = SweepValidator.Check(spec);
        if (SweepValidator.CheckDataset(spec, await store.ListDatasetsAsync()) is { } unknown)
        {
            errors = errors.Add(unknown);
        }

        if (!errors.IsEmpty)
        {
            DeactivateOnIdle();
            throw new SweepSpecException(errors);
        }

        var now = clock.GetUtcNow();
        var step = SearchStrategies.For(spec.Search.Kind).Start(spec, await SlotsAsync(spec));
        var row = new SweepRow(Id, spec, SweepState.Running, step.State, by, now, null, 0);
        var trials = NewTrials(step, now);
        await SaveAsync(row, trials, [Event("sweep-started", $"{trials.Length} trials on {spec.Dataset}", by)]);
        Accept(row, trials);
        LogStarted(Id, trials.Length);
        EnsureDispatched();
    }

    public async Task CancelAsync(string by, string reason)
    {
        var why = $"its sweep was cancelled by {by}: {reason}"; // on a trial's page the bare reason could be anybody's, about anything
        await DecideAsync("sweep-cancelled", by, reason, () => Known().IsFinal() ? null : (
            _row! with { State = SweepState.Cancelled, EndedAt = _trials.Values.Any(row => row.Trial.State == TrialState.Running) ? null : clock.GetUtcNow() },
            [.. _trials.Values.Where(row => row.Trial.State is TrialState.Queued or TrialState.Paused).Select(row => Ended(row, TrialState.Cancelled, why))]));
        await Scheduler.StopSweepAsync(Id, why);
    }

    public async Task PauseAsync(string by, string reason)
    {
        await DecideAsync("sweep-paused", by, reason, () => Known().State == SweepState.Running ? (_row! with { State = SweepState.Paused }, []) : null);
        if (_row!.State == SweepState.Paused)
        {
            await Scheduler.PauseSweepAsync(Id, $"its sweep was paused by {by}: {reason}");
        }
    }

    public async Task ResumeAsync(string by, string reason)
    {
        await DecideAsync("sweep-resumed", by, reason, () => Known().State == SweepState.Paused ? (_row! with { State = SweepState.Running }, []) : null);
        if (_row!.State == SweepState.Running)
        {
            await Scheduler.ResumeSweepAsync(Id);
            EnsureDispatched();
        }
    }

    public async Task CancelTrialAsync(int number, string by, string reason)
    {
        if (KnownTrial(number).Trial.IsFinal)
        {
            return;
        }

        await DecideAsync("trial-cancelled", by, reason, () => _trials[number] switch
        {
            { Trial.IsFinal: true } => null,
            { Trial.State: TrialState.Queued or TrialState.Paused } row => (_row!, [Ended(row, TrialState.Cancelled, reason)]),
            _ => (_row!, []), // its worker stops it
        }, number);
        if (!await Scheduler.StopTrialAsync(new TrialId(Id, number), reason) && _trials[number].Trial.State == TrialState.Running)
        {
            await LoadAsync(CancellationToken.None); // it has given way, and the news is on its way here
            await DecideAsync("trial-cancelled", by, reason, () => _trials[number].Trial.State is TrialState.Queued or TrialState.Paused
                ? (_row!, [Ended(_trials[number], TrialState.Cancelled, reason)])
                : null, number);
            if (_trials[number] is { Trial.State: TrialState.Running } running)
            {
                await Scheduler.StopRunningAsync(running, reason);
            }
        }

        if (_trials[number].Trial is { IsFinal: true } trial)
        {
            await GoOnAfterAsync(trial);
        }
    }

    public async Task<int> RetryAsync(ImmutableArray<int> numbers, string by, string reason)
    {
        Known();
        foreach (var number in numbers)
        {
            KnownTrial(number);
        }

        RefuseIfDeleted();
        var again = 0;
        await DecideAsync("sweep-retried", by, reason, () =>
        {
            var rows = (numbers.IsEmpty ? _trials.Values : numbers.Distinct().Select(number => _trials[number]))
                .Where(row => row.Trial.State is TrialState.Failed or TrialState.Cancelled)
                .Select(row => Waiting(row, $"runs again: {reason}"))
                .ToImmutableArray();
            again = rows.Length;
            return rows.IsEmpty ? null : (GoingOn(), rows);
        });
        EnsureDispatched();
        await UnarchiveAsync(by);
        return again;
    }

    public async Task<int> ExtendAsync(SweepSpec wider, string by)
    {
        RefuseIfDeleted();
        if (Known().State == SweepState.Cancelled)
        {
            throw new SweepStateException($"Sweep {Id} was cancelled: run its trials again before you ask for more.");
        }

        var errors = SweepValidator.Check(wider).AddRange(SweepValidator.CheckExtension(Known().Spec, wider));
        if (!errors.IsEmpty)
        {
            throw new SweepSpecException(errors);
        }

        var step = SearchStrategies.For(wider.Search.Kind).Extend(wider, _row!.Search, [.. _trials.Values.Select(row => row.Trial.Parameters)], await SlotsAsync(wider));
        if (wider.Search.Kind == SearchKind.Grid ? step.Proposals.IsEmpty : wider.Search.TrialBudget == _row.Spec.Search.TrialBudget)
        {
            throw new SweepSpecException([new("parameters", "This asks for no trial that the sweep does not have: add values to a list of its grid, or raise the number of trials.")]);
        }

        await DecideAsync("sweep-extended", by, $"{step.Proposals.Length} more trials", () => (
            GoingOn() with { Spec = wider, Search = step.State with { Rungs = _row!.Search.Rungs } },
            NewTrials(step, clock.GetUtcNow())));
        EnsureDispatched();
        await UnarchiveAsync(by);
        return step.Proposals.Length;
    }

    public Task DeleteAsync(string by, string reason) => DecideAsync("sweep-deleted", by, reason, () => Known() switch
    {
        { State: SweepState.Deleted } => null,
        { EndedAt: null } => throw new SweepStateException($"Sweep {Id} has not ended: cancel it before you delete it."),
        var row => (row with { State = SweepState.Deleted }, []),
    });

    public async Task RestoreAsync(string by, string reason)
    {
        Known();
        var ends = (await store.LoadEventsAsync(Id, trial: null))
            .Select(happened => happened.Kind switch
            {
                "sweep-completed" => SweepState.Completed,
                "sweep-failed" => SweepState.Failed,
                "sweep-cancelled" => SweepState.Cancelled,
                _ => (SweepState?)null,
            });
        var state = ends.LastOrDefault(end => end is not null) ?? SweepState.Completed;
        await DecideAsync("sweep-restored", by, reason, () => Known().State == SweepState.Deleted ? (_row! with { State = state }, []) : null);
    }

    public async Task PurgeAsync(string by)
    {
        if (_row is null)
        {
            DeactivateOnIdle(); // gone: somebody asks twice
            return;
        }

        if (_row.State != SweepState.Deleted)
        {
            throw new SweepStateException($"Sweep {Id} was not deleted: delete it before you purge it.");
        }

        await Task.Run(() => files.Delete(Id)); // first: while the rows are there, it can be asked again; and not on the turn's thread, as it may take a while
        await store.RemoveSweepAsync(Id, _row.Version);
        LogPurged(Id, by);
        _row = null;
        DeactivateOnIdle();
    }

    public Task<ImmutableArray<LifecycleEvent>> GetEventsAsync()
    {
        Known();
        return store.LoadEventsAsync(Id, trial: null);
    }

    public Task<SweepSnapshot> GetSnapshotAsync() => Task.FromResult(Snapshot(Known()));

    public Task<ImmutableArray<TrialSnapshot>> GetTrialsAsync()
    {
        Known();
        return Task.FromResult(_trials.Values.Select(Shown).ToImmutableArray());
    }

    public Task<ImmutableDictionary<int, Curve>> GetCurvesAsync(string metric)
    {
        Known();
        return store.LoadSweepCurvesAsync(Id, metric);
    }

    public Task<ImmutableDictionary<int, Curve>> GetCurvesOfAsync(string metric, ImmutableArray<int> trials, CurveWindow window)
    {
        Known();
        return store.LoadSweepCurvesAsync(Id, metric, trials.IsDefault ? [] : trials, window with { MaxPoints = Math.Max(window.MaxPoints, 4) });
    }

    public async Task<ImmutableDictionary<int, double>> GetMetricAsync(MetricPick pick, ImmutableArray<int> trials)
    {
        var objective = Known().Spec.Objective;
        var asked = (trials.IsDefaultOrEmpty ? _trials.Keys : trials.Where(_trials.ContainsKey)).ToHashSet();
        var values = ImmutableDictionary.CreateBuilder<int, double>();
        foreach (var alike in asked.GroupBy(number => pick.Place == MetricPlace.Pass ? Passes(_trials[number].Trial) : 0).ToList())
        {
            // A few by number; of many the whole sweep, which is one query.
            foreach (var only in alike.Count() <= FewTrials ? alike.Select(number => (int?)number) : [null])
            {
                var found = await store.LoadMetricAsync(Id, pick.Metric, pick.Place == MetricPlace.Best ? objective : null, pick.Place == MetricPlace.Pass ? pick.Pass : 0, alike.Key, only);
                var wanted = alike.ToHashSet();
                values.AddRange(found.Where(pair => wanted.Contains(pair.Key)));
            }
        }

        return values.ToImmutable();
    }

    private static long Passes(TrialSnapshot trial) =>
        (trial.Parameters.TryGetValue(HyperParameters.Passes, out var set) ? set : HyperParameters.Find(HyperParameters.Passes)!.Default).AsInt;

    public IAsyncEnumerable<SweepEvent> WatchChangesAsync(CancellationToken cancellationToken) => _hub.WatchAsync(() => [new SweepEvent(Sweep: Snapshot(Known()))], cancellationToken);

    public IAsyncEnumerable<SweepEvent> WatchAsync(CancellationToken cancellationToken) => _hub.WatchAsync(
        () => [new SweepEvent(Sweep: Snapshot(Known())), .. _trials.Values.Select(row => new SweepEvent(Trial: Shown(row)))], cancellationToken);

    public async Task OnTrialChangedAsync(TrialRow row, int attempt, ImmutableArray<MetricPoint> points)
    {
        if (_row is not null && (!_trials.TryGetValue(row.Id.Number, out var known) || known.Version < row.Version))
        {
            Accept(_row, [row], bumpVersions: false, attempt, points);
        }
        else if (!points.IsEmpty)
        {
            _hub.Publish(new SweepEvent(Points: new TrialPoints(row.Id, attempt, points)));
        }

        if (_row is { State: SweepState.Cancelled } && _trials[row.Id.Number].Trial.State == TrialState.Queued)
        {
            await CancelLateAsync(row.Id.Number);
        }

        if (_row?.Spec.Stopping is { Kind: not StoppingKind.None } stopping)
        {
            await JudgeAsync(stopping, row.Trial, points);
            await SettleAsync(row.Id.Number);
        }
    }

    public async Task OnTrialEndedAsync(TrialRow row, int attempt, ImmutableArray<MetricPoint> points)
    {
        await OnTrialChangedAsync(row, attempt, points);
        await Scheduler.RemoveAsync(row.Id);
        if (_trials.TryGetValue(row.Id.Number, out var now) && !now.Trial.IsFinal)
        {
            EnsureDispatched(); // the end is old news: a person let the trial run again meanwhile, and the scheduler has just forgotten it
            return;
        }

        await GoOnAfterAsync(row.Trial);
    }

    public async Task WakeAsync()
    {
        if (Known().IsFinal() && _row!.EndedAt is not null)
        {
            return;
        }

        if (_row!.State == SweepState.Paused)
        {
            await Scheduler.PauseSweepAsync(Id, "its sweep was paused");
        }
        else if (_row.State == SweepState.Cancelled)
        {
            await Scheduler.StopSweepAsync(Id, "its sweep was cancelled");
        }

        await StopCancelledTrialsAsync();
        foreach (var (number, reason, _) in HeldOrEnding())
        {
            if (_trials[number].Trial.State == TrialState.Running)
            {
                await Scheduler.HoldTrialAsync(new TrialId(Id, number), reason);
            }

            await SettleAsync(number);
        }

        // The process may have died between a trial's end and what the search made of it.
        foreach (var ended in _trials.Values.Where(row => row.Trial.IsFinal).ToList())
        {
            await SearchOnAsync(ended.Trial);
        }

        await FinishIfDoneAsync();
        EnsureDispatched();
    }

    /// <summary>The process may have died between a decision to cancel a running trial and its worker's hearing of it.</summary>
    private async Task StopCancelledTrialsAsync()
    {
        if (_tally[TrialState.Running] == 0)
        {
            return;
        }

        foreach (var happened in await store.LoadSweepEventsAsync(Id, ["trial-cancelled"], ofTrials: true))
        {
            if (happened is { Trial: { } number } && _trials[number] is { Trial.State: TrialState.Running } row && happened.Time >= row.Trial.QueuedAt)
            {
                await Scheduler.StopRunningAsync(row, happened.Reason);
            }
        }
    }

    /// <summary>A trial gave way, for a pause or a higher priority, in the moment in which the sweep was cancelled: it must not wait for a worker that never comes.</summary>
    private async Task CancelLateAsync(int number)
    {
        await DecideAsync("trial-cancelled", "sweep", "its sweep was cancelled", () => _trials[number].Trial.State == TrialState.Queued && _row!.State == SweepState.Cancelled
            ? (_row, [Ended(_trials[number], TrialState.Cancelled, "its sweep was cancelled")])
            : null, number);
        if (_trials[number].Trial is { IsFinal: true } trial)
        {
            await Scheduler.RemoveAsync(trial.Id);
            await GoOnAfterAsync(trial);
        }
    }

    /// <summary>
    /// Writes a decision about the sweep, and about trials that no worker has, in one transaction. It is made anew from what the store has if a trial was
    /// assigned in the same moment; null decides nothing.
    /// </summary>
    private async Task DecideAsync(string kind, string by, string reason, Func<(SweepRow Row, ImmutableArray<TrialRow> Trials)?> decide, int? trial = null)
    {
        for (var tries = 0; decide() is { } next; tries++)
        {
            try
            {
                await store.SaveSweepAsync(next.Row, next.Trials, [Event(kind, reason, by, trial) with { Notice = NoticeOf(next.Row) }]);
                Accept(next.Row, next.Trials);
                webhooks.Wake();
                return;
            }
            catch (StaleVersionException) when (tries < MaxStaleRetries)
            {
                await LoadAsync(CancellationToken.None);
            }
        }
    }

    /// <summary>
    /// Writes what follows from what this activation knows. If another one of this sweep, on a silo that the cluster has parted with, has written
    /// meanwhile, this one ends, and the next reads what has happened and goes on from there.
    /// </summary>
    private async Task SaveAsync(SweepRow row, ImmutableArray<TrialRow> trials, ImmutableArray<NewEvent> events)
    {
        try
        {
            await store.SaveSweepAsync(row, trials, events);
        }
        catch (StaleVersionException)
        {
            DeactivateOnIdle();
            GrainFactory.GetGrain<ISweepReports>(Id).WakeAsync().Ignore();
            throw;
        }
    }

    /// <summary>The row of a sweep that has trials to run again; a paused one stays paused.</summary>
    private SweepRow GoingOn() => _row! with { State = _row.State == SweepState.Paused ? SweepState.Paused : SweepState.Running, EndedAt = null };

    private TrialRow Waiting(TrialRow row, string reason) =>
        row with { Trial = row.Trial with { State = TrialState.Queued, Reason = reason, QueuedAt = clock.GetUtcNow(), EndedAt = null } };

    private TrialRow Ended(TrialRow row, TrialState state, string reason) =>
        row with { Trial = row.Trial with { State = state, Reason = reason, EndedAt = clock.GetUtcNow() } };

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (await store.LoadSweepAsync(Id, cancellationToken) is not { } loaded)
        {
            return;
        }

        _notes = (await store.LoadNotesAsync(Id, cancellationToken)).ToImmutableDictionary(note => note.Trial);
        _pauses = SweepPauses.Of(await store.LoadSweepEventsAsync(Id, [.. SweepPauses.Kinds], ofTrials: false, cancellationToken));
        _row = loaded.Sweep;
        _trials = loaded.Trials.ToImmutableSortedDictionary(row => row.Id.Number, row => row);
        _tally = SweepTally.Of(_row.Spec.Objective, _trials.Values.Select(row => row.Trial));
    }

    /// <summary>A trial has its result so far: the search may want more, and the sweep may be done.</summary>
    private async Task GoOnAfterAsync(TrialSnapshot trial)
    {
        await SearchOnAsync(trial);
        await FinishIfDoneAsync();
    }

    private async Task SearchOnAsync(TrialSnapshot trial)
    {
        var search = SearchStrategies.For(Known().Spec.Search.Kind);
        if (search is FixedSearch || _row!.IsFinal())
        {
            return;
        }

        var step = search.OnTrialEnded(_row!.Spec, _row.Search, trial, await SlotsAsync(_row.Spec));
        var state = step.State with { Rungs = _row.Search.Rungs };
        if (state == _row.Search)
        {
            return; // it knew
        }

        var row = _row with { Search = state };
        var trials = NewTrials(step, clock.GetUtcNow());
        await SaveAsync(row, trials, []);
        Accept(row, trials);
        EnsureDispatched();
    }

    /// <summary>How many trials can run at once: what the spec allows, or as many as there are workers.</summary>
    private async Task<int> SlotsAsync(SweepSpec spec) => spec.MaxParallelTrials > 0 ? spec.MaxParallelTrials : Math.Max(1, await Scheduler.CountWorkersAsync(spec.WorkerLabels));

    /// <summary>Asks the stopping rule about each evaluation among new points: what it decides is durable before anything is done.</summary>
    private async Task JudgeAsync(StoppingSpec stopping, TrialSnapshot trial, ImmutableArray<MetricPoint> points)
    {
        foreach (var point in points.Where(point => point.Name == _row!.Spec.Objective.Metric && double.IsFinite(point.Value)).OrderBy(point => point.Step))
        {
            var passes = HyperParameters.Complete(trial.Parameters)[HyperParameters.Passes].AsInt;
            if (trial.TotalSteps == 0 || _row!.IsFinal() || point.Step * passes % trial.TotalSteps != 0)
            {
                continue; // not at the end of a pass
            }

            var pass = (int)(point.Step * passes / trial.TotalSteps);
            await DoAsync(StoppingRules.OnValue(
                stopping, _row!.Spec.Objective, _row.Search.Rungs ?? StoppingState.Empty, trial.Id.Number, pass, (int)passes, _row.Spec.MaxPasses(), point.Value));
        }
    }

    private async Task DoAsync((StoppingState State, ImmutableArray<StoppingAction> Actions) decision)
    {
        if (decision.State == _row!.Search.Rungs || (_row.Search.Rungs is null && decision.State == StoppingState.Empty))
        {
            return;
        }

        var released = decision.Actions.Where(action => action.Verb == StoppingVerb.Release && _trials[action.Trial].Trial.State == TrialState.Paused)
            .Select(action => Waiting(_trials[action.Trial], action.Reason)).ToImmutableArray();
        var ended = decision.Actions.Where(action => action.Verb == StoppingVerb.End && _trials[action.Trial].Trial.State == TrialState.Paused)
            .Select(action => Ended(_trials[action.Trial], TrialState.Stopped, action.Reason)).ToImmutableArray();
        var row = _row with { Search = _row.Search with { Rungs = decision.State } };
        await SaveAsync(row, [.. released, .. ended], [.. decision.Actions.Select(action => Event($"trial-{action.Verb}".ToLowerInvariant(), action.Reason, "stopping rule", action.Trial))]);
        Accept(row, [.. released, .. ended]);
        foreach (var action in decision.Actions)
        {
            var id = new TrialId(Id, action.Trial);
            await (action.Verb == StoppingVerb.Release ? Scheduler.ReleaseTrialAsync(id)
                : _trials[action.Trial].Trial.IsFinal ? Scheduler.RemoveAsync(id)
                : Scheduler.HoldTrialAsync(id, action.Reason));
        }

        if (!released.IsEmpty)
        {
            EnsureDispatched();
        }
    }

    /// <summary>A trial that the stopping rule holds or ends has given way: its row says so, and the search hears of its result so far.</summary>
    private async Task SettleAsync(int number)
    {
        var row = _trials[number];
        if (row.Trial.State != TrialState.Queued || HeldOrEnding().FirstOrDefault(held => held.Trial == number) is not { Reason: { } reason, Ends: var ends })
        {
            return;
        }

        var settled = ends ? Ended(row, TrialState.Stopped, reason) : row with { Trial = row.Trial with { State = TrialState.Paused, Reason = reason } };
        await SaveAsync(_row!, [settled], []);
        Accept(_row!, [settled]);
        await GoOnAfterAsync(settled.Trial);
    }

    private IEnumerable<(int Trial, string Reason, bool Ends)> HeldOrEnding() => _row!.Search.Rungs is not { } rungs ? [] :
        [.. rungs.Ending.Select(ending => (ending.Key, ending.Value, true)), .. rungs.Paused.Select(held => (held.Key, $"held after {held.Value} passes: waits for the others", false))];

    /// <summary>Ends the sweep once every trial has ended; also on resume, since the process may have died between the last trial's end and this.</summary>
    private async Task FinishIfDoneAsync()
    {
        while (_row!.EndedAt is null && _row.Search is { Exhausted: true, Rungs: { Paused.IsEmpty: false } rungs }
            && _tally.Open == _tally[TrialState.Paused])
        {
            await DoAsync(StoppingRules.OnIdle(rungs, _tally[TrialState.Completed] > 0));
        }

        if (_row.EndedAt is not null || !(_row.Search.Exhausted || _row.IsFinal()) || _tally.Open > 0)
        {
            return;
        }

        var without = _tally.WithoutResult;
        var state = _row.State == SweepState.Cancelled ? SweepState.Cancelled : without == 0 ? SweepState.Completed : SweepState.Failed;
        var reason = without == 0 ? $"all {_trials.Count} trials have their result" : $"{without} of {_trials.Count} trials ended without a result";
        var row = _row with { State = state, EndedAt = clock.GetUtcNow() };
        await SaveAsync(row, [], [Event(state == SweepState.Cancelled ? "sweep-ended" : $"sweep-{state}".ToLowerInvariant(), reason, "sweep") with { Notice = NoticeOf(row) }]);
        Accept(row, []);
        webhooks.Wake();
        LogEnded(Id, state, reason);
    }

    private void EnsureDispatched()
    {
        _dispatchDue = true; // one under way may have looked at the trials before this
        if (_dispatch.IsCompleted)
        {
            _dispatch = DispatchAsync();
        }
    }

    /// <summary>
    /// Waits for the dataset, then queues every trial that waits. Runs beside the grain's turns and may be cut off anywhere: a resume does it again.
    /// </summary>
    private async Task DispatchAsync()
    {
        await Task.Yield();
        try
        {
            var dataset = GrainFactory.GetGrain<IDatasetGrain>(_row!.Spec.Dataset);
            var readiness = GrainFactory.GetGrain<IDatasetReadiness>(_row.Spec.Dataset);
            for (var now = await dataset.PrepareAsync(); now.State != DatasetState.Ready; now = await readiness.WaitForChangeAsync(now.State, now.Progress))
            {
                if (now.State == DatasetState.Failed)
                {
                    await FailAllAsync($"the dataset {now.Id} cannot be used: {now.Problem}");
                    return;
                }

                SetWaiting($"Preparing dataset {now.Id}: {now.Progress:P0}");
            }

            SetWaiting(null);
            while (_dispatchDue)
            {
                _dispatchDue = false;
                await QueueOpenTrialsAsync();
            }
        }
        catch (Exception error)
        {
            LogDispatchFailed(error, Id);
            SetWaiting($"Cannot queue the trials: {error.Message}");
            this.RegisterGrainTimer(
                _ =>
                {
                    EnsureDispatched();
                    return Task.CompletedTask;
                },
                new GrainTimerCreationOptions(TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan));
        }
    }

    private async Task QueueOpenTrialsAsync()
    {
        var open = _trials.Values.Where(row => row.Trial.State == TrialState.Queued).Select(row => new QueuedTrial(row.Id, row.Epoch)).ToList();
        if (open.Count > 0 && !_row!.IsFinal())
        {
            await Scheduler.EnqueueAsync(open, QueueRules.Of(_row!.Spec));
        }
    }

    private async Task FailAllAsync(string reason)
    {
        var failed = _trials.Values.Where(row => row.Trial.State == TrialState.Queued).Select(row => Ended(row, TrialState.Failed, reason)).ToImmutableArray();
        await SaveAsync(_row!, failed, [Event("trials-failed", reason, "sweep")]);
        Accept(_row!, failed);
        SetWaiting(null);
        await FinishIfDoneAsync();
    }

    /// <summary>Takes over what has become durable, and shows it.</summary>
    private void Accept(SweepRow row, ImmutableArray<TrialRow> trials, bool bumpVersions = true, int attempt = 0, ImmutableArray<MetricPoint> points = default)
    {
        if (_row is null)
        {
            _tally = new SweepTally(row.Spec.Objective);
        }

        _pauses.Count(row.State == SweepState.Paused, clock.GetUtcNow());
        _row = bumpVersions ? row with { Version = row.Version + 1 } : row;
        foreach (var trial in trials)
        {
            _tally.Count(_trials.GetValueOrDefault(trial.Id.Number)?.Trial, trial.Trial);
        }

        _trials = _trials.SetItems(trials.Select(trial => KeyValuePair.Create(trial.Id.Number, bumpVersions ? trial with { Version = trial.Version + 1 } : trial)));
        foreach (var trial in trials)
        {
            _hub.Publish(new SweepEvent(Trial: Shown(trial)));
            if (!points.IsDefaultOrEmpty)
            {
                _hub.Publish(new SweepEvent(Points: new TrialPoints(trial.Id, attempt, points)));
            }
        }

        if (bumpVersions)
        {
            PublishSweep();
        }
        else
        {
            ShowSoon();
        }
    }

    /// <summary>Of many reports within a moment, watchers get one picture of the whole sweep.</summary>
    private void ShowSoon()
    {
        if (!_showDue)
        {
            _showDue = true;
            _showTimer ??= this.RegisterGrainTimer(
                _ =>
                {
                    PublishSweep();
                    return Task.CompletedTask;
                },
                new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { Interleave = true });
            _showTimer.Change(ShowInterval, Timeout.InfiniteTimeSpan); // the same one again: a sweep reports for hours
        }
    }

    private void SetWaiting(string? waiting)
    {
        if (_waiting != waiting)
        {
            _waiting = waiting;
            PublishSweep();
        }
    }

    private void PublishSweep()
    {
        _directoryDue = true;
        _showDue = false;
        if (_hub.HasWatchers)
        {
            _hub.Publish(new SweepEvent(Sweep: Snapshot(_row!)));
        }

        if (clock.GetElapsedTime(_toldDirectory) >= TellInterval)
        {
            TellDirectoryAsync(CancellationToken.None).Ignore(); // one way: there is no answer to wait for
        }
    }

    private async Task TellDirectoryAsync(CancellationToken cancellationToken)
    {
        if (_directoryDue && _row is not null)
        {
            _directoryDue = false;
            _toldDirectory = clock.GetTimestamp();
            await GrainFactory.GetGrain<ISweepDirectoryReports>(ISweepDirectoryGrain.Key).OnSweepChangedAsync(Snapshot(_row));
        }
    }

    private SweepSnapshot Snapshot(SweepRow row) => SweepDigest.Of(row, _tally, _pauses, _notes.GetValueOrDefault(NoteRow.OfSweep)?.Tags ?? [], _waiting);

    private ImmutableArray<TrialRow> NewTrials(SearchStep step, DateTimeOffset now) =>
    [
        .. step.Proposals.Select(proposal => new TrialRow(
            new TrialSnapshot(
                new TrialId(Id, proposal.Number),
                TrialState.Queued,
                proposal.Parameters,
                0,
                0,
                null,
                ImmutableSortedDictionary.Create<string, double>(StringComparer.Ordinal),
                0,
                null,
                "waits for a worker",
                now,
                null,
                null),
            Epoch: 0,
            Version: 0)),
    ];

    /// <summary>What is told elsewhere if this row ends the sweep.</summary>
    private Notice? NoticeOf(SweepRow row) => row.EndedAt is { } now && _row!.EndedAt is null ? webhooks.Of(Snapshot(row), now) : null;

    private TrialRow KnownTrial(int number)
    {
        Known();
        return _trials.TryGetValue(number, out var row) ? row : throw new KeyNotFoundException($"There is no trial {Id}/{number}.");
    }

    private void RefuseIfDeleted()
    {
        if (Known().State == SweepState.Deleted)
        {
            throw new SweepStateException($"Sweep {Id} was deleted: restore it first.");
        }
    }

    private SweepRow Known()
    {
        if (_row is null)
        {
            DeactivateOnIdle();
            throw new KeyNotFoundException($"There is no sweep '{Id}'.");
        }

        return _row;
    }

    private NewEvent Event(string kind, string reason, string by, int? trial = null) => new(clock.GetUtcNow(), Id, trial, kind, reason, by);

    [LoggerMessage(LogLevel.Information, "Sweep {SweepId} started with {TrialCount} trials")]
    private partial void LogStarted(string sweepId, int trialCount);

    [LoggerMessage(LogLevel.Information, "Sweep {SweepId} is {State}: {Reason}")]
    private partial void LogEnded(string sweepId, SweepState state, string reason);

    [LoggerMessage(LogLevel.Information, "Sweep {SweepId} was purged by {By}")]
    private partial void LogPurged(string sweepId, string by);

    [LoggerMessage(LogLevel.Error, "Sweep {SweepId} could not queue its trials and tries again")]
    private partial void LogDispatchFailed(Exception error, string sweepId);
}

internal static class SweepRowExtensions
{
    public static bool IsFinal(this SweepRow row) => row.State is not (SweepState.Running or SweepState.Paused);
}
