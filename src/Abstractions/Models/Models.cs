using System.Collections.Immutable;
using System.Text.Json.Serialization;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;

namespace MlTr.Abstractions.Models;

/// <summary>What a version of a model is for.</summary>
public enum ModelStage
{
    /// <summary>Nothing yet.</summary>
    None,

    /// <summary>Being tried before it is used.</summary>
    Staging,

    /// <summary>In use; at most one version of a model.</summary>
    Production,

    /// <summary>No longer used.</summary>
    Archived,
}

/// <summary>Which checkpoint of a trial.</summary>
public enum ModelCheckpoint
{
    /// <summary>The one with the highest mAP.</summary>
    Best,

    /// <summary>The newest.</summary>
    Last,
}

/// <summary>One registered network. Its files are a copy, so it outlives its trial.</summary>
/// <param name="Number">Counted from 1; never used again after a deletion.</param>
/// <param name="Stage">What it is for.</param>
/// <param name="Trial">Where it comes from; the trial may be gone.</param>
/// <param name="SweepName">The name of that trial's sweep.</param>
/// <param name="Dataset">The dataset that it learnt from.</param>
/// <param name="Checkpoint">Which checkpoint of the trial was asked for.</param>
/// <param name="Step">The checkpoint's optimiser step.</param>
/// <param name="Objective">What the sweep ranked by.</param>
/// <param name="Metrics">The validation figures at that step.</param>
/// <param name="Parameters">The trial's axes.</param>
/// <param name="Classes">How many classes it knows.</param>
/// <param name="Bytes">Size of the weights file.</param>
/// <param name="Sha256">Checksum of the weights file, hexadecimal.</param>
/// <param name="RegisteredAt">When.</param>
/// <param name="RegisteredBy">By whom.</param>
[GenerateSerializer, Immutable, Alias("mltr.ModelVersion")]
public sealed record ModelVersion(
    [property: Id(0)] int Number,
    [property: Id(1)] ModelStage Stage,
    [property: Id(2)] TrialId Trial,
    [property: Id(3)] string SweepName,
    [property: Id(4)] string Dataset,
    [property: Id(5)] ModelCheckpoint Checkpoint,
    [property: Id(6)] long Step,
    [property: Id(7)] Objective Objective,
    [property: Id(8)] ImmutableSortedDictionary<string, double> Metrics,
    [property: Id(9)] ImmutableSortedDictionary<string, ParameterValue> Parameters,
    [property: Id(10)] int Classes,
    [property: Id(11)] long Bytes,
    [property: Id(12)] string Sha256,
    [property: Id(13)] DateTimeOffset RegisteredAt,
    [property: Id(14)] string RegisteredBy)
{
    /// <summary>When a person threw it away; null while it is of use. Its files stay until it is purged.</summary>
    [Id(15)]
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>The objective at <see cref="Step"/>, if it was measured there.</summary>
    [JsonIgnore]
    public double? Value => Metrics.TryGetValue(Objective.Metric, out var value) ? value : null;
}

/// <summary>A decision about a model.</summary>
/// <param name="Time">When.</param>
/// <param name="Version">About which version.</param>
/// <param name="Kind"><c>registered</c>, <c>deleted</c>, <c>restored</c>, <c>purged</c>, or the new stage in lower case.</param>
/// <param name="Reason">Why, in words.</param>
/// <param name="By">Who decided it.</param>
[GenerateSerializer, Immutable, Alias("mltr.ModelEvent")]
public sealed record ModelEvent(
    [property: Id(0)] DateTimeOffset Time,
    [property: Id(1)] int Version,
    [property: Id(2)] string Kind,
    [property: Id(3)] string Reason,
    [property: Id(4)] string By);

/// <summary>A registered model.</summary>
/// <param name="Name">Its key, part of every address.</param>
/// <param name="Versions">Newest first, without those that are deleted.</param>
/// <param name="History">Every decision, oldest first, also about versions that are gone.</param>
[GenerateSerializer, Immutable, Alias("mltr.ModelSnapshot")]
public sealed record ModelSnapshot(
    [property: Id(0)] string Name,
    [property: Id(1)] ImmutableArray<ModelVersion> Versions,
    [property: Id(2)] ImmutableArray<ModelEvent> History)
{
    /// <summary>The versions that were thrown away and can be taken back, newest first.</summary>
    [Id(3)]
    public ImmutableArray<ModelVersion> Deleted { get; init; } = [];

    /// <summary>The version in use, if one is.</summary>
    public ModelVersion? Production => Versions.FirstOrDefault(version => version.Stage == ModelStage.Production);
}

