using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;

namespace MlTr.Testing;

/// <summary>A client without a cluster: a test puts in what pages see, and <see cref="Publish(string, SweepEvent)"/> is what just happened.</summary>
public sealed partial class FakeMlTrClient : IMlTrClient
{
    private readonly ConcurrentDictionary<Guid, Action<object>> watchers = [];

    public ConcurrentDictionary<string, SweepSnapshot> Sweeps { get; } = [];

    public ConcurrentDictionary<TrialId, TrialDetails> Trials { get; } = [];

    public ConcurrentDictionary<(TrialId Trial, string Metric), Curve> Curves { get; } = [];

    public ConcurrentDictionary<TrialId, ImmutableArray<LogLine>> Logs { get; } = [];

    public ConcurrentDictionary<string, DatasetSnapshot> Datasets { get; } = [];

    public SchedulerSnapshot Scheduler { get; set; } = new([], []);

    /// <summary>The specs that were started, in order.</summary>
    public List<SweepSpec> Started { get; } = [];

    /// <summary>The sweeps that were cancelled, in order.</summary>
    public List<string> Cancelled { get; } = [];

    /// <summary>What every call throws while it is set.</summary>
    public Exception? Failure { get; set; }

    /// <summary>What the answer about a dataset waits for, by its id: a test decides which of two answers comes first.</summary>
    public ConcurrentDictionary<string, Task> DatasetAnswers { get; } = [];

    /// <summary>What the answer about a sweep waits for.</summary>
    public Task SweepAnswer { get; set; } = Task.CompletedTask;

    /// <summary>How many streams are open now.</summary>
    public int Watchers => watchers.Count;

    public Task<string> StartSweepAsync(SweepSpec spec, string by = "client")
    {
        ThrowIfFailing();
        var errors = SweepValidator.Check(spec);
        if (!errors.IsEmpty)
        {
            throw new SweepSpecException(errors);
        }

        Started.Add(spec);
        return Task.FromResult($"started-{Started.Count}");
    }

    public Task CancelSweepAsync(string sweepId, string reason, string by = "client")
    {
        ThrowIfFailing();
        Cancelled.Add(sweepId);
        return Task.CompletedTask;
    }

    /// <summary>The other things that were asked of sweeps and trials, in order: <c>pause s</c>, <c>retry s 1,2</c>, ...</summary>
    public List<string> Asked { get; } = [];

    public ConcurrentDictionary<string, ImmutableArray<LifecycleEvent>> Events { get; } = [];

    public Task PauseSweepAsync(string sweepId, string reason, string by = "client") => Ask($"pause {sweepId}");

    public Task ResumeSweepAsync(string sweepId, string reason = "on request", string by = "client") => Ask($"resume {sweepId}");

    public Task CancelTrialAsync(TrialId id, string reason, string by = "client") => Ask($"cancel {id}");

    public Task<int> RetryTrialsAsync(string sweepId, ImmutableArray<int> numbers = default, string reason = "on request", string by = "client")
    {
        Ask($"retry {sweepId} {string.Join(',', numbers.IsDefault ? [] : numbers)}".TrimEnd());
        return Task.FromResult(Trials.Values.Count(details => details.Trial is { State: TrialState.Failed or TrialState.Cancelled } trial
            && trial.Id.SweepId == sweepId && (numbers.IsDefaultOrEmpty || numbers.Contains(trial.Id.Number))));
    }

    public Task<int> ExtendSweepAsync(string sweepId, SweepSpec wider, string by = "client")
    {
        Ask($"extend {sweepId} to {wider.CountTrials()}");
        return Task.FromResult((int)wider.CountTrials() - Sweeps[sweepId].TrialCount);
    }

    public Task<string> CloneSweepAsync(string sweepId, Func<SweepSpec, SweepSpec> edit, string by = "client") => StartSweepAsync(edit(Sweeps[sweepId].Spec), by);

    public Task DeleteSweepAsync(string sweepId, string reason = "on request", string by = "client") => Change($"delete {sweepId}", sweepId, SweepState.Deleted);

    public Task RestoreSweepAsync(string sweepId, string reason = "on request", string by = "client") => Change($"restore {sweepId}", sweepId, SweepState.Completed);

    public Task PurgeSweepAsync(string sweepId, string by = "client")
    {
        Sweeps.TryRemove(sweepId, out _);
        return Ask($"purge {sweepId}");
    }

