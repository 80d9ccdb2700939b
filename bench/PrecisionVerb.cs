using MlTr.Bench.Models;
using MlTr.Model;
using MlTr.Model.Data.Marks;
using MlTr.Model.Native;
using MlTr.Model.Training;
using static System.FormattableString;

namespace MlTr.Bench;

/// <summary><c>precision [PASSES] [SEEDS] [PRESET]</c>: whether MlTr-n trains as well in bf16 as in fp32 on a built-in dataset: mean and deviation over seeds.</summary>
internal static class PrecisionVerb
{
    private static readonly Precision[] Compared = [Precision.Fp32, Precision.Bf16];

    public static int Run(int passes, int seeds, MarksPreset preset)
    {
        NativeTorch.EnsureLoaded();
        if (Autocast.Unavailable is { } why)
        {
            Console.Error.WriteLine($"bf16 is unavailable: {why}.");
            return 1;
        }

        _ = MarksDataset.Ensure(preset, MarksVerb.RootOf(preset));
        Console.WriteLine(Invariant($"{preset.Name}, MlTr-n, {passes} passes, seeds 1 to {seeds}, validation split, in %; processor seconds of all threads together."));
        Console.WriteLine($"{"",-12} {"mAP",14} {"CF1",14} {"OF1",14} {"seconds",14}");
        var results = Compared.ToDictionary(precision => precision, _ => new List<double[]>());
        for (var seed = 1; seed <= seeds; seed++)
        {
            foreach (var precision in Compared)
            {
                var result = Train(preset, passes, seed, precision);
                results[precision].Add(result);
                Row(Invariant($"{Name(precision)}, seed {seed}"), result.Select(value => Invariant($"{value:F1}")));
            }
        }

        foreach (var (precision, rows) in results)
        {
            Row(Invariant($"{Name(precision)}, mean"), Enumerable.Range(0, rows[0].Length).Select(column => Spread([.. rows.Select(row => row[column])])));
        }

        return 0;
    }

    /// <summary>mAP, CF1 and OF1 in %, and processor seconds.</summary>
    private static double[] Train(MarksPreset preset, int passes, int seed, Precision precision)
    {
        using var train = MarksVerb.Open(preset, "train", seed);
        using var validation = MarksVerb.Open(preset, "validation", seed);
        using var folder = new TemporaryFolder();
        var options = MarksVerb.Recipe(MlTrConfig.Nano(train.NumClasses), passes) with { Seed = seed, Precision = precision };
        var watch = new ProcessorTime();
        var metrics = Trainer.Run(options, train, validation, folder.Path, null, _ => { }, default).Best.Metrics;
        return [100 * (metrics.Map ?? 0), 100 * (metrics.Cf1 ?? 0), 100 * (metrics.Of1 ?? 0), watch.Lap()];
    }

    /// <summary>Mean and, of several, the sample's standard deviation.</summary>
    private static string Spread(double[] values)
    {
        var mean = values.Average();
        return values.Length < 2
            ? Invariant($"{mean:F1}")
            : Invariant($"{mean:F1} +- {Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1)):F1}");
    }

    private static void Row(string title, IEnumerable<string> cells) => Console.WriteLine($"{title,-12} {string.Join(' ', cells.Select(cell => cell.PadLeft(14)))}");

    private static string Name(Precision precision) => precision.ToString().ToLowerInvariant();
}
