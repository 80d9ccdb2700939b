using System.Collections.Immutable;
using MlTr.Abstractions.Datasets;
using MlTr.Grains.Datasets;

namespace MlTr.Grains.Tests.Fakes;

/// <summary>Two datasets without files: one that is fine and one that cannot be read.</summary>
internal sealed class FakeDatasetSource : IDatasetSource
{
    public const string Good = "marks";
    public const string Broken = "broken";

    public ImmutableArray<DatasetSnapshot> BuiltIn { get; } =
    [
        new(Good, "coco", "nowhere", DatasetState.Registered, 0, null, "fine", [], []),
        new(Broken, "coco", "nowhere", DatasetState.Registered, 0, null, "not fine", [], []),
    ];

    /// <summary>Any folder below /pictures is fine.</summary>
    public DatasetSnapshot Examine(DatasetRegistration registration) => registration.Folder.StartsWith("/pictures/", StringComparison.Ordinal)
        ? new(registration.Id, registration.Format ?? "coco", registration.Folder, DatasetState.Registered, 0, null, registration.Description, [], [])
        : throw new DatasetRegistrationException($"There is no folder {registration.Folder}.");

    public Task<DatasetContents> EnsureAsync(DatasetSnapshot dataset, Action<double> progress, CancellationToken cancellationToken) => dataset.Id == Broken
        ? throw new InvalidDataException("annotations.json is cut off at byte 17")
        : Task.FromResult(new DatasetContents(["disc", "ring"], [("train", 8), ("validation", 4)]));

    public Task<ShardSnapshot> IndexShardAsync(DatasetSnapshot dataset, string split, int shard, int shards, CancellationToken cancellationToken) =>
        Task.FromResult(new ShardSnapshot(split, shard, 1, "00", [1, 2], []));
}
