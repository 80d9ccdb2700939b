using MlTr.Abstractions.Datasets;
using MlTr.Model.Data;
using MlTr.Silo.Datasets;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Tests.Datasets;

/// <summary>The browser over the smallest built-in dataset and over folders that have something wrong.</summary>
public sealed class ModelDatasetBrowserTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mltr-browser-");
    private ModelDatasetBrowser _browser = null!;
    private DatasetSnapshot _marks = null!;

    public async ValueTask InitializeAsync()
    {
        var copies = new DatasetCopies(new DataFolder(_folder.FullName));
        var source = new ModelDatasetSource(new DataFolder(_folder.FullName), copies);
        _browser = new ModelDatasetBrowser(source, new OpenSets(copies));
        _marks = source.BuiltIn.Single(known => known.Id == "marks-mini");
        await source.EnsureAsync(_marks, _ => { }, TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void Count_AddsUp()
    {
        var counted = _browser.Count(_marks, "train");

        var set = DatasetFolder.Open(_marks.Folder, "coco", "train", ct: TestContext.Current.CancellationToken);
        var classes = set.Classes.Count;
        Assert.Equal(200, counted.Images);
        Assert.Equal(counted.Images, counted.LabelsPerImage.Sum());
        Assert.Equal(counted.Images, counted.Sizes.Sum(bin => bin.Pictures));
        for (var k = 0; k < classes; k++)
        {
            var own = set.Images.Count(image => image.Labels[k] == 1);
            Assert.Equal(own, counted.CoOccurrence[(k * classes) + k]);
            Assert.Equal(own, counted.Instances[(3 * k)..(3 * (k + 1))].Sum());
        }

        Assert.Equal(set.Images.Count(image => image.Labels[0] == 1 && image.Labels[1] == 1), counted.CoOccurrence[1]);
    }

    [Fact]
    public void List_OfTwoClasses_HasOnlyPicturesOfBoth_WithBoxesInside()
    {
        var page = _browser.List(_marks, new PictureQuery("train", [0, 1], 1, 3));

        Assert.True(page.Total > page.Pictures.Length);
        Assert.Equal(3, page.Pictures.Length);
        Assert.All(page.Pictures, picture => Assert.True(picture.Present.Contains(0) && picture.Present.Contains(1)));
        Assert.All(page.Pictures.SelectMany(picture => picture.Boxes), box => Assert.True(box is { X: >= 0, Y: >= 0, Width: > 0, Height: > 0 } && box.X + box.Width <= 1.001 && box.Y + box.Height <= 1.001));
        Assert.All(page.Pictures, picture => Assert.Equal(picture.Present.Order(), picture.Boxes.Select(box => box.Class).Distinct().Order()));
    }

    [Fact]
    public void Thumbnail_IsAsSmallAsAskedFor()
    {
        var picture = _browser.Thumbnail(_marks, "validation", 0, 16);

        Assert.Equal("image/png", picture.MediaType);
        Assert.Equal((16, 16), (ImageDecoder.ReadHeader([.. picture.File]).Width, ImageDecoder.ReadHeader([.. picture.File]).Height));
    }

    [Theory]
    [InlineData("validation", 50)]
    [InlineData("validation", -1)]
    [InlineData("../train", 0)]
    public void Thumbnail_OfNoPicture_IsRefused(string split, int index) => Assert.Throws<DatasetContentsException>(() => _browser.Thumbnail(_marks, split, index, 64));

    [Fact]
    public void Thumbnail_OfALinkToTheOutside_IsRefused()
    {
        var outside = Path.Combine(_folder.FullName, "secret.png");
        File.Copy(Directory.EnumerateFiles(Path.Combine(_marks.Folder, "validation")).First(), outside);
        var mine = Directory.CreateDirectory(Path.Combine(_folder.FullName, "linked", "train", "cup")).FullName;
        File.CreateSymbolicLink(Path.Combine(mine, "1.png"), outside);
        var dataset = _marks with { Id = "linked", Format = "imagefolder", Folder = Path.Combine(_folder.FullName, "linked") };

        Assert.Throws<DatasetContentsException>(() => _browser.Thumbnail(dataset, "train", 0, 64));
    }

    [Fact]
    public void Check_AGoodFolder_TellsWhatIsInIt()
    {
        var check = _browser.Check(new DatasetRegistration("mine", _marks.Folder));

        Assert.Equal(("coco", 6), (check.Format, check.Classes.Length));
        Assert.Equal([new SplitPreview("train", 200, 0), new SplitPreview("validation", 50, 0)], check.Splits);
        Assert.Empty(check.Problems);
    }

    [Fact]
    public void Check_TwoDamagedSplits_ListsBoth()
    {
        var copy = Directory.CreateDirectory(Path.Combine(_folder.FullName, "copy", "annotations")).Parent!.FullName;
        foreach (var split in new[] { "train", "validation" })
        {
            File.WriteAllText(Path.Combine(copy, "annotations", split + ".json"), "{\"images\": [");
            Directory.CreateDirectory(Path.Combine(copy, split));
        }

        var check = _browser.Check(new DatasetRegistration("mine", copy, "coco"));

        Assert.Equal(2, check.Problems.Length);
        Assert.All(check.Problems, problem => Assert.Contains("JSON", problem.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Check_NoFolder_IsAProblemOfTheFolder() => Assert.Equal("folder", Assert.Single(_browser.Check(new DatasetRegistration("mine", "/nowhere")).Problems).Field);
}
