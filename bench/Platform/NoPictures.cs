using System.Collections.Immutable;
using MlTr.Abstractions.Datasets;
using MlTr.Grains.Datasets;

namespace MlTr.Bench.Platform;

/// <summary>A dataset that is always ready.</summary>
internal sealed class NoPictures : IDatasetSource
{
    public const string Id = "nothing";

    public ImmutableArray<DatasetSnapshot> BuiltIn { get; } = [new(Id, "coco", "nowhere", DatasetState.Registered, 0, null, "No pictures.", [], [])];

    public DatasetSnapshot Examine(DatasetRegistration registration) => throw new DatasetRegistrationException("Nothing can be registered here.");

    public Task<DatasetContents> EnsureAsync(DatasetSnapshot dataset, Action<double> progress, CancellationToken cancellationToken) =>
        Task.FromResult(new DatasetContents(["disc"], [("train", 1)]));

    public Task<ShardSnapshot> IndexShardAsync(DatasetSnapshot dataset, string split, int shard, int shards, CancellationToken cancellationToken) =>
        Task.FromResult(new ShardSnapshot(split, shard, 1, "00", [1], []));
}
