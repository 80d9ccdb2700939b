using MlTr.Model.Data;
using MlTr.Model.Data.Marks;
using MlTr.Model.Data.Readers;

namespace MlTr.Model.Tests.Data;

public class CocoReaderTests
{
    private static readonly DatasetReadOptions AnyShare = new() { MaxBadShare = 1 };

    [Theory]
    [InlineData("train2017", 30, 63)]
    [InlineData("val2017", 15, 49)] // one of the 16 shows none of the classes
    public void Read_GenuineSample_MatchesTheCounts(string split, int pictures, int classes)
    {
        var set = Genuine(split);

        Assert.Equal(pictures, set.Images.Count);
        Assert.Equal(80, set.Classes.Count);
        Assert.Equal(("person", "toothbrush", "stop sign"), (set.Classes[0], set.Classes[79], set.Classes[11]));
        Assert.Equal(classes, Enumerable.Range(0, 80).Count(k => set.Images.Any(image => image.Labels[k] == 1)));
        Assert.Empty(set.Quarantined);
    }

    [Fact]
    public void Read_GenuineSample_HasTheLabelsCountedByHand()
    {
        var train = Genuine("train2017");
        var val = Genuine("val2017", new DatasetReadOptions { KeepUnlabelled = true });

        var empty = val.Images.Single(image => image.Path == "000000226111.jpg");
        Assert.All(empty.Labels, label => Assert.Equal(0, label));
        Assert.Equal(131, train.LabelMatrix().Cast<sbyte>().Count(label => label == 1));
        Assert.Equal(92, val.LabelMatrix().Cast<sbyte>().Count(label => label == 1));
        Assert.Equal(["person", "bottle", "cup", "knife", "spoon", "bowl", "broccoli", "carrot", "dining table", "oven", "sink"], LabelsOf(val, "000000397133.jpg"));
        Assert.Equal("3 2 1 1 1 2 1 1 3 3 2", string.Join(' ', val.Images.Single(image => image.Path == "000000397133.jpg").Sizes!.Where(size => size > 0)));
    }

    [Fact]
    public void Read_Marks_TakesTheSizeLimitsFromTheFile()
    {
        using var folder = new TempFolder();
        MarksDataset.Ensure(MarksPreset.Mini, folder["marks"], ct: TestContext.Current.CancellationToken);

        var set = CocoReader.Read(folder["marks/annotations/train.json"], folder["marks/train"], ct: TestContext.Current.CancellationToken);

        Assert.Equal(MarksPreset.Mini.Classes, set.Classes);
        Assert.Equal(MarksPreset.Mini.SizeLimits, set.SizeLimits);
        var plan = LabelPlan.Make(MarksPreset.Mini, MarksSplit.Train);
        Assert.Equal(plan, set.Images.Select(image => Enumerable.Range(0, 6).Where(k => image.Labels[k] == 1)));
    }

    [Theory]
    [InlineData("annotation_of_unknown_image", "image 77")]
    [InlineData("array_at_top", "must be an object")]
    [InlineData("category_not_in_list", "category 999")]
    [InlineData("cut_off", "no valid JSON")]
    [InlineData("deep_nesting", "must be an object")]
    [InlineData("duplicate_annotation_id", "annotation id")]
    [InlineData("duplicate_category_name", "category name car")]
    [InlineData("duplicate_image_id", "image id")]
    [InlineData("nan_and_comment", "no valid JSON at line 1")]
    [InlineData("no_categories", "no categories")]
    [InlineData("no_images", "no images")]
    [InlineData("odd_boxes", "negative width")]
    [InlineData("path_outside_folder", "../../outside.jpg\" leads outside")]
    [InlineData("string_ids", "image id must be a whole number")]
    [InlineData("zero_bytes", "the file is empty")]
    [InlineData("not_there_at_all", "the file is missing")]
    public void Read_MalformedFile_NamesFileAndCause(string name, string cause)
    {
        var error = Assert.Throws<DatasetFormatException>(() => Malformed(name, AnyShare));

        Assert.Contains($"{name}.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(cause, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bom_crlf", 2)]
    [InlineData("crowd_only", 2)]
    [InlineData("huge_ids", 2)]
    [InlineData("no_annotations", 2)]
    public void Read_OddButValidFile_ReadsIt(string name, int pictures)
    {
        var set = Malformed(name, AnyShare with { KeepUnlabelled = true });

        Assert.Equal(pictures, set.Images.Count + set.Quarantined.Count);
        Assert.Equal(["person", "car", "dog"], set.Classes);
    }

    [Fact]
    public void Read_DeepNestingInside_IsRefused()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["deep.json"], "{\"licenses\": " + new string('[', 100_000));

        var error = Assert.Throws<DatasetFormatException>(() => CocoReader.Read(folder["deep.json"], folder.Path, ct: TestContext.Current.CancellationToken));

        Assert.Contains("depth", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_MissingPicture_SetsItAside()
    {
        var set = Malformed("missing_image_file", AnyShare);

        Assert.Equal([new BadFile("not_there.jpg", "the file is missing")], set.Quarantined);
        Assert.Equal(2, set.Images.Count);
    }

    [Fact]
    public void Read_TooManyMissingPictures_Stops()
    {
        var error = Assert.Throws<DatasetFormatException>(() => Malformed("missing_image_file", new DatasetReadOptions()));

        Assert.Contains("1 of 3 pictures", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_RecordOfAnotherSize_SetsThePictureAside()
    {
        var set = Malformed("mismatched_size", AnyShare);

        Assert.Contains("640 x 480", Assert.Single(set.Quarantined).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LinkOutOfTheFolder_IsRefused()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["set"]);
        File.WriteAllText(folder["secret.jpg"], "not yours");
        File.CreateSymbolicLink(folder["set/ok.jpg"], folder["secret.jpg"]);
        File.Copy(Samples.Path("malformed/coco/images/grayscale.jpg"), folder["set/grayscale.jpg"]);

        var error = Assert.Throws<DatasetFormatException>(() => CocoReader.Read(Samples.Path("malformed/coco/crowd_only.json"), folder["set"], AnyShare, TestContext.Current.CancellationToken));

        Assert.Contains("symbolic link", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LinkToItself_IsSetAside()
    {
        using var folder = new TempFolder();
        File.CreateSymbolicLink(folder["ok.jpg"], folder["ok.jpg"]);
        File.Copy(Samples.Path("malformed/coco/images/grayscale.jpg"), folder["grayscale.jpg"]);

        var set = CocoReader.Read(Samples.Path("malformed/coco/crowd_only.json"), folder.Path, AnyShare with { KeepUnlabelled = true }, TestContext.Current.CancellationToken);

        Assert.Contains(set.Quarantined, bad => bad.Path == "ok.jpg");
    }

    private static ImageSet Genuine(string split, DatasetReadOptions? options = null) =>
        CocoReader.Read(Samples.Path($"coco-sample/annotations/instances_{split}.json"), Samples.Path($"coco-sample/{split}"), options);

    private static ImageSet Malformed(string name, DatasetReadOptions options) =>
        CocoReader.Read(Samples.Path($"malformed/coco/{name}.json"), Samples.Path("malformed/coco/images"), options);

    private static List<string> LabelsOf(ImageSet set, string path) =>
        [.. set.Classes.Zip(set.Images.Single(image => image.Path == path).Labels).Where(pair => pair.Second == 1).Select(pair => pair.First)];
}
