using System.Collections.Immutable;
using MlTr.Abstractions.Models;
using MlTr.Grains.Placement;
using MlTr.Grains.Storage;
using Orleans.Concurrency;

namespace MlTr.Grains.Models;

/// <summary>What the directory hears from models. Implemented by the directory's grain.</summary>
[Alias("mltr.IModelDirectoryReports")]
internal interface IModelDirectoryReports : IGrainWithStringKey
{
    [Alias("OnModelChanged"), OneWay]
    Task OnModelChangedAsync(ModelSnapshot model);
}

/// <summary>Answers from the store which models there are, and passes on what they say of themselves; keeps nothing.</summary>
[ControlSilo]
internal sealed class ModelDirectoryGrain(IExperimentStore store) : Grain, IModelDirectoryGrain, IModelDirectoryReports
{
    private readonly LiveHub<ImmutableArray<ModelSnapshot>> _hub = new();

    public async Task<ImmutableArray<ModelSnapshot>> ListAsync() =>
        [.. (await store.ListModelsAsync()).Select(row => row.Model).Where(model => !model.Versions.IsEmpty)];

    public IAsyncEnumerable<ImmutableArray<ModelSnapshot>> WatchAsync(CancellationToken cancellationToken) => _hub.WatchAsync(AllAsync(), cancellationToken);

    public Task OnModelChangedAsync(ModelSnapshot model)
    {
        _hub.Publish([model]);
        return Task.CompletedTask;
    }

    private async IAsyncEnumerable<ImmutableArray<ModelSnapshot>> AllAsync()
    {
        yield return [.. (await store.ListModelsAsync()).Select(row => row.Model)];
    }
}
