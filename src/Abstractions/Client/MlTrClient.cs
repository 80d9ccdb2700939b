using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;

namespace MlTr.Abstractions.Client;

/// <summary>Everything the dashboard does, for programs: typed calls, and streams of what has just become durable.</summary>
public partial interface IMlTrClient
{
    /// <summary>Checks a spec and starts its sweep.</summary>
    /// <returns>The new sweep's id.</returns>
    /// <exception cref="SweepSpecException">The spec has errors; all of them are listed.</exception>
    Task<string> StartSweepAsync(SweepSpec spec, string by = "client");

    /// <summary>Stops a sweep.</summary>
    Task CancelSweepAsync(string sweepId, string reason, string by = "client");

    /// <summary>Holds a sweep: running trials leave a checkpoint and wait.</summary>
    Task PauseSweepAsync(string sweepId, string reason, string by = "client");

    /// <summary>Goes on with a paused sweep.</summary>
    Task ResumeSweepAsync(string sweepId, string reason = "on request", string by = "client");

    /// <summary>Stops one trial.</summary>
    Task CancelTrialAsync(TrialId id, string reason, string by = "client");

    /// <summary>Runs trials of a sweep again that ended without a result: those listed, or all.</summary>
    /// <returns>How many wait again.</returns>
    Task<int> RetryTrialsAsync(string sweepId, ImmutableArray<int> numbers = default, string reason = "on request", string by = "client");

    /// <summary>Asks a sweep for more trials: its spec with a larger budget or more grid values.</summary>
    /// <returns>How many trials were added.</returns>
    Task<int> ExtendSweepAsync(string sweepId, SweepSpec wider, string by = "client");

    /// <summary>Starts a sweep like another one, with what <paramref name="edit"/> changes.</summary>
    /// <returns>The new sweep's id.</returns>
    /// <exception cref="KeyNotFoundException">There is no such sweep.</exception>
    /// <exception cref="SweepSpecException">The edited spec has errors; all of them are listed.</exception>
    Task<string> CloneSweepAsync(string sweepId, Func<SweepSpec, SweepSpec> edit, string by = "client");

    /// <summary>Throws an ended sweep away; nothing is lost until it is purged.</summary>
    /// <exception cref="SweepStateException">It has not ended.</exception>
    Task DeleteSweepAsync(string sweepId, string reason = "on request", string by = "client");

    /// <summary>Takes a deleted sweep back as it was.</summary>
    Task RestoreSweepAsync(string sweepId, string reason = "on request", string by = "client");

    /// <summary>Removes a deleted sweep for good, with its curves, logs and checkpoints.</summary>
    /// <exception cref="SweepStateException">It was not deleted before.</exception>
    Task PurgeSweepAsync(string sweepId, string by = "client");

    /// <summary>Every decision about a sweep and its trials, oldest first.</summary>
    Task<ImmutableArray<LifecycleEvent>> GetEventsAsync(string sweepId);

    /// <summary>The newest sweeps: those that are not deleted, or those that are.</summary>
    Task<ImmutableArray<SweepSnapshot>> ListSweepsAsync(int skip = 0, int take = 100, bool deleted = false);

    /// <summary>What the platform takes of the disk, and what is left of it.</summary>
    Task<StorageSnapshot> GetStorageAsync();

    /// <summary>How long a sweep would take with the workers that are there now, by what trials like its own took.</summary>
    /// <exception cref="SweepSpecException">The spec has errors.</exception>
    Task<SweepEstimate> EstimateAsync(SweepSpec spec);

    /// <summary>Each sweep when it changes.</summary>
    IAsyncEnumerable<SweepSnapshot> WatchSweepsAsync(CancellationToken cancellationToken = default);

    /// <summary>One sweep.</summary>
    /// <exception cref="KeyNotFoundException">There is no such sweep.</exception>
    Task<SweepSnapshot> GetSweepAsync(string sweepId);

    /// <summary>A sweep's trials by number.</summary>
    Task<ImmutableArray<TrialSnapshot>> GetTrialsAsync(string sweepId);

    /// <summary>One metric's curve for every trial of a sweep, by trial number.</summary>
    Task<ImmutableDictionary<int, Curve>> GetSweepCurvesAsync(string sweepId, string metric);

    /// <summary>One metric's curves of some trials of a sweep, by trial number, thinned to what can be drawn.</summary>
    Task<ImmutableDictionary<int, Curve>> GetSweepCurvesAsync(string sweepId, string metric, ImmutableArray<int> trials, CurveWindow window);

    /// <summary>One value of a metric's curve for each trial of a sweep that has it, by trial number: for those named, or for all.</summary>
    Task<ImmutableDictionary<int, double>> GetMetricAsync(string sweepId, MetricPick pick, ImmutableArray<int> trials = default);

