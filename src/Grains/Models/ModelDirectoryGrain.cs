using System.Collections.Immutable;
using MlTr.Abstractions.Models;
using MlTr.Grains.Placement;
using MlTr.Grains.Storage;

namespace MlTr.Grains.Models;

/// <summary>Answers from the store which models there are; keeps nothing.</summary>
[ControlSilo]
internal sealed class ModelDirectoryGrain(IExperimentStore store) : Grain, IModelDirectoryGrain
{
    public async Task<ImmutableArray<ModelSnapshot>> ListAsync() =>
        [.. (await store.ListModelsAsync()).Select(row => row.Model).Where(model => !model.Versions.IsEmpty)];
}
