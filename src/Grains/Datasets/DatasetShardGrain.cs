using System.Globalization;
using MlTr.Abstractions.Datasets;
using MlTr.Grains.Placement;
using MlTr.Grains.Storage;

namespace MlTr.Grains.Datasets;

/// <summary>Names one shard: <c>dataset/split/number-of-count</c>.</summary>
internal readonly record struct ShardId(string Dataset, string Split, int Number, int Count)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Dataset}/{Split}/{Number}-{Count}");

    public static ShardId Parse(string text)
    {
        var parts = text.Split('/');
        var numbers = parts[^1].Split('-');
        return new ShardId(
            string.Join('/', parts[..^2]), parts[^2], int.Parse(numbers[0], CultureInfo.InvariantCulture), int.Parse(numbers[1], CultureInfo.InvariantCulture));
    }
}

/// <summary>Owns one shard's integrity: its checksum, its class counts and the bad files found in it.</summary>
[ControlSilo]
internal sealed class DatasetShardGrain(IExperimentStore store, IDatasetSource source) : Grain, IDatasetShardGrain
{
    public async Task<ShardSnapshot> IndexAsync()
    {
        var id = ShardId.Parse(this.GetPrimaryKeyString());
        if (await store.LoadShardAsync(id.Dataset, id.Split, id.Number) is { } known)
        {
            return known;
        }

        var dataset = await store.LoadDatasetAsync(id.Dataset) ?? throw new KeyNotFoundException($"There is no dataset '{id.Dataset}'.");
        var shard = await Task.Run(() => source.IndexShardAsync(dataset, id.Split, id.Number, id.Count, CancellationToken.None));
        await store.SaveShardAsync(id.Dataset, shard);
        return shard;
    }
}
