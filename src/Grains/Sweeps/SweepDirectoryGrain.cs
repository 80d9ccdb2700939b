using System.Collections.Immutable;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Workers;
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
internal sealed class SweepDirectoryGrain(IExperimentStore store, ISweepFiles files) : Grain, ISweepDirectoryGrain, ISweepDirectoryReports
{
    private const int MaxPage = 500, MaxKept = 5_000, MostTimed = 500;

    private readonly LiveHub<SweepSnapshot> _hub = new();
    private readonly Dictionary<string, (long Version, SweepSnapshot Sweep)> _ended = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _heardOf = new(StringComparer.Ordinal); // the number of the last change that each sweep told of
    private long _heard;

    public async Task<ImmutableArray<SweepSnapshot>> ListAsync(int skip, int take, bool deleted)
    {
        var rows = await store.ListSweepsAsync(Math.Max(skip, 0), Math.Clamp(take, 1, MaxPage), deleted);
        var live = Task.WhenAll(rows.Where(row => row.EndedAt is null).Select(row => GrainFactory.GetGrain<ISweepGrain>(row.Id).GetSnapshotAsync()));
        var byId = (await EndedAsync([.. rows.Where(row => row.EndedAt is not null)])).Concat(await live).ToDictionary(sweep => sweep.Id);
        return [.. rows.Select(row => byId[row.Id])];
    }

    /// <summary>Ended sweeps, whose trials are read again only if their row has changed, or they have told of a change.</summary>
    private async Task<ImmutableArray<SweepSnapshot>> EndedAsync(ImmutableArray<SweepRow> rows)
    {
        var known = rows.Select(row => _ended.GetValueOrDefault(row.Id)).Where((entry, i) => entry.Version == rows[i].Version).Select(entry => entry.Sweep).ToList();
        ImmutableArray<SweepRow> unknown = [.. rows.ExceptBy(known.Select(sweep => sweep.Id), row => row.Id)];
        if (unknown.IsEmpty)
        {
            return [.. known];
        }

        var heard = _heard;
        var read = await store.DigestAsync(unknown);
        if (_ended.Count + read.Length > MaxKept)
        {
            _ended.Clear();
        }

        foreach (var (sweep, row) in read.Zip(unknown).Where(pair => !_heardOf.TryGetValue(pair.First.Id, out var at) || at <= heard))
        {
            _ended[sweep.Id] = (row.Version, sweep);
        }

        return [.. known, .. read];
    }

    public async Task<StorageSnapshot> GetStorageAsync()
    {
        var (database, checkpoints) = await store.MeasureAsync();
        var space = files.Space();
        return new StorageSnapshot(database, checkpoints, space?.Free, space?.Total);
    }

    public async Task<SweepEstimate> EstimateAsync(SweepSpec spec)
    {
        var errors = SweepValidator.Check(spec);
        if (!errors.IsEmpty)
        {
            throw new SweepSpecException(errors);
        }

        var wanted = WorkerLabels.Parse(spec.WorkerLabels);
        var workers = (await GrainFactory.GetGrain<ISchedulerGrain>(ISchedulerGrain.DefaultPool).GetSnapshotAsync()).Workers
            .Count(worker => worker.State != WorkerState.Lost && worker.DrainedBy is null && WorkerLabels.Match(wanted, WorkerLabels.Parse(worker.Labels)));
        var train = (await store.LoadDatasetAsync(spec.Dataset))?.Splits.FirstOrDefault(split => split.Name == "train");
        return SweepTimes.Estimate(spec, train?.Images, workers, await store.ListTimedTrialsAsync(MostTimed));
    }

    public IAsyncEnumerable<SweepSnapshot> WatchAsync(CancellationToken cancellationToken) => _hub.WatchAsync([], cancellationToken);

    public Task OnSweepChangedAsync(SweepSnapshot sweep)
    {
        _ended.Remove(sweep.Id); // its tags, for instance, are not in its row
        _heardOf[sweep.Id] = ++_heard;
        _hub.Publish(sweep);
        return Task.CompletedTask;
    }
}
