using MlTr.Abstractions.Client;
using MlTr.Abstractions.Workers;

namespace MlTr.Dashboard.Features.Workers;

/// <summary>Who works, and what waits for whom.</summary>
public sealed partial class WorkersPage(IMlTrClient client)
{
    private SchedulerSnapshot? _pool;

    private string Summary => string.Join(", ", _pool!.Workers.GroupBy(worker => worker.State).OrderBy(group => group.Key)
        .Select(group => FormattableString.Invariant($"{group.Count()} {group.Key.ToString().ToLowerInvariant()}")));

    protected override Task FollowAsync(CancellationToken cancellationToken) => FollowAsync(client.WatchSchedulerAsync, LoadAsync, ApplyAsync, cancellationToken);

    private static string Explain(WorkerState state) => state switch
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

    private Task ApplyAsync(SchedulerSnapshot pool)
    {
        _pool = pool;
        RequestRender();
        return Task.CompletedTask;
    }
}