    /// <summary>A sweep's state now, then every durable change: for who asks for the trials by <see cref="GetTrialsAsync"/>, or knows them.</summary>
    IAsyncEnumerable<SweepEvent> WatchSweepChangesAsync(string sweepId, CancellationToken cancellationToken = default);

    /// <summary>A sweep's state and trials now, then every durable change.</summary>
    IAsyncEnumerable<SweepEvent> WatchSweepAsync(string sweepId, CancellationToken cancellationToken = default);

    /// <summary>One trial with attempts, checkpoints and events.</summary>
    /// <exception cref="KeyNotFoundException">There is no such trial.</exception>
    Task<TrialDetails> GetTrialAsync(TrialId id);

    /// <summary>A trial's curves; all if no name is given.</summary>
    Task<ImmutableArray<Curve>> GetCurvesAsync(TrialId id, params ImmutableArray<string> names);

    /// <summary>A stretch of a trial's curves, thinned to what can be drawn; all of them if no name is given.</summary>
    Task<ImmutableArray<Curve>> GetCurvesAsync(TrialId id, CurveWindow window, params ImmutableArray<string> names);

    /// <summary>A trial's log after a line, oldest first.</summary>
    Task<ImmutableArray<LogLine>> GetLogAsync(TrialId id, int afterAttempt = 0, int afterNumber = 0, int limit = 1_000);

    /// <summary>A trial's log after a line, oldest first, a page at a time; then each line as soon as it is durable: none is left out, none comes twice.</summary>
    /// <exception cref="KeyNotFoundException">There is no such trial.</exception>
    IAsyncEnumerable<ImmutableArray<LogLine>> WatchLogAsync(TrialId id, int afterAttempt = 0, int afterNumber = 0, CancellationToken cancellationToken = default);

    /// <summary>The leaderboard of a sweep, or of all sweeps if null.</summary>
    Task<Leaderboard> GetLeaderboardAsync(string? sweepId = null);

    /// <summary>The first rows of the leaderboard of a sweep, or of all sweeps if null: quick however many trials there are.</summary>
    /// <param name="count">How many rows at most, 0 or more.</param>
    /// <param name="sweepId">The sweep, or null for all.</param>
    Task<Leaderboard> GetTopAsync(int count, string? sweepId = null);

    /// <summary>A leaderboard now and after every change.</summary>
    IAsyncEnumerable<Leaderboard> WatchLeaderboardAsync(string? sweepId = null, CancellationToken cancellationToken = default);

    /// <summary>A leaderboard's rows now, then only those that change: little to send, however long the board is.</summary>
    IAsyncEnumerable<LeaderboardChange> WatchLeaderboardChangesAsync(string? sweepId = null, CancellationToken cancellationToken = default);

    /// <summary>Workers and queue.</summary>
    Task<SchedulerSnapshot> GetSchedulerAsync();

    /// <summary>Workers and queue now and after every change.</summary>
    IAsyncEnumerable<SchedulerSnapshot> WatchSchedulerAsync(CancellationToken cancellationToken = default);

    /// <summary>One dataset.</summary>
    /// <exception cref="KeyNotFoundException">There is no such dataset.</exception>
    Task<DatasetSnapshot> GetDatasetAsync(string datasetId);

    /// <summary>All datasets, by id.</summary>
    Task<ImmutableArray<DatasetSnapshot>> ListDatasetsAsync();

    /// <summary>Makes a folder known as a dataset; asked again for the same folder and format, it changes nothing. Its pictures are read when a sweep first needs them, or by <see cref="PrepareDatasetAsync"/>.</summary>
    /// <exception cref="DatasetRegistrationException">The folder cannot be used, or the id means another one; the message says what to do.</exception>
    Task<DatasetSnapshot> RegisterDatasetAsync(DatasetRegistration registration, string by = "client");

    /// <summary>Begins to read a dataset's pictures and returns at once; <see cref="GetDatasetAsync"/> tells how far it is.</summary>
    /// <exception cref="KeyNotFoundException">There is no such dataset.</exception>
    Task<DatasetSnapshot> PrepareDatasetAsync(string datasetId);
}

/// <summary>The client over grains; works in a silo and in an Orleans client alike.</summary>
public sealed partial class MlTrClient(IGrainFactory grains, TimeProvider clock) : IMlTrClient
{
    /// <inheritdoc />
    public async Task<string> StartSweepAsync(SweepSpec spec, string by = "client")
    {
        var errors = SweepValidator.Check(spec);
        if (!errors.IsEmpty)
        {
            var unknown = SweepValidator.CheckDataset(spec, await grains.GetGrain<IDatasetDirectoryGrain>(IDatasetDirectoryGrain.Key).ListAsync());
            throw new SweepSpecException(unknown is null ? errors : errors.Add(unknown));
        }

        var id = NewSweepId(spec.Name);
        await Sweep(id).StartAsync(spec, by);
        return id;
    }

