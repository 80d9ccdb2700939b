using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Workers;
using MlTr.Dashboard.Features.Sweeps;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Home;

/// <summary>What this is, what runs now, and what to do next.</summary>
public sealed partial class HomePage(IMlTrClient client)
{
    private const int Known = 500;
    private readonly SweepList _sweeps = new();
    private StorageSnapshot? _storage;
    private string? _unmeasured;
    private DateTimeOffset? _lastVisit;
    private SchedulerSnapshot? _pool;

    private ImmutableArray<SweepSnapshot> Running => [.. _sweeps.All.Where(sweep => !sweep.IsFinal)];

    private IEnumerable<SweepSnapshot> Ended => _sweeps.Current.Where(sweep => sweep.IsFinal).OrderByDescending(sweep => sweep.EndedAt).Take(6);

    private bool AllDrained => _pool?.Workers.Where(worker => worker.State != WorkerState.Lost).ToList() is { Count: > 0 } workers && workers.TrueForAll(worker => worker.DrainedBy is not null);

    private int NewCount => _sweeps.Current.Count(IsNew);

    [Inject] internal Browser Browser { get; set; } = null!;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _lastVisit = await LastVisit.NoteAsync(Browser, Time.GetUtcNow());
            RequestRender();
        }
    }

    protected override void Reset() => _sweeps.Clear();

    protected override async Task FollowAsync(CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sweeps = FollowAsync(client.WatchSweepsAsync, LoadSweepsAsync, PutAsync, both.Token);
        var pool = FollowAsync(client.WatchSchedulerAsync, LoadPoolAsync, SetAsync, both.Token);
        try
        {
            await await Task.WhenAny(sweeps, pool); // the first to fail is the reason; an ending one lets the other go on
            await Task.WhenAll(sweeps, pool);
        }
        finally
        {
            await both.CancelAsync();
        }
    }

    private async Task LoadSweepsAsync()
    {
        foreach (var sweep in await client.ListSweepsAsync(take: Known))
        {
            _sweeps.Put(sweep);
        }

        ShowLoaded();
        await MeasureAsync();
    }

    private async Task MeasureAsync()
    {
        try
        {
            (_storage, _unmeasured) = (await client.GetStorageAsync(), null);
        }
        catch (Exception failure)
        {
            _unmeasured = failure.Message; // the rest of the page stands
        }

        RequestRender();
    }

    private bool IsNew(SweepSnapshot sweep) => sweep.IsFinal && sweep.EndedAt > _lastVisit;

    private async Task LoadPoolAsync() => await SetAsync(await client.GetSchedulerAsync());

    private async Task PutAsync(SweepSnapshot sweep)
    {
        _sweeps.Put(sweep);
        RequestRender();
        if (sweep.IsFinal)
        {
            await MeasureAsync(); // its checkpoints are all there, or it was deleted
        }
    }

    private Task SetAsync(SchedulerSnapshot pool)
    {
        _pool = pool;
        RequestRender();
        return Task.CompletedTask;
    }
}
