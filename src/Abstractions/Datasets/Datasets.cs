using System.Collections.Immutable;

namespace MlTr.Abstractions.Datasets;

/// <summary>Where a dataset is on its way to use.</summary>
public enum DatasetState
{
    /// <summary>Known, not yet looked at.</summary>
    Registered,

    /// <summary>Being written or indexed.</summary>
    Preparing,

    /// <summary>Indexed; trials may use it.</summary>
    Ready,

    /// <summary>Cannot be used; the problem says why.</summary>
    Failed,
}

/// <summary>One split of a dataset, summed over its shards.</summary>
[GenerateSerializer, Immutable, Alias("mltr.SplitSnapshot")]
public sealed record SplitSnapshot(
    [property: Id(0)] string Name,
    [property: Id(1)] int Images,
    [property: Id(2)] ImmutableArray<int> ClassCounts,
    [property: Id(3)] ImmutableArray<string> BadFiles,
    [property: Id(4)] ImmutableArray<ShardSnapshot> Shards);

/// <summary>One shard: a fixed share of a split, by a stable hash of the path.</summary>
[GenerateSerializer, Immutable, Alias("mltr.ShardSnapshot")]
public sealed record ShardSnapshot(
    [property: Id(0)] string Split,
    [property: Id(1)] int Number,
    [property: Id(2)] int Images,
    [property: Id(3)] string Sha256,
    [property: Id(4)] ImmutableArray<int> ClassCounts,
    [property: Id(5)] ImmutableArray<string> BadFiles);

/// <summary>A registered dataset.</summary>
/// <param name="Id">Its key, such as <c>marks</c>.</param>
/// <param name="Format"><c>coco</c>, or another registered format.</param>
/// <param name="Folder">Where it lies: a folder, or a bucket that each machine fetches it from.</param>
/// <param name="State">Whether trials may use it.</param>
/// <param name="Progress">Share of the preparation done, 0..1.</param>
/// <param name="Problem">Why it cannot be used.</param>
/// <param name="Description">What it is, in a sentence.</param>
/// <param name="Classes">Class names in label order.</param>
/// <param name="Splits">What is in it.</param>
[GenerateSerializer, Immutable, Alias("mltr.DatasetSnapshot")]
public sealed record DatasetSnapshot(
    [property: Id(0)] string Id,
    [property: Id(1)] string Format,
    [property: Id(2)] string Folder,
    [property: Id(3)] DatasetState State,
    [property: Id(4)] double Progress,
    [property: Id(5)] string? Problem,
    [property: Id(6)] string Description,
    [property: Id(7)] ImmutableArray<string> Classes,
    [property: Id(8)] ImmutableArray<SplitSnapshot> Splits);

/// <summary>A folder that is to be known as a dataset.</summary>
/// <param name="Id">Its key: 1 to 64 lower-case letters, digits, dots, dashes and underscores.</param>
/// <param name="Folder">Where it lies: an absolute path that every worker can read, or a bucket as <c>s3://bucket/prefix?endpoint=http://host:9000</c>, which each machine fetches once.</param>
/// <param name="Format">How it is laid out: coco, voc, nuswide, list, imagefolder or webdataset; null to find out from the folder; a bucket needs it.</param>
/// <param name="Description">What it is, in a sentence.</param>
[GenerateSerializer, Immutable, Alias("mltr.DatasetRegistration")]
public sealed record DatasetRegistration(
    [property: Id(0)] string Id,
    [property: Id(1)] string Folder,
    [property: Id(2)] string? Format = null,
    [property: Id(3)] string Description = "");

/// <summary>A folder cannot be registered as a dataset.</summary>
[GenerateSerializer, Alias("mltr.DatasetRegistrationException")]
public sealed class DatasetRegistrationException(string message) : Exception(message);

/// <summary>The index of one dataset. Keyed by dataset id.</summary>
[Alias("mltr.IDatasetGrain")]
public interface IDatasetGrain : IGrainWithStringKey
{
    /// <summary>The dataset as it is now.</summary>
    /// <exception cref="KeyNotFoundException">There is no such dataset.</exception>
    [Alias("GetSnapshot")]
    Task<DatasetSnapshot> GetSnapshotAsync();

    /// <summary>Checks a folder and makes it known under this id. Asked again for the same folder and format, it changes nothing.</summary>
    /// <exception cref="DatasetRegistrationException">The folder cannot be used, or the id means another one; the message says what to do.</exception>
    [Alias("Register")]
    Task<DatasetSnapshot> RegisterAsync(DatasetRegistration registration, string by);

    /// <summary>Begins to write and index the dataset if that has not happened, and returns at once.</summary>
    [Alias("Prepare")]
    Task<DatasetSnapshot> PrepareAsync();

    /// <summary>The dataset now, then whenever it changes, until cancelled.</summary>
    /// <exception cref="KeyNotFoundException">There is no such dataset.</exception>
    [Alias("Watch")]
    IAsyncEnumerable<DatasetSnapshot> WatchAsync(CancellationToken cancellationToken = default);
}

/// <summary>Which datasets there are.</summary>
[Alias("mltr.IDatasetDirectoryGrain")]
public interface IDatasetDirectoryGrain : IGrainWithStringKey
{
    /// <summary>Its only key.</summary>
    const string Key = "all";

    /// <summary>The ids of all datasets, in order.</summary>
    [Alias("List")]
    Task<ImmutableArray<string>> ListAsync();

    /// <summary>All datasets now, by id, then those that have changed, until cancelled.</summary>
    [Alias("Watch")]
    IAsyncEnumerable<ImmutableArray<DatasetSnapshot>> WatchAsync(CancellationToken cancellationToken = default);
}

/// <summary>One shard of a dataset. Keyed by <c>dataset/split/number-count</c>: the shard's number and how many there are.</summary>
[Alias("mltr.IDatasetShardGrain")]
public interface IDatasetShardGrain : IGrainWithStringKey
{
    /// <summary>Reads every file of the shard, once; later calls answer from the store.</summary>
    [Alias("Index")]
    Task<ShardSnapshot> IndexAsync();
}
