using System.Collections.Immutable;
using MlTr.Abstractions.Models;
using MlTr.Abstractions.Trials;

namespace MlTr.Abstractions.Client;

public partial interface IMlTrClient
{
    /// <summary>Copies a checkpoint of a trial into the registry, as the next version of a model. The same checkpoint again changes nothing, but takes its version back if that is deleted.</summary>
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

    /// <summary>Throws a version away; nothing is lost until it is purged.</summary>
    /// <exception cref="KeyNotFoundException">There is no such version.</exception>
    /// <exception cref="ModelRegistryException">It is in production.</exception>
    Task DeleteModelVersionAsync(string name, int version, string reason = "on request", string by = "client");

    /// <summary>Takes a deleted version back as it was.</summary>
    /// <exception cref="KeyNotFoundException">There is no such version.</exception>
    Task RestoreModelVersionAsync(string name, int version, string reason = "on request", string by = "client");

    /// <summary>Removes a deleted version for good, with its files.</summary>
    /// <exception cref="ModelRegistryException">It was not deleted before, or its files cannot be removed.</exception>
    Task PurgeModelVersionAsync(string name, int version, string by = "client");

    /// <summary>A registered model now and after every change.</summary>
    /// <exception cref="KeyNotFoundException">There is no such model.</exception>
    IAsyncEnumerable<ModelSnapshot> WatchModelAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Every registered model now, by name, then those that have changed; also models whose versions are all deleted.</summary>
    IAsyncEnumerable<ImmutableArray<ModelSnapshot>> WatchModelsAsync(CancellationToken cancellationToken = default);

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
    public Task RestoreModelVersionAsync(string name, int version, string reason = "on request", string by = "client") => Model(name).RestoreAsync(version, by, reason);

    /// <inheritdoc />
    public Task PurgeModelVersionAsync(string name, int version, string by = "client") => Model(name).PurgeAsync(version, by);

    /// <inheritdoc />
    public IAsyncEnumerable<ModelSnapshot> WatchModelAsync(string name, CancellationToken cancellationToken = default) => Model(name).WatchAsync(cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<ImmutableArray<ModelSnapshot>> WatchModelsAsync(CancellationToken cancellationToken = default) =>
        grains.GetGrain<IModelDirectoryGrain>(IModelDirectoryGrain.Key).WatchAsync(cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<ImmutableArray<byte>> ReadModelPackageAsync(string name, int version, CancellationToken cancellationToken = default) =>
        Model(name).ReadPackageAsync(version, cancellationToken);

    // No model can have a name that is none, and a grain's key must have a letter.
    private IModelGrain Model(string name) =>
        ModelNames.Problem(name) is null ? grains.GetGrain<IModelGrain>(name) : throw new KeyNotFoundException($"There is no model '{name}'.");
}
