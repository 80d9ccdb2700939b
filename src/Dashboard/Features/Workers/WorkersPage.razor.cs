using System.Collections.Immutable;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Workers;

namespace MlTr.Dashboard.Features.Workers;

/// <summary>Who works, and what waits for whom.</summary>
public sealed partial class WorkersPage(IMlTrClient client)
{
    private SchedulerSnapshot? _pool;
    private ImmutableArray<WorkerUtilisation>? _used; // null until it is read

    private string Summary => string.Join(", ", _pool!.Workers.GroupBy(worker => worker.State).OrderBy(group => group.Key)
        .Select(group => FormattableString.Invariant($"{group.Count()} {group.Key.ToString().ToLowerInvariant()}")));

    protected override async Task FollowAsync(CancellationToken cancellationToken)
    {
        var reader = new HistoryReader(Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = reader.RunAsync(ReadAsync, both.Token);
        try
        {
            await FollowAsync(client.WatchSchedulerAsync, LoadAsync, pool => ApplyAsync(pool, reader), cancellationToken);
        }
        finally
        {
            await both.CancelAsync();
            await reading;
        }
    }

    /// <summary>Whether what the store knows of a worker has changed too.</summary>
    internal static bool IsOtherWork(WorkerSnapshot? before, WorkerSnapshot? now) =>
        (before?.State, before?.Trial, before?.Part, before?.Restarts, before?.DrainedBy) != (now?.State, now?.Trial, now?.Part, now?.Restarts, now?.DrainedBy);

    internal static string Explain(WorkerState state) => state switch
    {
        WorkerState.Idle => "Waits for a trial.",
        WorkerState.Busy => "Runs a trial.",
        _ => "Its process ended or fell silent. Its trial is given to another worker; it is back as soon as it calls again.",
    };

    private async Task LoadAsync()
    {
        _pool = await client.GetSchedulerAsync();
        ShowLoaded();
    }

    private async Task ReadAsync()
    {
        _used = await client.GetWorkerUtilisationAsync();
        RequestRender();
    }

    private Task ApplyAsync(SchedulerSnapshot pool, HistoryReader reader)
    {
        var before = _pool?.Workers.ToDictionary(worker => worker.Id) ?? [];
        if (before.Count != pool.Workers.Length || pool.Workers.Any(worker => IsOtherWork(before.GetValueOrDefault(worker.Id), worker)))
        {
            reader.Changed();
        }

        _pool = pool;
        RequestRender();
        return Task.CompletedTask;
    }
}
