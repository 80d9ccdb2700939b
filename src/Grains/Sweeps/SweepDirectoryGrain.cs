using System.Collections.Immutable;
using MlTr.Abstractions.Sweeps;
using MlTr.Grains.Placement;
using MlTr.Grains.Storage;
using Orleans.Concurrency;

namespace MlTr.Grains.Sweeps;

/// <summary>What the directory hears from sweeps. Implemented by the directory's grain.</summary>
[Alias("mltr.ISweepDirectoryReports")]
internal interface ISweepDirectoryReports : IGrainWithStringKey
{
    [Alias("OnSweepChanged"), OneWay]
    Task OnSweepChangedAsync(SweepSnapshot sweep);
}

/// <summary>Knows the order of the sweeps, and how ended ones stand, from the store, and what the others are doing from themselves.</summary>
[ControlSilo, Reentrant]
internal sealed class SweepDirectoryGrain(IExperimentStore store) : Grain, ISweepDirectoryGrain, ISweepDirectoryReports
{
    private const int MaxPage = 500;

    private readonly LiveHub<SweepSnapshot> _hub = new();

    public async Task<ImmutableArray<SweepSnapshot>> ListAsync(int skip, int take, bool deleted)
    {
        var rows = await store.ListSweepsAsync(Math.Max(skip, 0), Math.Clamp(take, 1, MaxPage), deleted);
        var live = Task.WhenAll(rows.Where(row => row.EndedAt is null).Select(row => GrainFactory.GetGrain<ISweepGrain>(row.Id).GetSnapshotAsync()));
        var ended = await store.DigestAsync([.. rows.Where(row => row.EndedAt is not null)]);
        var byId = ended.Concat(await live).ToDictionary(sweep => sweep.Id);
        return [.. rows.Select(row => byId[row.Id])];
    }

    public IAsyncEnumerable<SweepSnapshot> WatchAsync(CancellationToken cancellationToken) => _hub.WatchAsync([], cancellationToken);

    public Task OnSweepChangedAsync(SweepSnapshot sweep)
    {
        _hub.Publish(sweep);
        return Task.CompletedTask;
    }
}
