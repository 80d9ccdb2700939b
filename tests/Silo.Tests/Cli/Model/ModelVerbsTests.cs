using System.Globalization;
using MlTr.Model.Data.Marks;
using MlTr.Silo.Cli.Model;
using MlTr.Silo.Hosting;
using Spectre.Console;

namespace MlTr.Silo.Tests.Cli.Model;

/// <summary>The verbs as a person uses them, on the smallest built-in dataset with its splits called as MS-COCO calls them.</summary>
[Collection(UsesTorch.Name)]
public sealed class ModelVerbsTests : IDisposable
{
    private static readonly string[] Quick = ["--passes", "2", "--batch-size", "48", "--image-size", "32", "--augmentation", "none", "--threads", "1"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mltr-verbs-");
    private readonly StringWriter _screen = new();

    private string Data => In("data");

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _screen.Dispose();
    }

    [Fact]
    public void Train_ThenPredictAndEvaluate_UsesTheDatasetsOwnSplitsAndClasses()
    {
        MakeData();

        Assert.Equal(0, Run(["train", "--data", Data, "--format", "coco", "--out", In("run"), .. Quick]));
        Assert.Contains("Evaluating on data val", _screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("step,name,value", File.ReadLines(In("run/metrics.csv")).First(), StringComparison.Ordinal);

        Assert.Equal(0, Run(["predict", "--model", In("run"), "--data", Data, "--out", In("scores.csv"), "--threads", "1"]));
        var rows = File.ReadAllLines(In("scores.csv")).Select(line => line.Split(',')).ToList();
        Assert.Equal("image_id", rows[0][0]);
        Assert.Equal(1 + Directory.GetFiles(Path.Combine(Data, "val")).Length, rows.Count);
        Assert.All(rows.Skip(1), row => Assert.All(row.Skip(1), score => Assert.InRange(float.Parse(score, CultureInfo.InvariantCulture), 0, 1)));

        var picture = Directory.GetFiles(Path.Combine(Data, "val")).Order(StringComparer.Ordinal).First();
        Assert.Equal(0, Run(["predict", "--model", In("run"), "--threshold", "0", "--threads", "1", picture]));
        Assert.Contains(rows[0][1], _screen.ToString(), StringComparison.Ordinal); // a class by its name
        Assert.Equal(0, Run(["predict", "--model", In("run"), "--own-thresholds", "--threads", "1", picture]));
        Assert.Throws<PlatformException>(() => Run(["predict", "--model", In("run"), "--own-thresholds", "--threshold", "0.3", picture]));

        Assert.Equal(0, Run(["evaluate", "--model", In("run"), "--data", Data, "--per-class", "--threads", "1"]));
        Assert.Contains("mAP", _screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("CF1, mean of classes", _screen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Train_KilledAndResumed_HasEveryPointOnceAndEndsWithTheSameWeights()
    {
        MakeData();
        string[] train = ["train", "--data", Data, .. Quick];
        Run([.. train, "--out", In("whole")]);
        var checkpoints = Directory.GetDirectories(In("whole")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).ToList();
        CopyFolder(In($"whole/{checkpoints[0]}"), In($"killed/{checkpoints[0]}"));
        File.Copy(In("whole/metrics.csv"), In("killed/metrics.csv")); // with points that came after the checkpoint

        Assert.Throws<PlatformException>(() => Run([.. train, "--out", In("killed")])); // not over another run by mistake
        Assert.Equal(0, Run([.. train, "--out", In("killed"), "--resume", "--no-picture-cache"]));

        Assert.Equal(2, checkpoints.Count);
        Assert.Equal(Points("whole"), Points("killed"));
        Assert.Equal(File.ReadAllBytes(In($"whole/{checkpoints[1]}/weights.safetensors")), File.ReadAllBytes(In($"killed/{checkpoints[1]}/weights.safetensors")));
    }

    [Fact]
    public void Train_FromWeights_PrintsWhatMatched()
    {
        MakeData();
        Run(["train", "--data", Data, "--out", In("first"), .. Quick, "--passes", "1"]);
        var weights = Path.Combine(Directory.GetDirectories(In("first")).Max()!, "weights.safetensors");

        Run(["train", "--data", Data, "--out", In("second"), .. Quick, "--passes", "1", "--object-token", "false", "--weights", weights]);

        Assert.Contains("0 missing, 0 of another shape, 3 unexpected", _screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("object_token", _screen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Train_ManyBadPictures_StopsUnlessTheShareIsAllowed()
    {
        MakeData();
        foreach (var picture in Directory.GetFiles(Path.Combine(Data, "train")).Order(StringComparer.Ordinal).Take(30))
        {
            File.WriteAllText(picture, "no picture");
        }

        string[] train = ["train", "--data", Data, "--out", In("run"), .. Quick, "--passes", "1"];
        Says("30 of 200 pictures are bad", train);
        Assert.Equal(0, Run([.. train, "--max-bad-share", "0.2"]));
        Assert.Contains("170 pictures", _screen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_WhatCannotBeDone_IsOneLine()
    {
        MakeData();

        Says("train needs --out", "train", "--data", Data);
        Says("There is no folder", "train", "--data", In("nowhere"), "--out", In("run"));
        Says("There is no format 'x'", "train", "--data", Data, "--format", "x", "--out", In("run"));
        Says("either pictures", "predict", "--model", In("run"));
        Says("holds no checkpoint", "evaluate", "--model", Data, "--data", Data);
        Says("is missing", "train", "--data", Data, "--out", In("run"), "--weights", In("no.pth"));
    }

    [Fact]
    public void Run_Help_PrintsTheOptionsAndLeavesOtherVerbsAlone()
    {
        Assert.Equal(0, Run(["predict", "--help"]));
        Assert.Contains("--threshold SHARE", _screen.ToString(), StringComparison.Ordinal);
        Assert.Null(ModelVerbs.TryRun(["serve"], AnsiConsole.Console, CancellationToken.None));
    }

    private void Says(string expected, params string[] words)
    {
        var error = Assert.Throws<PlatformException>(() => Run(words));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private int? Run(string[] words)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(_screen) });
        console.Profile.Width = 200;
        return ModelVerbs.TryRun(words, console, TestContext.Current.CancellationToken);
    }

    private List<string> Points(string run) =>
        [.. File.ReadLines(In($"{run}/metrics.csv")).Where(line => !line.Contains("images_per_second", StringComparison.Ordinal) && !line.Contains("wait", StringComparison.Ordinal))];

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    private string In(string name) => Path.Combine(_folder.FullName, name);

    private void MakeData()
    {
        MarksDataset.Ensure(MarksPreset.Mini, Data);
        Directory.Move(Path.Combine(Data, "validation"), Path.Combine(Data, "val"));
        File.Move(Path.Combine(Data, "annotations", "validation.json"), Path.Combine(Data, "annotations", "instances_val.json"));
    }
}
