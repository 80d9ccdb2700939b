using System.Diagnostics;
using MlTr.Model.Data;
using MlTr.Model.Data.Loading;

namespace MlTr.Model.Tests.Data;

public class ThroughputTests(ITestOutputHelper output)
{
    // Prints figures for whoever tunes the loader; a time limit would only make the tests depend on the machine.
    [Theory(Explicit = true)]
    [InlineData("marks", "none")]
    [InlineData("marks", "cutout+randaugment")]
    [InlineData("coco", "cutout+randaugment")]
    public void ReadPass_Measured_PrintsPicturesPerSecond(string name, string augmentations)
    {
        using var folder = new TempFolder();
        var token = TestContext.Current.CancellationToken;
        if (name == "marks")
        {
            MlTr.Model.Data.Marks.MarksDataset.Ensure(MlTr.Model.Data.Marks.MarksPreset.Default, folder["marks"], ct: token);
        }

        var set = name == "marks" ? DatasetFolder.Open(folder["marks"], null, "train", ct: token) : DatasetFolder.Open(Samples.Path("coco-sample"), null, "train", ct: token);
        using var source = new ImageSetBatchSource(set, new BatchSourceOptions { Augmentations = AugmentationNames.Parse(augmentations) });
        var size = name == "marks" ? 64 : 448;
        for (var pass = 0; pass < (name == "marks" ? 3 : 8); pass++)
        {
            var (count, watch, before) = (0, Stopwatch.StartNew(), Process.GetCurrentProcess().TotalProcessorTime);
            foreach (var batch in source.ReadPass(pass, 10, size, true, 0, token))
            {
                count += batch.Indices.Length;
                batch.Dispose();
            }

            var cpu = Process.GetCurrentProcess().TotalProcessorTime - before;
            output.WriteLine(FormattableString.Invariant(
                $"{name} {augmentations} pass {pass}: {count / watch.Elapsed.TotalSeconds:F0} pictures/s, {count / cpu.TotalSeconds:F0} per CPU second at {size} px"));
        }
    }
}
