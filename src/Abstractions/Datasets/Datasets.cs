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
/// <param name="Folder">Where it lies.</param>
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

/// <summary>The index of one dataset. Keyed by dataset id.</summary>
[Alias("mltr.IDatasetGrain")]
public interface IDatasetGrain : IGrainWithStringKey
{
    /// <summary>The dataset as it is now.</summary>
    /// <exception cref="KeyNotFoundException">There is no such dataset.</exception>
    [Alias("GetSnapshot")]
    Task<DatasetSnapshot> GetSnapshotAsync();

    /// <summary>Begins to write and index the dataset if that has not happened, and returns at once.</summary>
    [Alias("Prepare")]
    Task<DatasetSnapshot> PrepareAsync();
}

/// <summary>One shard of a dataset. Keyed by <c>dataset/split/number-count</c>: the shard's number and how many there are.</summary>
[Alias("mltr.IDatasetShardGrain")]
public interface IDatasetShardGrain : IGrainWithStringKey
{
    /// <summary>Reads every file of the shard, once; later calls answer from the store.</summary>
    [Alias("Index")]
    Task<ShardSnapshot> IndexAsync();
}
