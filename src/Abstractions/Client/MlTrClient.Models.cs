using System.Collections.Immutable;
using MlTr.Abstractions.Models;
using MlTr.Abstractions.Trials;

namespace MlTr.Abstractions.Client;

public partial interface IMlTrClient
{
    /// <summary>Copies a checkpoint of a trial into the registry, as the next version of a model. The same checkpoint again changes nothing.</summary>
    /// <exception cref="KeyNotFoundException">There is no such trial.</exception>
    /// <exception cref="ModelRegistryException">The name cannot be used, or there is no such checkpoint; the message says what to do.</exception>
    Task<ModelVersion> RegisterModelAsync(string name, TrialId trial, ModelCheckpoint checkpoint = ModelCheckpoint.Best, string by = "client");

    /// <summary>Every registered model that has a version, by name.</summary>
    Task<ImmutableArray<ModelSnapshot>> ListModelsAsync();

    /// <summary>One registered model.</summary>
    /// <exception cref="KeyNotFoundException">There is no such model.</exception>
    Task<ModelSnapshot> GetModelAsync(string name);

    /// <summary>Says what a version is for. The version that was in production before another one comes there is archived.</summary>
    /// <exception cref="KeyNotFoundException">There is no such version.</exception>
    Task<ModelSnapshot> SetModelStageAsync(string name, int version, ModelStage stage, string reason = "on request", string by = "client");

    /// <summary>Removes a version for good, with its files.</summary>
    /// <exception cref="ModelRegistryException">It is in production.</exception>
    Task DeleteModelVersionAsync(string name, int version, string reason = "on request", string by = "client");

    /// <summary>A version as a ZIP archive, piece by piece: unpacked, it is a folder that <c>predict --model</c> and <c>Predictor.FromCheckpoint</c> read.</summary>
    /// <exception cref="KeyNotFoundException">There is no such version.</exception>
    /// <exception cref="ModelRegistryException">Its files are gone or damaged.</exception>
    IAsyncEnumerable<ImmutableArray<byte>> ReadModelPackageAsync(string name, int version, CancellationToken cancellationToken = default);
}

public sealed partial class MlTrClient
{
    /// <inheritdoc />
    public Task<ModelVersion> RegisterModelAsync(string name, TrialId trial, ModelCheckpoint checkpoint = ModelCheckpoint.Best, string by = "client") =>
        ModelNames.Problem(name) is { } problem ? throw new ModelRegistryException(problem) : Model(name).RegisterAsync(trial, checkpoint, by);

    /// <inheritdoc />
    public Task<ImmutableArray<ModelSnapshot>> ListModelsAsync() => grains.GetGrain<IModelDirectoryGrain>(IModelDirectoryGrain.Key).ListAsync();

    /// <inheritdoc />
    public Task<ModelSnapshot> GetModelAsync(string name) => Model(name).GetAsync();

    /// <inheritdoc />
    public Task<ModelSnapshot> SetModelStageAsync(string name, int version, ModelStage stage, string reason = "on request", string by = "client") =>
        Model(name).SetStageAsync(version, stage, by, reason);

    /// <inheritdoc />
    public Task DeleteModelVersionAsync(string name, int version, string reason = "on request", string by = "client") => Model(name).DeleteAsync(version, by, reason);

    /// <inheritdoc />
    public IAsyncEnumerable<ImmutableArray<byte>> ReadModelPackageAsync(string name, int version, CancellationToken cancellationToken = default) =>
        Model(name).ReadPackageAsync(version, cancellationToken);

    // No model can have a name that is none, and a grain's key must have a letter.
    private IModelGrain Model(string name) =>
        ModelNames.Problem(name) is null ? grains.GetGrain<IModelGrain>(name) : throw new KeyNotFoundException($"There is no model '{name}'.");
}
