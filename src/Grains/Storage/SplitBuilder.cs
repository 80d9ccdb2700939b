using System.Collections.Immutable;
using MlTr.Abstractions.Datasets;

namespace MlTr.Grains.Storage;

/// <summary>Sums a dataset's shards up to its splits.</summary>
internal static class SplitBuilder
{
    /// <summary>Splits by name, shards by number.</summary>
    public static ImmutableArray<SplitSnapshot> Build(IEnumerable<ShardSnapshot> shards) =>
    [
        .. shards.GroupBy(shard => shard.Split, StringComparer.Ordinal)
            .OrderBy(split => split.Key, StringComparer.Ordinal)
            .Select(split => Sum(split.Key, [.. split.OrderBy(shard => shard.Number)])),
    ];

    private static SplitSnapshot Sum(string name, ImmutableArray<ShardSnapshot> shards)
    {
        var counts = new int[shards.Max(shard => shard.ClassCounts.Length)];
        foreach (var shard in shards)
        {
            for (var label = 0; label < shard.ClassCounts.Length; label++)
            {
                counts[label] += shard.ClassCounts[label];
            }
        }

        return new(name, shards.Sum(shard => shard.Images), [.. counts], [.. shards.SelectMany(shard => shard.BadFiles).Order(StringComparer.Ordinal)], shards);
    }
}
