using System.Collections.Immutable;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Workers;
using MlTr.Dashboard.Features.Sweeps;

namespace MlTr.Dashboard.Features.Home;

/// <summary>What this is, what runs now, and what to do next.</summary>
public sealed partial class HomePage(IMlTrClient client)
{
    private readonly SweepList _sweeps = new();
    private SchedulerSnapshot? _pool;

    private ImmutableArray<SweepSnapshot> Running => [.. _sweeps.All.Where(sweep => !sweep.IsFinal)];

    private IEnumerable<SweepSnapshot> Ended => _sweeps.All.Where(sweep => sweep.IsFinal).OrderByDescending(sweep => sweep.EndedAt).Take(6);

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
        foreach (var sweep in await client.ListSweepsAsync())
        {
            _sweeps.Put(sweep);
        }

        ShowLoaded();
    }

    private async Task LoadPoolAsync() => await SetAsync(await client.GetSchedulerAsync());

    private Task PutAsync(SweepSnapshot sweep)
    {
        _sweeps.Put(sweep);
        RequestRender();
        return Task.CompletedTask;
    }

    private Task SetAsync(SchedulerSnapshot pool)
    {
        _pool = pool;
        RequestRender();
        return Task.CompletedTask;
    }
}
