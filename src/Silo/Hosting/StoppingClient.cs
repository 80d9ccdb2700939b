using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;

namespace MlTr.Silo.Hosting;

/// <summary>
/// The client whose streams end when the host is asked to stop. The server keeps a page that has lost its connection, streams and all, for its
/// return; and a silo waits for open streams before it stops, so one open page would make every stop as long as it may be.
/// </summary>
internal sealed partial class StoppingClient(MlTrClient client, IHostApplicationLifetime lifetime) : IMlTrClient
{
    public IAsyncEnumerable<SweepSnapshot> WatchSweepsAsync(CancellationToken cancellationToken = default) => UntilStop(client.WatchSweepsAsync, cancellationToken);

    public IAsyncEnumerable<SweepEvent> WatchSweepAsync(string sweepId, CancellationToken cancellationToken = default) =>
        UntilStop(token => client.WatchSweepAsync(sweepId, token), cancellationToken);

    public IAsyncEnumerable<SweepEvent> WatchSweepChangesAsync(string sweepId, CancellationToken cancellationToken = default) =>
        UntilStop(token => client.WatchSweepChangesAsync(sweepId, token), cancellationToken);

    public IAsyncEnumerable<Leaderboard> WatchLeaderboardAsync(string? sweepId = null, CancellationToken cancellationToken = default) =>
        UntilStop(token => client.WatchLeaderboardAsync(sweepId, token), cancellationToken);

    public IAsyncEnumerable<LeaderboardChange> WatchLeaderboardChangesAsync(string? sweepId = null, CancellationToken cancellationToken = default) =>
        UntilStop(token => client.WatchLeaderboardChangesAsync(sweepId, token), cancellationToken);

    public IAsyncEnumerable<SchedulerSnapshot> WatchSchedulerAsync(CancellationToken cancellationToken = default) => UntilStop(client.WatchSchedulerAsync, cancellationToken);

    public Task<string> StartSweepAsync(SweepSpec spec, string by = "client") => client.StartSweepAsync(spec, by);

    public Task CancelSweepAsync(string sweepId, string reason, string by = "client") => client.CancelSweepAsync(sweepId, reason, by);

    public Task PauseSweepAsync(string sweepId, string reason, string by = "client") => client.PauseSweepAsync(sweepId, reason, by);

    public Task ResumeSweepAsync(string sweepId, string reason = "on request", string by = "client") => client.ResumeSweepAsync(sweepId, reason, by);

    public Task CancelTrialAsync(TrialId id, string reason, string by = "client") => client.CancelTrialAsync(id, reason, by);

    public Task<int> RetryTrialsAsync(string sweepId, ImmutableArray<int> numbers = default, string reason = "on request", string by = "client") =>
        client.RetryTrialsAsync(sweepId, numbers, reason, by);

    public Task<int> ExtendSweepAsync(string sweepId, SweepSpec wider, string by = "client") => client.ExtendSweepAsync(sweepId, wider, by);

    public Task<string> CloneSweepAsync(string sweepId, Func<SweepSpec, SweepSpec> edit, string by = "client") => client.CloneSweepAsync(sweepId, edit, by);

    public Task DeleteSweepAsync(string sweepId, string reason = "on request", string by = "client") => client.DeleteSweepAsync(sweepId, reason, by);

    public Task RestoreSweepAsync(string sweepId, string reason = "on request", string by = "client") => client.RestoreSweepAsync(sweepId, reason, by);

    public Task PurgeSweepAsync(string sweepId, string by = "client") => client.PurgeSweepAsync(sweepId, by);

    public Task<ImmutableArray<LifecycleEvent>> GetEventsAsync(string sweepId) => client.GetEventsAsync(sweepId);

    public Task<ImmutableArray<SweepSnapshot>> ListSweepsAsync(int skip = 0, int take = 100, bool deleted = false) => client.ListSweepsAsync(skip, take, deleted);

    public Task<StorageSnapshot> GetStorageAsync() => client.GetStorageAsync();

    public Task<SweepEstimate> EstimateAsync(SweepSpec spec) => client.EstimateAsync(spec);

    public Task<SweepSnapshot> GetSweepAsync(string sweepId) => client.GetSweepAsync(sweepId);

    public Task<ImmutableArray<TrialSnapshot>> GetTrialsAsync(string sweepId) => client.GetTrialsAsync(sweepId);

    public Task<ImmutableDictionary<int, Curve>> GetSweepCurvesAsync(string sweepId, string metric) => client.GetSweepCurvesAsync(sweepId, metric);

    public Task<ImmutableDictionary<int, Curve>> GetSweepCurvesAsync(string sweepId, string metric, ImmutableArray<int> trials, CurveWindow window) =>
        client.GetSweepCurvesAsync(sweepId, metric, trials, window);

    public Task<ImmutableArray<Curve>> GetCurvesAsync(TrialId id, CurveWindow window, params ImmutableArray<string> names) => client.GetCurvesAsync(id, window, names);

    public Task<ImmutableDictionary<int, double>> GetMetricAsync(string sweepId, MetricPick pick, ImmutableArray<int> trials = default) => client.GetMetricAsync(sweepId, pick, trials);

    public Task<TrialDetails> GetTrialAsync(TrialId id) => client.GetTrialAsync(id);

    public Task<ImmutableArray<Curve>> GetCurvesAsync(TrialId id, params ImmutableArray<string> names) => client.GetCurvesAsync(id, names);

    public Task<ImmutableArray<LogLine>> GetLogAsync(TrialId id, int afterAttempt = 0, int afterNumber = 0, int limit = 1_000) =>
        client.GetLogAsync(id, afterAttempt, afterNumber, limit);

    public Task<Leaderboard> GetTopAsync(int count, string? sweepId = null) => client.GetTopAsync(count, sweepId);

    public Task<Leaderboard> GetLeaderboardAsync(string? sweepId = null) => client.GetLeaderboardAsync(sweepId);

    public Task<SchedulerSnapshot> GetSchedulerAsync() => client.GetSchedulerAsync();

    public Task<ImmutableArray<DatasetSnapshot>> ListDatasetsAsync() => client.ListDatasetsAsync();

    public Task<DatasetSnapshot> RegisterDatasetAsync(DatasetRegistration registration, string by = "client") => client.RegisterDatasetAsync(registration, by);

    public Task<DatasetSnapshot> PrepareDatasetAsync(string datasetId) => client.PrepareDatasetAsync(datasetId);

    public Task<DatasetSnapshot> GetDatasetAsync(string datasetId) => client.GetDatasetAsync(datasetId);

    public IAsyncEnumerable<ImmutableArray<LogLine>> WatchLogAsync(TrialId id, int afterAttempt = 0, int afterNumber = 0, CancellationToken cancellationToken = default) =>
        UntilStop(token => client.WatchLogAsync(id, afterAttempt, afterNumber, token), cancellationToken);

    private async IAsyncEnumerable<T> UntilStop<T>(
        Func<CancellationToken, IAsyncEnumerable<T>> watch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        await foreach (var item in watch(stop.Token))
        {
            yield return item;
        }
    }
}
