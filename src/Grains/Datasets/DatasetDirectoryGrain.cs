using System.Collections.Immutable;
using MlTr.Abstractions.Datasets;
using MlTr.Grains.Placement;
using MlTr.Grains.Storage;

namespace MlTr.Grains.Datasets;

/// <summary>Answers from the store which datasets there are, and passes on what they say of themselves; keeps nothing.</summary>
[ControlSilo]
internal sealed class DatasetDirectoryGrain(IExperimentStore store) : Grain, IDatasetDirectoryGrain, IDatasetDirectoryReports
{
    private readonly LiveHub<ImmutableArray<DatasetSnapshot>> _hub = new();

    public Task<ImmutableArray<string>> ListAsync() => store.ListDatasetsAsync();

    public IAsyncEnumerable<ImmutableArray<DatasetSnapshot>> WatchAsync(CancellationToken cancellationToken) => _hub.WatchAsync(AllAsync(), cancellationToken);

    public Task OnDatasetChangedAsync(DatasetSnapshot dataset)
    {
        _hub.Publish([dataset]);
        return Task.CompletedTask;
    }

    private async IAsyncEnumerable<ImmutableArray<DatasetSnapshot>> AllAsync()
    {
        var ids = await store.ListDatasetsAsync();
        yield return [.. await Task.WhenAll(ids.Select(id => GrainFactory.GetGrain<IDatasetGrain>(id).GetSnapshotAsync()))];
    }
}