    /// <inheritdoc />
    public Task CancelSweepAsync(string sweepId, string reason, string by = "client") => Sweep(sweepId).CancelAsync(by, reason);

    /// <inheritdoc />
    public Task PauseSweepAsync(string sweepId, string reason, string by = "client") => Sweep(sweepId).PauseAsync(by, reason);

    /// <inheritdoc />
    public Task ResumeSweepAsync(string sweepId, string reason = "on request", string by = "client") => Sweep(sweepId).ResumeAsync(by, reason);

    /// <inheritdoc />
    public Task CancelTrialAsync(TrialId id, string reason, string by = "client") => Sweep(id.SweepId).CancelTrialAsync(id.Number, by, reason);

    /// <inheritdoc />
    public Task<int> RetryTrialsAsync(string sweepId, ImmutableArray<int> numbers = default, string reason = "on request", string by = "client") =>
        Sweep(sweepId).RetryAsync(numbers.IsDefault ? [] : numbers, by, reason);

    /// <inheritdoc />
    public Task<int> ExtendSweepAsync(string sweepId, SweepSpec wider, string by = "client") => Sweep(sweepId).ExtendAsync(wider, by);

    /// <inheritdoc />
    public async Task<string> CloneSweepAsync(string sweepId, Func<SweepSpec, SweepSpec> edit, string by = "client") =>
        await StartSweepAsync(edit((await GetSweepAsync(sweepId)).Spec), by);

    /// <inheritdoc />
    public Task DeleteSweepAsync(string sweepId, string reason = "on request", string by = "client") => Sweep(sweepId).DeleteAsync(by, reason);

    /// <inheritdoc />
    public Task RestoreSweepAsync(string sweepId, string reason = "on request", string by = "client") => Sweep(sweepId).RestoreAsync(by, reason);

    /// <inheritdoc />
    public Task PurgeSweepAsync(string sweepId, string by = "client") => Sweep(sweepId).PurgeAsync(by);

    /// <inheritdoc />
    public Task<ImmutableArray<LifecycleEvent>> GetEventsAsync(string sweepId) => Sweep(sweepId).GetEventsAsync();

    /// <inheritdoc />
    public Task<ImmutableArray<SweepSnapshot>> ListSweepsAsync(int skip = 0, int take = 100, bool deleted = false) => Directory.ListAsync(skip, take, deleted);

    /// <inheritdoc />
    public Task<StorageSnapshot> GetStorageAsync() => Directory.GetStorageAsync();

    /// <inheritdoc />
    public Task<SweepEstimate> EstimateAsync(SweepSpec spec) => Directory.EstimateAsync(spec);

    /// <inheritdoc />
    public IAsyncEnumerable<SweepSnapshot> WatchSweepsAsync(CancellationToken cancellationToken = default) => Directory.WatchAsync(cancellationToken);

    /// <inheritdoc />
    public Task<SweepSnapshot> GetSweepAsync(string sweepId) => Sweep(sweepId).GetSnapshotAsync();

    /// <inheritdoc />
    public Task<ImmutableArray<TrialSnapshot>> GetTrialsAsync(string sweepId) => Sweep(sweepId).GetTrialsAsync();

    /// <inheritdoc />
    public Task<ImmutableDictionary<int, Curve>> GetSweepCurvesAsync(string sweepId, string metric) => Sweep(sweepId).GetCurvesAsync(metric);

    /// <inheritdoc />
    public Task<ImmutableDictionary<int, Curve>> GetSweepCurvesAsync(string sweepId, string metric, ImmutableArray<int> trials, CurveWindow window) =>
        Sweep(sweepId).GetCurvesOfAsync(metric, trials, window);

    /// <inheritdoc />
    public Task<ImmutableDictionary<int, double>> GetMetricAsync(string sweepId, MetricPick pick, ImmutableArray<int> trials = default) =>
        Sweep(sweepId).GetMetricAsync(pick, trials.IsDefault ? [] : trials);

