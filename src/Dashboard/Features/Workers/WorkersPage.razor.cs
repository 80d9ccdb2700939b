using MlTr.Abstractions.Client;
using MlTr.Abstractions.Workers;
using MlTr.Dashboard.Features.Sweeps;
using MlTr.Dashboard.Shared;
using MudBlazor;

namespace MlTr.Dashboard.Features.Workers;

/// <summary>Who works, and what waits for whom.</summary>
public sealed partial class WorkersPage(IMlTrClient client, ISnackbar snackbar)
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

    private async Task DrainAsync(WorkerSnapshot worker) => await snackbar.TryAsync($"{worker.Id} was not drained", () => client.DrainWorkerAsync(worker.Id, SweepActions.By));

    private async Task ResumeAsync(WorkerSnapshot worker) => await snackbar.TryAsync($"{worker.Id} was not resumed", () => client.ResumeWorkerAsync(worker.Id));

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
