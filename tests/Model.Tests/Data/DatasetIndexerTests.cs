using MlTr.Model.Data;

namespace MlTr.Model.Tests.Data;

public class DatasetIndexerTests(MarksFixture marks)
{
    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    public async Task Merge_AnyNumberOfShards_GivesTheSame(int shards)
    {
        var token = TestContext.Current.CancellationToken;
        var whole = DatasetIndexer.IndexShard(marks.Root, null, "validation", 0, 1, ct: token);

        var parts = new List<DatasetIndex>();
        await foreach (var part in DatasetIndexer.IndexAsync(marks.Root, "coco", "validation", shards, ct: token))
        {
            parts.Add(part);
        }

        var merged = DatasetIndexer.Merge(parts);
        Assert.Equal(50, merged.Images);
        Assert.Equal(whole.Checksum, merged.Checksum);
        Assert.Equal(whole.ClassCounts, merged.ClassCounts);
        Assert.All(parts, part => Assert.InRange(part.Images, 1, 49));
    }

    [Fact]
    public void IndexShard_BadPictures_AreListedWithTheirReason()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["train/dog"]);
        foreach (var name in (string[])["ok.jpg", "truncated.jpg", "huge_header.jpg", "empty.jpg"])
        {
            File.Copy(Samples.Path("malformed/coco/images/" + name), folder["train/dog/" + name]);
        }

        var index = DatasetIndexer.IndexShard(folder.Path, null, "train", 0, 1, ct: TestContext.Current.CancellationToken);

        Assert.Equal(1, index.Images);
        Assert.Equal([1], index.ClassCounts);
        Assert.Equal(["train/dog/empty.jpg", "train/dog/huge_header.jpg", "train/dog/truncated.jpg"], index.BadFiles.Select(file => file.Path));
        Assert.Contains("65500", index.BadFiles[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void ShardOf_KnownPath_NeverChanges() => Assert.Equal((1, 0), (DatasetIndexer.ShardOf("train/000001.png", 7), DatasetIndexer.ShardOf("a", 1)));
}