    /// <inheritdoc />
    public IAsyncEnumerable<SweepEvent> WatchSweepChangesAsync(string sweepId, CancellationToken cancellationToken = default) => Sweep(sweepId).WatchChangesAsync(cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<SweepEvent> WatchSweepAsync(string sweepId, CancellationToken cancellationToken = default) => Sweep(sweepId).WatchAsync(cancellationToken);

    /// <inheritdoc />
    public Task<TrialDetails> GetTrialAsync(TrialId id) => Trial(id).GetDetailsAsync();

    /// <inheritdoc />
    public Task<ImmutableArray<Curve>> GetCurvesAsync(TrialId id, params ImmutableArray<string> names) => Trial(id).GetCurvesAsync(names);

    /// <inheritdoc />
    public Task<ImmutableArray<Curve>> GetCurvesAsync(TrialId id, CurveWindow window, params ImmutableArray<string> names) => Trial(id).GetCurvesInAsync(names, window);

    /// <inheritdoc />
    public Task<ImmutableArray<LogLine>> GetLogAsync(TrialId id, int afterAttempt = 0, int afterNumber = 0, int limit = 1_000) =>
        Trial(id).GetLogAsync(afterAttempt, afterNumber, limit);

    /// <inheritdoc />
    public IAsyncEnumerable<ImmutableArray<LogLine>> WatchLogAsync(TrialId id, int afterAttempt = 0, int afterNumber = 0, CancellationToken cancellationToken = default) =>
        Trial(id).WatchLogAsync(afterAttempt, afterNumber, cancellationToken);

    /// <inheritdoc />
    public Task<Leaderboard> GetLeaderboardAsync(string? sweepId = null) => Board(sweepId).GetAsync();

    /// <inheritdoc />
    public Task<Leaderboard> GetTopAsync(int count, string? sweepId = null) => Board(sweepId).GetTopAsync(count);

    /// <inheritdoc />
    public IAsyncEnumerable<Leaderboard> WatchLeaderboardAsync(string? sweepId = null, CancellationToken cancellationToken = default) =>
        Board(sweepId).WatchAsync(cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<LeaderboardChange> WatchLeaderboardChangesAsync(string? sweepId = null, CancellationToken cancellationToken = default) =>
        Board(sweepId).WatchChangesAsync(cancellationToken);

    /// <inheritdoc />
    public Task<SchedulerSnapshot> GetSchedulerAsync() => Scheduler.GetSnapshotAsync();

    /// <inheritdoc />
    public IAsyncEnumerable<SchedulerSnapshot> WatchSchedulerAsync(CancellationToken cancellationToken = default) => Scheduler.WatchAsync(cancellationToken);

    /// <inheritdoc />
    public Task<DatasetSnapshot> GetDatasetAsync(string datasetId) => grains.GetGrain<IDatasetGrain>(datasetId).GetSnapshotAsync();

    /// <inheritdoc />
    public async Task<ImmutableArray<DatasetSnapshot>> ListDatasetsAsync()
    {
        var ids = await grains.GetGrain<IDatasetDirectoryGrain>(IDatasetDirectoryGrain.Key).ListAsync();
        return [.. await Task.WhenAll(ids.Select(GetDatasetAsync))];
    }

    /// <inheritdoc />
    public Task<DatasetSnapshot> RegisterDatasetAsync(DatasetRegistration registration, string by = "client") =>
        grains.GetGrain<IDatasetGrain>(registration.Id).RegisterAsync(registration, by);

    /// <inheritdoc />
    public Task<DatasetSnapshot> PrepareDatasetAsync(string datasetId) => grains.GetGrain<IDatasetGrain>(datasetId).PrepareAsync();

    private ISweepDirectoryGrain Directory => grains.GetGrain<ISweepDirectoryGrain>(ISweepDirectoryGrain.Key);

    private ISchedulerGrain Scheduler => grains.GetGrain<ISchedulerGrain>(ISchedulerGrain.DefaultPool);

    private ISweepGrain Sweep(string id) => grains.GetGrain<ISweepGrain>(id);

    private ITrialGrain Trial(TrialId id) => grains.GetGrain<ITrialGrain>(id.ToString());

    private ILeaderboardGrain Board(string? sweepId) => grains.GetGrain<ILeaderboardGrain>(sweepId ?? ILeaderboardGrain.All);

    /// <summary>Readable in an address, sorted by time, and unique: <c>first-sweep-20260131-174500-3f9a</c>.</summary>
    private string NewSweepId(string name)
    {
        var words = string.Join('-', new string([.. name.ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : ' ')])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var slug = words.Length == 0 ? "sweep" : words[..Math.Min(words.Length, 40)].TrimEnd('-');
        return string.Create(CultureInfo.InvariantCulture, $"{slug}-{clock.GetUtcNow():yyyyMMdd-HHmmss}-{Guid.NewGuid().ToString("N")[..4]}");
    }
}

/// <summary>Registration of the client.</summary>
public static class MlTrClientExtensions
{
    /// <summary>Adds <see cref="IMlTrClient"/>; the host must be a silo or have an Orleans client (<c>UseOrleansClient</c>).</summary>
    public static IServiceCollection AddMlTrClient(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IMlTrClient, MlTrClient>();
        return services;
    }
}
