using System.Collections.Immutable;
using MlTr.Abstractions.Datasets;
using MlTr.Grains.Placement;
using MlTr.Grains.Storage;

namespace MlTr.Grains.Datasets;

/// <summary>Answers from the store which datasets there are; keeps nothing.</summary>
[ControlSilo]
internal sealed class DatasetDirectoryGrain(IExperimentStore store) : Grain, IDatasetDirectoryGrain
{
    public Task<ImmutableArray<string>> ListAsync() => store.ListDatasetsAsync();
}
