using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Workers;

namespace MlTr.Dashboard.Features.Workers;

/// <summary>One worker: what it does, what it did, and what it wrote.</summary>
public sealed partial class WorkerPage(IMlTrClient client, NavigationManager navigation)
{
    private static readonly ImmutableArray<(string Key, string Text)> Tabs = [("work", "Work"), ("events", "Restarts and drains"), ("log", "Log")];

    private WorkerSnapshot? _worker;
    private WorkerHistory? _history;
    private WorkerUtilisation? _used;

    [Parameter] public string Id { get; set; } = "";

    [SupplyParameterFromQuery] public string? Tab { get; set; }

    /// <summary>The log's search.</summary>
    [SupplyParameterFromQuery] public string? Q { get; set; }

    /// <summary>The log's lowest level.</summary>
    [SupplyParameterFromQuery] public string? Level { get; set; }

    protected override object FollowedKey => Id;

    private string Shown => Tabs.Any(tab => tab.Key == Tab) ? Tab! : "work";

    protected override void Reset() => (_worker, _history, _used) = (null, null, null);

    protected override async Task FollowAsync(CancellationToken cancellationToken)
    {
        var reader = new HistoryReader(Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = Task.CompletedTask;
        try
        {
            await FollowAsync(client.WatchSchedulerAsync, LoadAsync, pool => ApplyAsync(pool, reader), cancellationToken);
        }
        finally
        {
            await both.CancelAsync();
            await reading;
        }

        async Task LoadAsync()
        {
            _worker = (await client.GetSchedulerAsync()).Workers.FirstOrDefault(worker => worker.Id == Id);
            await ReadAsync();
            ShowLoaded();
            reading = reader.RunAsync(ReadAsync, both.Token);
        }
    }

    private async Task ReadAsync()
    {
        var (history, used) = (client.GetWorkerHistoryAsync(Id), client.GetWorkerUtilisationAsync());
        (_history, _used) = (await history, (await used).FirstOrDefault(worker => worker.WorkerId == Id));
        RequestRender();
    }

    private Task ApplyAsync(SchedulerSnapshot pool, HistoryReader reader)
    {
        var worker = pool.Workers.FirstOrDefault(worker => worker.Id == Id);
        if (WorkersPage.IsOtherWork(_worker, worker))
        {
            reader.Changed();
        }

        _worker = worker;
        RequestRender();
        return Task.CompletedTask;
    }
}
