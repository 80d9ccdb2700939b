using MlTr.Abstractions.Datasets;
using MlTr.Silo.Datasets;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Tests.Datasets;

public sealed class ModelDatasetSourceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mltr-datasets-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Ensure_ABuiltInDataset_DrawsItAndItsShardsCoverEverySplitOnce()
    {
        var source = new ModelDatasetSource(new DataFolder(_folder.FullName), new DatasetCopies(new DataFolder(_folder.FullName)));
        var dataset = source.BuiltIn.Single(known => known.Id == "marks-mini");
        var progress = new List<double>();

        var contents = await source.EnsureAsync(dataset, progress.Add, TestContext.Current.CancellationToken);
        var shards = new List<ShardSnapshot>();
        foreach (var (split, _) in contents.Splits)
        {
            for (var shard = 0; shard < 3; shard++)
            {
                shards.Add(await source.IndexShardAsync(dataset, split, shard, 3, TestContext.Current.CancellationToken));
            }
        }

        Assert.Equal([("train", 200), ("validation", 50)], contents.Splits); // the test split is for the last word only
        Assert.Equal(1, progress.Max());
        Assert.Equal(contents.Splits.Select(split => split.Images), contents.Splits.Select(split => shards.Where(shard => shard.Split == split.Name).Sum(shard => shard.Images)));
        Assert.All(shards, shard => Assert.Empty(shard.BadFiles));
    }
}