/// <summary>What was asked of the registry cannot be done; the message says why and what to do.</summary>
[GenerateSerializer, Alias("mltr.ModelRegistryException")]
public sealed class ModelRegistryException(string message) : Exception(message);

/// <summary>One registered model. Keyed by its name.</summary>
[Alias("mltr.IModelGrain")]
public interface IModelGrain : IGrainWithStringKey
{
    /// <summary>Copies a checkpoint of a trial as the next version. The same checkpoint again changes nothing, but takes its version back if that is deleted.</summary>
    /// <returns>The new version, or the one that this checkpoint is already.</returns>
    /// <exception cref="KeyNotFoundException">There is no such trial.</exception>
    /// <exception cref="ModelRegistryException">The name cannot be used, or there is no such checkpoint.</exception>
    [Alias("Register")]
    Task<ModelVersion> RegisterAsync(TrialId trial, ModelCheckpoint checkpoint, string by);

    /// <summary>The model as it is now.</summary>
    /// <exception cref="KeyNotFoundException">There is no such model.</exception>
    [Alias("Get")]
    Task<ModelSnapshot> GetAsync();

    /// <summary>Says what a version is for. The version that was in production before another one comes there is archived.</summary>
    /// <exception cref="KeyNotFoundException">There is no such version.</exception>
    [Alias("SetStage")]
    Task<ModelSnapshot> SetStageAsync(int version, ModelStage stage, string by, string reason);

    /// <summary>Throws a version away: lists and downloads leave it out. Nothing is lost until it is purged. Deleting a deleted one changes nothing.</summary>
    /// <exception cref="KeyNotFoundException">There is no such version.</exception>
    /// <exception cref="ModelRegistryException">It is in production.</exception>
    [Alias("Delete")]
    Task DeleteAsync(int version, string by, string reason);

    /// <summary>Takes a deleted version back as it was; any other is left as it is.</summary>
    /// <exception cref="KeyNotFoundException">There is no such version.</exception>
    [Alias("Restore")]
    Task RestoreAsync(int version, string by, string reason);

    /// <summary>Removes a deleted version for good, with its files. Purging one that is gone changes nothing.</summary>
    /// <exception cref="ModelRegistryException">It was not deleted before, or its files cannot be removed.</exception>
    [Alias("Purge")]
    Task PurgeAsync(int version, string by);

    /// <summary>The model now, then whenever it changes, until cancelled.</summary>
    /// <exception cref="KeyNotFoundException">There is no such model.</exception>
    [Alias("Watch")]
    IAsyncEnumerable<ModelSnapshot> WatchAsync(CancellationToken cancellationToken = default);

    /// <summary>A version as a ZIP archive, piece by piece: what <c>predict</c> and <c>Predictor</c> read.</summary>
    /// <exception cref="KeyNotFoundException">There is no such version.</exception>
    /// <exception cref="ModelRegistryException">Its files are gone or damaged.</exception>
    [Alias("ReadPackage")]
    IAsyncEnumerable<ImmutableArray<byte>> ReadPackageAsync(int version, CancellationToken cancellationToken = default);
}

/// <summary>Lists the registered models. One grain, keyed <see cref="Key"/>.</summary>
[Alias("mltr.IModelDirectoryGrain")]
public interface IModelDirectoryGrain : IGrainWithStringKey
{
    /// <summary>The only key.</summary>
    const string Key = "all";

    /// <summary>Every model that has a version, by name.</summary>
    [Alias("List")]
    Task<ImmutableArray<ModelSnapshot>> ListAsync();

    /// <summary>All models now, by name, then those that have changed, until cancelled; also models whose versions are all deleted.</summary>
    [Alias("Watch")]
    IAsyncEnumerable<ImmutableArray<ModelSnapshot>> WatchAsync(CancellationToken cancellationToken = default);
}