    private Task Change(string asked, string sweepId, SweepState state)
    {
        Ask(asked);
        Publish(sweepId, new SweepEvent(Sweep: Sweeps[sweepId] with { State = state }));
        return Task.CompletedTask;
    }

    public Task<ImmutableArray<LifecycleEvent>> GetEventsAsync(string sweepId)
    {
        ThrowIfFailing();
        return Task.FromResult(Events.GetValueOrDefault(sweepId, []));
    }

    private Task Ask(string what)
    {
        ThrowIfFailing();
        Asked.Add(what);
        return Task.CompletedTask;
    }

    /// <summary>What <see cref="GetStorageAsync"/> answers.</summary>
    public StorageSnapshot Storage { get; set; } = new(1 << 20, 5L << 30, 60L << 30, 100L << 30);

    public Task<StorageSnapshot> GetStorageAsync() => Task.FromResult(Storage);

    /// <summary>What <see cref="EstimateAsync"/> answers.</summary>
    public SweepEstimate Estimate { get; set; } = new(null, null, 0, 0, false, "Nothing was measured yet.");

    public Task<SweepEstimate> EstimateAsync(SweepSpec spec)
    {
        ThrowIfFailing();
        return Task.FromResult(Estimate);
    }

    public Task<ImmutableArray<SweepSnapshot>> ListSweepsAsync(int skip = 0, int take = 100, bool deleted = false)
    {
        ThrowIfFailing();
        return Task.FromResult(Sweeps.Values.Where(sweep => (sweep.State == SweepState.Deleted) == deleted).OrderByDescending(sweep => sweep.CreatedAt).Skip(skip).Take(take).ToImmutableArray());
    }

    public IAsyncEnumerable<SweepSnapshot> WatchSweepsAsync(CancellationToken cancellationToken = default) => WatchAsync<SweepSnapshot>(_ => true, [], cancellationToken);

    public async Task<SweepSnapshot> GetSweepAsync(string sweepId)
    {
        ThrowIfFailing();
        await SweepAnswer;
        return Sweeps.TryGetValue(sweepId, out var sweep) ? sweep : throw new KeyNotFoundException($"There is no sweep '{sweepId}'.");
    }

    public Task<ImmutableArray<TrialSnapshot>> GetTrialsAsync(string sweepId)
    {
        ThrowIfFailing();
        return Task.FromResult(TrialsOf(sweepId));
    }

    public Task<ImmutableDictionary<int, Curve>> GetSweepCurvesAsync(string sweepId, string metric)
    {
        ThrowIfFailing();
        return Task.FromResult(Curves.Where(pair => pair.Key.Trial.SweepId == sweepId && pair.Key.Metric == metric).ToImmutableDictionary(pair => pair.Key.Trial.Number, pair => pair.Value));
    }

    /// <summary>What reading the curves of a sweep waits for, as if they were long.</summary>
    public Task ReadsCurvesAfter { get; set; } = Task.CompletedTask;

    public async Task<ImmutableDictionary<int, Curve>> GetSweepCurvesAsync(string sweepId, string metric, ImmutableArray<int> trials, CurveWindow window)
    {
        await ReadsCurvesAfter;
        return (await GetSweepCurvesAsync(sweepId, metric)).Where(pair => trials.Contains(pair.Key)).ToImmutableDictionary(pair => pair.Key, pair => Within(pair.Value, window));
    }

    public async Task<ImmutableArray<Curve>> GetCurvesAsync(TrialId id, CurveWindow window, params ImmutableArray<string> names)
    {
        Windows.Add(window);
        return [.. (await GetCurvesAsync(id, names)).Select(curve => Within(curve, window))];
    }

    /// <summary>Values at a place of a curve: a test puts them in.</summary>
    public ConcurrentDictionary<(TrialId Trial, MetricPick Pick), double> Picks { get; } = [];

    public Task<ImmutableDictionary<int, double>> GetMetricAsync(string sweepId, MetricPick pick, ImmutableArray<int> trials = default)
    {
        ThrowIfFailing();
        return Task.FromResult(Picks.Where(pair => pair.Key.Pick == pick && pair.Key.Trial.SweepId == sweepId && (trials.IsDefaultOrEmpty || trials.Contains(pair.Key.Trial.Number)))
            .ToImmutableDictionary(pair => pair.Key.Trial.Number, pair => pair.Value));
    }

