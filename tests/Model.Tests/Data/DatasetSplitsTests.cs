using MlTr.Model.Data;

namespace MlTr.Model.Tests.Data;

public sealed class DatasetSplitsTests
{
    [Theory]
    [InlineData("coco-sample", "coco", "train", "val")]
    [InlineData("voc-sample", "voc", "trainval", "test")]
    [InlineData("nuswide-sample", "nuswide", "train", "test")]
    public void Choose_GenuineLayout_TakesItsOwnSplits(string sample, string format, string train, string evaluation)
    {
        var chosen = DatasetSplits.Choose(Samples.Path(sample), format);

        Assert.Equal((train, evaluation), chosen);
    }

    [Fact]
    public void Open_ValidationOfCoco_OpensValAndSaysSo()
    {
        var set = DatasetFolder.Open(Samples.Path("coco-sample"), "coco", "validation", ct: TestContext.Current.CancellationToken);

        Assert.Equal("coco-sample val", set.Name);
    }

    [Fact]
    public void Choose_NoSplitToEvaluateOn_SaysWhatThereIs()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["train.csv"], "path,labels\n");

        var error = Assert.Throws<DatasetFormatException>(() => DatasetSplits.Choose(folder.Path, "list"));

        Assert.Contains("no split \"validation\" or of like meaning; it has train", error.Message, StringComparison.Ordinal);
        Assert.Null(DatasetSplits.Find(folder.Path, "list", "test")); // a test set is no stand-in for another, nor another for it
    }
}
