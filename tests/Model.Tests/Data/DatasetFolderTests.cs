using System.Formats.Tar;
using MlTr.Model.Data;
using MlTr.Model.Data.Readers;

namespace MlTr.Model.Tests.Data;

public class DatasetFolderTests(MarksFixture marks)
{
    private static readonly DatasetReadOptions AnyShare = new() { MaxBadShare = 1 };

    [Theory]
    [InlineData("coco-sample", "train", "coco", 30, 80)]
    [InlineData("voc-sample", "trainval", "voc", 16, 20)]
    [InlineData("voc-sample", "test", "voc", 8, 20)]
    [InlineData("nuswide-sample", "train", "nuswide", 25, 81)]
    [InlineData("nuswide-sample", "test", "nuswide", 12, 81)]
    public void Open_GenuineSample_IsRecognised(string sample, string split, string format, int pictures, int classes)
    {
        var set = DatasetFolder.Open(Samples.Path(sample), null, split, ct: TestContext.Current.CancellationToken);

        Assert.Equal(format, DatasetFolder.Detect(Samples.Path(sample), split));
        Assert.Equal((pictures, classes), (set.Images.Count, set.Classes.Count));
        Assert.Empty(set.Quarantined);
        Assert.Equal($"{sample} {split}", set.Name);
    }

    [Fact]
    public void Open_Marks_IsCoco() => Assert.Equal(50, DatasetFolder.Open(marks.Root, null, "test", ct: TestContext.Current.CancellationToken).Images.Count);

