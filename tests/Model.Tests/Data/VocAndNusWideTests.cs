using MlTr.Model.Data;
using MlTr.Model.Data.Readers;

namespace MlTr.Model.Tests.Data;

public class VocAndNusWideTests
{
    private static readonly DatasetReadOptions AnyShare = new() { MaxBadShare = 1 };

    [Theory]
    [InlineData("trainval")]
    [InlineData("test")]
    public void ReadVoc_GenuineSample_AgreesWithItsClassLists(string split)
    {
        var set = VocReader.Read(Samples.Path("voc-sample"), split, new DatasetReadOptions(), TestContext.Current.CancellationToken);

        for (var k = 0; k < 20; k++)
        {
            var lines = File.ReadAllLines(Path.Combine(set.Root, $"ImageSets/Main/{set.Classes[k]}_{split}.txt"));
            foreach (var (line, image) in lines.Where(line => line.Length > 0).Zip(set.Images))
            {
                // The lists say 0 where every object is difficult: present in training, unknown in a test.
                var listed = int.Parse(line[^2..], System.Globalization.CultureInfo.InvariantCulture);
                var expected = listed == 0 ? (split == "test" ? -1 : 1) : listed == 1 ? 1 : 0;
                Assert.Contains(line[..6], image.Path, StringComparison.Ordinal);
                Assert.Equal(expected, image.Labels[k]);
            }
        }
    }

    [Fact]
    public void ReadVoc_MalformedFiles_AreSetAsideWithTheirReason()
    {
        var set = VocReader.Read(Samples.Path("malformed/voc"), "trainval", AnyShare, TestContext.Current.CancellationToken);

        Assert.Equal(["000001", "000004", "000006", "000007", "000014"], set.Images.Select(image => Path.GetFileNameWithoutExtension(image.Path)));
        var reasons = set.Quarantined.ToDictionary(file => Path.GetFileNameWithoutExtension(file.Path), file => file.Reason);
        Assert.Contains("no valid XML", reasons["000002"], StringComparison.Ordinal);
        Assert.Contains("\"unicorn\" is none of the 20 classes", reasons["000003"], StringComparison.Ordinal);
        Assert.Contains("ends before it starts", reasons["000005"], StringComparison.Ordinal);
        Assert.Contains("DTD", reasons["000008"], StringComparison.Ordinal);
        Assert.Contains("DTD", reasons["000009"], StringComparison.Ordinal);
        Assert.Contains("the file is missing", reasons["000010"], StringComparison.Ordinal);
        Assert.Contains("belongs to", reasons["000011"], StringComparison.Ordinal);
        Assert.Contains("\"Dog\"", reasons["000012"], StringComparison.Ordinal);
        Assert.Contains("is no number", reasons["000013"], StringComparison.Ordinal);
        Assert.Contains("no valid XML", reasons["000015"], StringComparison.Ordinal);
    }

    [Fact]
    public void ReadVoc_ListWithAnUnknownId_SetsItAside()
    {
        var set = VocReader.Read(Samples.Path("malformed/voc"), "val", AnyShare, TestContext.Current.CancellationToken);

        Assert.Contains(set.Quarantined, file => file == new BadFile("Annotations/999999.xml", "the file is missing"));
    }

    [Fact]
    public void ReadNusWide_GenuineSample_HasEveryLabelOfItsLists()
    {
        var set = NusWideReader.Read(Samples.Path("nuswide-sample"), "train", new DatasetReadOptions(), TestContext.Current.CancellationToken);

        for (var k = 0; k < 81; k++)
        {
            var lines = File.ReadAllLines(Samples.Path($"nuswide-sample/Groundtruth/TrainTestLabels/Labels_{set.Classes[k]}_Train.txt"));
            Assert.Equal(lines.Count(line => line.Trim() == "1"), set.Images.Count(image => image.Labels[k] == 1));
        }

        Assert.Null(set.SizeMatrix());
    }

    [Fact]
    public void ReadNusWide_MalformedFiles_AreNamedOneAfterTheOther()
    {
        using var folder = new TempFolder();
        Copy(Samples.Path("malformed/nuswide"), folder.Path);
        var labels = folder["Groundtruth/TrainTestLabels/"];

        Assert.Contains("Concepts81.txt: must name 81 different concepts, not 80", Fault("train"), StringComparison.Ordinal);
        File.Copy(Samples.Path("nuswide-sample/ConceptsList/Concepts81.txt"), folder["ConceptsList/Concepts81.txt"], overwrite: true);

        Assert.Contains("TestImagelist.txt: line 1: \"..\\..\\outside.jpg\" leads outside", Fault("test"), StringComparison.Ordinal);
        File.WriteAllText(folder["ImageList/TestImagelist.txt"], "dog\\0002_100000002.jpg\ndog\\0001_100000001.jpg\n");
        Assert.Contains("Labels_tower_Test.txt: the file is missing", Fault("test"), StringComparison.Ordinal);

        Assert.Contains("Labels_cat_Train.txt: line 2: must be 0 or 1, not \"2\"", Fault("train"), StringComparison.Ordinal);
        File.WriteAllText(labels + "Labels_cat_Train.txt", "0\n0\n0\n0\n");
        Assert.Contains("Labels_dog_Train.txt: has 3 lines for 4 pictures", Fault("train"), StringComparison.Ordinal);
        File.WriteAllText(labels + "Labels_dog_Train.txt", "1\n1\n1\n0\n");
        foreach (var concept in File.ReadLines(folder["ConceptsList/Concepts81.txt"]).Where(name => !File.Exists($"{labels}Labels_{name}_Train.txt")))
        {
            File.WriteAllText($"{labels}Labels_{concept}_Train.txt", "0\n0\n0\n0\n");
        }

        var set = NusWideReader.Read(folder.Path, "train", AnyShare, TestContext.Current.CancellationToken);
        Assert.Equal([new BadFile("Flickr/dog/0004_100000004.jpg", "the file is missing")], set.Quarantined);

        string Fault(string split) => Assert.Throws<DatasetFormatException>(() => NusWideReader.Read(folder.Path, split, AnyShare, TestContext.Current.CancellationToken)).Message;
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
