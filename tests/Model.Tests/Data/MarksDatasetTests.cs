using MlTr.Model.Data;
using MlTr.Model.Data.Marks;

namespace MlTr.Model.Tests.Data;

public class MarksDatasetTests
{
    [Fact]
    public void Ensure_Mini_DrawsThePinnedPixels()
    {
        using var folder = new TempFolder();

        var one = MarksDataset.Ensure(MarksPreset.Mini, folder["one"], 1, null, TestContext.Current.CancellationToken);
        var four = MarksDataset.Ensure(MarksPreset.Mini, folder["four"], 4, null, TestContext.Current.CancellationToken);

        Assert.Equal("a329f08fcb8957cac0e72114564f25fbf69d7cf42f8e71c4ca7fcdff746391e4", one.Digest);
        Assert.Equal(one.Digest, four.Digest);
        Assert.Equal(
            File.ReadAllBytes(folder["one/annotations/train.json"]),
            File.ReadAllBytes(folder["four/annotations/train.json"]));
    }

    [Fact]
    public void Ensure_Default_DrawsThePinnedPixels()
    {
        using var folder = new TempFolder();

        var manifest = MarksDataset.Ensure(MarksPreset.Default, folder["marks"], ct: TestContext.Current.CancellationToken);

        Assert.Equal("aa0dfb52d06d92e730dfc864a5e194c6f613d5557b55e508caf14e7c6b4c1e45", manifest.Digest);
        Assert.Equal(["cross", "stars"], manifest.Traps.Select(trap => trap.Name));
    }

    [Fact]
    public void Ensure_Twice_DrawsOnce()
    {
        using var folder = new TempFolder();
        MarksDataset.Ensure(MarksPreset.Mini, folder["marks"], ct: TestContext.Current.CancellationToken);
        File.WriteAllText(folder["marks/train/000000.png"], "touched");

        MarksDataset.Ensure(MarksPreset.Mini, folder["marks"], ct: TestContext.Current.CancellationToken);

        Assert.Equal("touched", File.ReadAllText(folder["marks/train/000000.png"]));
    }

    [Fact]
    public void Ensure_AfterACrash_DrawsAnew()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["marks/train"]);
        Directory.CreateDirectory(folder["marks.drawing-0123"]);

        var manifest = MarksDataset.Ensure(MarksPreset.Mini, folder["marks"], ct: TestContext.Current.CancellationToken);

        Assert.Equal(manifest.Digest, MarksDataset.TryReadManifest(folder["marks"])!.Digest);
        Assert.Equal(["marks"], Directory.GetDirectories(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Ensure_AtOnce_BothGetTheWholeSet()
    {
        using var folder = new TempFolder();

        var token = TestContext.Current.CancellationToken;
        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => MarksDataset.Ensure(MarksPreset.Mini, folder["marks"], ct: token), token)));

        Assert.Equal(both[0].Digest, both[1].Digest);
        Assert.Equal(200, Directory.GetFiles(folder["marks/train"]).Length);
    }

    [Fact]
    public void Ensure_FolderWithOtherFiles_LeavesThemAlone()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["marks"]);
        File.WriteAllText(folder["marks/thesis.txt"], "years of work");

        var error = Assert.Throws<DatasetFormatException>(() => MarksDataset.Ensure(MarksPreset.Mini, folder["marks"], ct: TestContext.Current.CancellationToken));

        Assert.Contains("thesis.txt", error.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(folder["marks/thesis.txt"]));
    }

    [Theory]
    [InlineData(MarksSplit.Train, 0.9, 0)]
    [InlineData(MarksSplit.Validation, 0.5, 0.35)]
    [InlineData(MarksSplit.Test, 0.5, 0.35)]
    internal void Plan_Default_MeetsTheQuotasExactly(MarksSplit split, double triangles, double stars)
    {
        var preset = MarksPreset.Default;
        var (five, six, triangle, cross) = (6, 7, 4, 9);

        var plan = LabelPlan.Make(preset, split);

        var crosses = plan.Where(picture => picture.Contains(cross)).ToList();
        var starred = plan.Where(picture => picture.Contains(five) || picture.Contains(six)).ToList();
        Assert.Equal((int)Math.Round(triangles * crosses.Count), crosses.Count(picture => picture.Contains(triangle)));
        Assert.Equal((int)Math.Round(stars * starred.Count), starred.Count(picture => picture.Contains(five) && picture.Contains(six)));
        Assert.Equal(plan.Length / 100, plan.Count(picture => picture.Count == 0));
        Assert.All(plan, picture => Assert.InRange(picture.Count, 0, 5));
        Assert.InRange(plan.Average(picture => picture.Count), 2.3, 2.5);
    }

    [Fact]
    public void Draw_Default_HasTheSizesAndContrastAsked()
    {
        var preset = MarksPreset.Default;
        var plan = LabelPlan.Make(preset, MarksSplit.Train);

        var pictures = Enumerable.Range(0, 300).Select(i => MarksPicture.Draw(preset, MarksSplit.Train, i, plan[i]).Marks).ToList();

        var marks = pictures.SelectMany(picture => picture).ToList();
        Assert.All(pictures, picture => Assert.InRange(picture.Count, 0, MarksPicture.MaxMarks));
        Assert.All(pictures.Zip(plan), p => Assert.Equal(p.Second, p.First.Select(mark => mark.Class).Distinct().Order()));
        Assert.All(marks, mark => Assert.True(mark.Contrast >= MarksPicture.MinContrast && mark.Area > 8));
        Assert.InRange(marks.Count(mark => mark.Radius < 6) / (double)marks.Count, 0.2, 0.3);
        Assert.InRange(marks.Count(mark => mark.Radius >= 11) / (double)marks.Count, 0.25, 0.35);
    }
}