    [Theory]
    [InlineData("coco-sample", "train", "no-such-format")]
    public void Open_UnknownFormat_NamesTheKnownOnes(string sample, string split, string format) =>
        Assert.Contains("imagefolder", Assert.Throws<ArgumentException>(() => DatasetFolder.Open(Samples.Path(sample), format, split, ct: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("../coco-sample")]
    [InlineData("/etc")]
    [InlineData("nothing")]
    public void Open_UnknownSplit_IsRefused(string split) =>
        Assert.Throws<DatasetFormatException>(() => DatasetFolder.Open(Samples.Path("coco-sample"), null, split, ct: TestContext.Current.CancellationToken));

    [Theory]
    [InlineData("../x.jpg")]
    [InlineData("a/../../x.jpg")]
    [InlineData("/etc/hostname")]
    [InlineData("..\\x.jpg")]
    [InlineData("C:\\x.jpg")]
    [InlineData("\\\\server\\x.jpg")]
    [InlineData("")]
    public void Normalise_PathToTheOutside_IsNull(string path) => Assert.Null(DatasetPaths.Normalise(path));

    [Fact]
    public void Open_ImageFolder_TakesTheClassFromTheFolder()
    {
        using var folder = new TempFolder();
        Put(folder["train/cat/a.png"], 0);
        Put(folder["train/dog/b.png"], 1);
        Put(folder["val/emu/c.png"], 2);

        var set = DatasetFolder.Open(folder.Path, null, "train", ct: TestContext.Current.CancellationToken);

        Assert.Equal(["cat", "dog", "emu"], set.Classes);
        Assert.Equal(["train/cat/a.png", "train/dog/b.png"], set.Images.Select(image => image.Path));
        Assert.Equal(new sbyte[,] { { 1, 0, 0 }, { 0, 1, 0 } }, set.LabelMatrix());
    }

    [Theory]
    [InlineData("train.csv", "path,labels\na.png,dog;cat\n\"b.png\",\n")]
    [InlineData("train.csv", "path,cat,dog\na.png,1,1\nb.png,0,0\n")]
    [InlineData("train.jsonl", "{\"path\": \"a.png\", \"labels\": [\"dog\", \"cat\"]}\n\n{\"path\": \"b.png\", \"labels\": []}")]
    public void Open_List_ReadsItsLabels(string name, string text)
    {
        using var folder = new TempFolder();
        Put(folder["a.png"], 0);
        Put(folder["b.png"], 1);
        File.WriteAllText(folder[name], text);

        var set = DatasetFolder.Open(folder.Path, null, "train", ct: TestContext.Current.CancellationToken);

        Assert.Equal(["cat", "dog"], set.Classes);
        Assert.Equal(new sbyte[,] { { 1, 1 }, { 0, 0 } }, set.LabelMatrix());
    }

    [Theory]
    [InlineData("train.csv", "path,labels\n../a.png,dog\n", "line 2: \"../a.png\" leads outside")]
    [InlineData("train.csv", "path,dog\na.png,2\n", "line 2: a label must be 1, 0 or -1")]
    [InlineData("train.csv", "path,dog\na.png\n", "line 2: has 1 columns")]
    [InlineData("train.csv", "path,dog\n\"a.png,1\n", "quotation mark")]
    [InlineData("train.csv", "name\n", "must start with a line")]
    [InlineData("train.csv", "path,labels\n", "holds no picture")]
    [InlineData("train.jsonl", "{\"path\": \"a.png\"}", "line 1: must be an object")]
    [InlineData("train.jsonl", "nonsense", "line 1: must be an object")]
    [InlineData("train.jsonl", "{\"path\": \"a.png\", \"labels\": [\"x\"]}\n{\"path\": \"a.png\", \"labels\": [\"x\"]}", "lists a.png twice")]
    public void Open_MalformedList_NamesFileAndLine(string name, string text, string cause)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder[name], text);

        var error = Assert.Throws<DatasetFormatException>(() => DatasetFolder.Open(folder.Path, null, "train", AnyShare, ct: TestContext.Current.CancellationToken));

        Assert.Contains(name + ": ", error.Message, StringComparison.Ordinal);
        Assert.Contains(cause, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tars_OtherSplitThatBeginsAlike_IsLeftAlone()
    {
        using var folder = new TempFolder();
        foreach (var name in new[] { "train-0.tar", "train1.tar", "train.tar", "trainval-0.tar", "training.tar" })
        {
            File.WriteAllText(folder[name], "");
        }

        Assert.Equal(["train-0.tar", "train.tar", "train1.tar"], WebDatasetReader.Tars(folder.Path, "train").Select(Path.GetFileName));
    }

    [Fact]
    public void Open_WebDataset_ReadsPicturesFromTheArchive()
    {
        using var folder = new TempFolder();
        var token = TestContext.Current.CancellationToken;
        using (var tar = new TarWriter(File.Create(folder["train-000.tar"])))
        {
            Add(tar, "0001.png", Picture(1));
            Add(tar, "0001.json", "{\"labels\": [\"dog\"]}"u8.ToArray());
            Add(tar, "0002.png", Picture(2));
            Add(tar, "0002.cls", "cat\ndog\n"u8.ToArray());
        }

        var set = DatasetFolder.Open(folder.Path, null, "train", ct: token);

        Assert.Equal(["cat", "dog"], set.Classes);
        Assert.Equal(["train-000.tar/0001.png", "train-000.tar/0002.png"], set.Images.Select(image => image.Path));
        Assert.Equal(new sbyte[,] { { 0, 1 }, { 1, 1 } }, set.LabelMatrix());
        Assert.Equal(Picture(2), set.ReadBytes(set.Images[1]));
        Assert.Equal(2, DatasetIndexer.IndexShard(folder.Path, null, "train", 0, 1, ct: token).Images);
    }

    [Fact]
    public void Open_DamagedArchive_IsRefused()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["train.tar"], [.. Enumerable.Range(0, 1000).Select(i => (byte)(i * 7))]);

        var error = Assert.Throws<DatasetFormatException>(() => DatasetFolder.Open(folder.Path, null, "train", ct: TestContext.Current.CancellationToken));

        Assert.Contains("train.tar: is no whole tar archive", error.Message, StringComparison.Ordinal);
    }

    private byte[] Picture(int index) => File.ReadAllBytes(Path.Combine(marks.Root, $"train/00000{index}.png"));

    private void Put(string path, int index)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, Picture(index));
    }

    private static void Add(TarWriter tar, string name, byte[] bytes) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(bytes) });
}