    /// <summary>The stretches of trials' curves that were asked for, in order.</summary>
    public List<CurveWindow> Windows { get; } = [];

    private static Curve Within(Curve curve, CurveWindow window) => CurveThinning.Thin(
        curve with { Points = [.. curve.Points.Where(point => point.Step >= window.FromStep && point.Step <= window.ToStep)] }, window.MaxPoints);

    public async IAsyncEnumerable<SweepEvent> WatchSweepChangesAsync(string sweepId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var happened in WatchSweepAsync(sweepId, cancellationToken))
        {
            yield return happened;
        }
    }

    public async IAsyncEnumerable<SweepEvent> WatchSweepAsync(string sweepId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ImmutableArray<(string, SweepEvent)> now =
            [(sweepId, new SweepEvent(Sweep: await GetSweepAsync(sweepId))), .. TrialsOf(sweepId).Select(trial => (sweepId, new SweepEvent(Trial: trial)))];
        await foreach (var (_, happened) in WatchAsync<(string SweepId, SweepEvent Event)>(one => one.SweepId == sweepId, now, cancellationToken))
        {
            yield return happened;
        }
    }

    public Task<TrialDetails> GetTrialAsync(TrialId id)
    {
        ThrowIfFailing();
        return Task.FromResult(Trials.TryGetValue(id, out var trial) ? trial : throw new KeyNotFoundException($"There is no trial '{id}'."));
    }

    public Task<ImmutableArray<Curve>> GetCurvesAsync(TrialId id, params ImmutableArray<string> names)
    {
        ThrowIfFailing();
        return Task.FromResult(Curves.Where(pair => pair.Key.Trial == id && (names.IsEmpty || names.Contains(pair.Key.Metric))).Select(pair => pair.Value).ToImmutableArray());
    }

    public Task<ImmutableArray<LogLine>> GetLogAsync(TrialId id, int afterAttempt = 0, int afterNumber = 0, int limit = 1_000)
    {
        ThrowIfFailing();
        var lines = Logs.GetValueOrDefault(id, []);
        return Task.FromResult(lines.Where(line => line.Attempt > afterAttempt || (line.Attempt == afterAttempt && line.Number > afterNumber)).Take(limit).ToImmutableArray());
    }

    public async IAsyncEnumerable<ImmutableArray<LogLine>> WatchLogAsync(TrialId id, int afterAttempt = 0, int afterNumber = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ImmutableArray<(TrialId, ImmutableArray<LogLine>)> now = [(id, await GetLogAsync(id, afterAttempt, afterNumber))];
        await foreach (var (_, lines) in WatchAsync<(TrialId Trial, ImmutableArray<LogLine> Lines)>(one => one.Trial == id, now, cancellationToken))
        {
            yield return lines;
        }
    }

    /// <summary>Adds lines to a trial's log.</summary>
    public void PublishLog(TrialId id, params ImmutableArray<LogLine> lines)
    {
        Logs[id] = Logs.GetValueOrDefault(id, []).AddRange(lines);
        Tell((id, lines));
    }

    public Task<Leaderboard> GetLeaderboardAsync(string? sweepId = null)
    {
        ThrowIfFailing();
        var objective = sweepId is null ? new Objective() : Sweeps.TryGetValue(sweepId, out var one) ? one.Spec.Objective : throw new KeyNotFoundException($"There is no sweep '{sweepId}'.");
        var sign = objective.Maximize ? -1 : 1;
        var rows = Trials.Values.Select(details => details.Trial).Where(trial => sweepId is null || trial.Id.SweepId == sweepId)
            .OrderBy(trial => trial.Objective is { } value ? sign * value : double.MaxValue).ThenBy(trial => trial.Id.SweepId, StringComparer.Ordinal).ThenBy(trial => trial.Id.Number)
            .Select((trial, i) => new LeaderboardRow(trial.Objective is null ? 0 : i + 1, trial, Sweeps[trial.Id.SweepId].Spec.Name, Sweeps[trial.Id.SweepId].Spec.Dataset));
        return Task.FromResult(new Leaderboard(objective, [.. rows]));
    }

    public async Task<Leaderboard> GetTopAsync(int count, string? sweepId = null)
    {
        var board = await GetLeaderboardAsync(sweepId);
        return board with { Rows = [.. board.Rows.Take(count)] };
    }

    public async IAsyncEnumerable<Leaderboard> WatchLeaderboardAsync(string? sweepId = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ImmutableArray<(string?, Leaderboard)> now = [(sweepId, await GetLeaderboardAsync(sweepId))];
        await foreach (var (_, board) in WatchAsync<(string? SweepId, Leaderboard Board)>(one => one.SweepId == sweepId, now, cancellationToken))
        {
            yield return board;
        }
    }

    public async IAsyncEnumerable<LeaderboardChange> WatchLeaderboardChangesAsync(string? sweepId = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var board in WatchLeaderboardAsync(sweepId, cancellationToken))
        {
            yield return new(board.Objective, board.Rows, IsWhole: true, []);
        }
    }

    public Task<SchedulerSnapshot> GetSchedulerAsync()
    {
        ThrowIfFailing();
        return Task.FromResult(Scheduler);
    }

    public IAsyncEnumerable<SchedulerSnapshot> WatchSchedulerAsync(CancellationToken cancellationToken = default) => WatchAsync<SchedulerSnapshot>(_ => true, [Scheduler], cancellationToken);

    public async Task<DatasetSnapshot> GetDatasetAsync(string datasetId)
    {
        ThrowIfFailing();
        await DatasetAnswers.GetValueOrDefault(datasetId, Task.CompletedTask);
        return Datasets.TryGetValue(datasetId, out var dataset) ? dataset : throw new KeyNotFoundException($"There is no dataset '{datasetId}'.");
    }

    public Task<ImmutableArray<DatasetSnapshot>> ListDatasetsAsync()
    {
        ThrowIfFailing();
        return Task.FromResult(Datasets.Values.OrderBy(dataset => dataset.Id, StringComparer.Ordinal).ToImmutableArray());
    }

    public Task<DatasetSnapshot> RegisterDatasetAsync(DatasetRegistration registration, string by = "client")
    {
        ThrowIfFailing();
        var dataset = new DatasetSnapshot(registration.Id, registration.Format ?? "coco", registration.Folder, DatasetState.Registered, 0, null, registration.Description, [], []);
        Publish(Datasets.GetOrAdd(registration.Id, dataset));
        return Task.FromResult(Datasets[registration.Id]);
    }

    public Task<DatasetSnapshot> PrepareDatasetAsync(string datasetId) => GetDatasetAsync(datasetId);

    /// <summary>Makes a change of a sweep known to whoever watches it; a snapshot is also kept for later calls.</summary>
    public void Publish(string sweepId, SweepEvent happened)
    {
        if (happened.Sweep is { } sweep)
        {
            Sweeps[sweepId] = sweep;
            Tell(sweep);
        }

        if (happened.Trial is { } trial && Trials.TryGetValue(trial.Id, out var details))
        {
            Trials[trial.Id] = details with { Trial = trial };
        }

        Tell((sweepId, happened));
    }

    /// <summary>Breaks every open stream, as the loss of the activation behind it does.</summary>
    public void BreakStreams(Exception failure) => Tell(failure);

    /// <summary>Makes a leaderboard known to whoever watches it.</summary>
    public void Publish(string? sweepId, Leaderboard board) => Tell((sweepId, board));

    /// <summary>Makes a change of the pool known.</summary>
    public void Publish(SchedulerSnapshot pool) => Tell(Scheduler = pool);

    private void Tell(object message)
    {
        foreach (var watcher in watchers.Values)
        {
            watcher(message);
        }
    }

    private ImmutableArray<TrialSnapshot> TrialsOf(string sweepId) =>
        [.. Trials.Values.Select(details => details.Trial).Where(trial => trial.Id.SweepId == sweepId).OrderBy(trial => trial.Id.Number)];

    private void ThrowIfFailing()
    {
        if (Failure is not null)
        {
            throw Failure;
        }
    }

    private async IAsyncEnumerable<T> WatchAsync<T>(Func<T, bool> wanted, ImmutableArray<T> now, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : notnull
    {
        ThrowIfFailing();
        var channel = Channel.CreateUnbounded<T>();
        var key = Guid.NewGuid();
        watchers[key] = message =>
        {
            if (message is T one && wanted(one))
            {
                channel.Writer.TryWrite(one);
            }
            else if (message is Exception failure)
            {
                channel.Writer.TryComplete(failure);
            }
        };
        try
        {
            foreach (var one in now)
            {
                yield return one;
            }

            await foreach (var one in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return one;
            }
        }
        finally
        {
            watchers.TryRemove(key, out _);
        }
    }
}
