using System.Reflection;
using MlTr.Model.Tests.Data;

namespace MlTr.Model.Tests;

public sealed class SamplesTests
{
    [Fact]
    public void TrainThenPredict_OnGenuineCocoPictures_NamesClassesOfMsCoco()
    {
        using var folder = new TempFolder();
        var coco = Samples.Path("coco-sample");

        var trained = Run("MlTr.Samples.Train", coco, folder["run"]);
        var seen = Run("MlTr.Samples.Predict", folder["run"], Path.Combine(coco, "val2017", "000000119828.jpg"));

        Assert.Contains("on coco-sample val, checkpoint", trained, StringComparison.Ordinal);
        Assert.Contains("000000119828.jpg: about ", seen, StringComparison.Ordinal);
        Assert.Matches(@"\n  [a-z][a-z ]+ \d+", seen.ReplaceLineEndings("\n"));
    }

    private static string Run(string sample, params string[] arguments)
    {
        var screen = new StringWriter();
        var before = Console.Out;
        Console.SetOut(screen);
        try
        {
            Assembly.Load(sample).EntryPoint!.Invoke(null, [arguments]);
        }
        finally
        {
            Console.SetOut(before);
        }

        return screen.ToString();
    }
}
