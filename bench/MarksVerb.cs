using System.Diagnostics;
using System.Globalization;
using MlTr.Model;
using MlTr.Model.Data;
using MlTr.Model.Data.Loading;
using MlTr.Model.Data.Marks;
using MlTr.Model.Losses;
using MlTr.Model.Native;
using MlTr.Model.Training;
using static TorchSharp.torch;

namespace MlTr.Bench;

/// <summary><c>marks [PASSES]</c>: what chance, a linear classifier on pixels, MlTr-n and MlTr-t reach on the built-in dataset's validation split.</summary>
internal static class MarksVerb
{
    private const int Seed = 1, Side = 64;


    public static int Run(int passes)
    {
        NativeTorch.EnsureLoaded();
        var manifest = MarksDataset.Ensure(MarksPreset.Default, RootOf(MarksPreset.Default));
        using var train = Open(MarksPreset.Default, "train", Seed);
        using var validation = Open(MarksPreset.Default, "validation", Seed);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"marks: {train.Count} pictures to train on, {validation.Count} to validate on, {train.NumClasses} classes; {passes} passes, seed {Seed}, {Environment.ProcessorCount} threads"));
        Console.WriteLine($"{"",-24} {"mAP",6} {"small",6} {"medium",6} {"large",6} {"CF1",6} {"OF1",6} {"look-alikes",11} {"cross gap",9} {"stars gap",9} {"seconds",8}");
        Print("chance", validation, manifest, () => Chance(validation));
        Print("linear on pixels", validation, manifest, () => Linear(train, validation, passes));
        foreach (var (title, config) in new[] { ("MlTr-n", MlTrConfig.Nano(train.NumClasses)), ("MlTr-t", MlTrConfig.Tiny(train.NumClasses)) })
        {
            Print(title, validation, manifest, () => Transformer(config, train, validation, passes));
        }

        return 0;
    }

    internal static string RootOf(MarksPreset preset) => Path.Combine(Path.GetTempPath(), $"mltr-bench-{preset.Name}");

    /// <summary>A split of a built-in dataset, which <see cref="MarksDataset"/> has put into <see cref="RootOf"/>.</summary>
    internal static ImageSetBatchSource Open(MarksPreset preset, string split, int seed) =>
        new(DatasetFolder.Open(RootOf(preset), "coco", split), new BatchSourceOptions { Seed = (ulong)seed, Augmentations = Augmentations.None });

    private static void Print(string title, ImageSetBatchSource validation, MarksManifest manifest, Func<float[,]> score)
    {
        var watch = Stopwatch.StartNew();
        var scores = score();
        var seconds = watch.Elapsed.TotalSeconds;
        var evaluation = Evaluator.Measure(scores, counts: null, validation);
        var (report, sizes) = (evaluation.Metrics, evaluation.Sizes!);
        var figures = LookAlikes.Measure(scores, validation.Labels, manifest).Figures();
        double?[] shown =
        [
            report.Map, sizes.Small, sizes.Medium, sizes.Large, report.Cf1, report.Of1,
        ];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{title,-24} {string.Join(' ', shown.Select(value => Percent(value).PadLeft(6)))} {Percent(Figure("marks/lookalike_confusion")),11} {Percent(Figure("marks/trap_cross_gap")),9} {Percent(Figure("marks/trap_stars_gap")),9} {seconds,8:F0}"));

        double? Figure(string name) => figures.TryGetValue(name, out var value) ? value : null;
    }

    private static string Percent(double? value) => value is { } known ? (100 * known).ToString("F1", CultureInfo.InvariantCulture) : "-";

    private static float[,] Chance(ImageSetBatchSource validation)
    {
        var random = new Random(Seed);
        var scores = new float[validation.Count, validation.NumClasses];
        for (var i = 0; i < validation.Count; i++)
        {
            for (var k = 0; k < validation.NumClasses; k++)
            {
                scores[i, k] = random.NextSingle();
            }
        }

        return scores;
    }

    /// <summary>Logistic regression on all 3 x 64 x 64 values, trained as long as the networks.</summary>
    private static float[,] Linear(ImageSetBatchSource train, ImageSetBatchSource validation, int passes)
    {
        using var all = NewDisposeScope();
        random.manual_seed(Seed);
        using var layer = nn.Linear(3 * Side * Side, train.NumClasses);
        using var optimizer = optim.AdamW(layer.parameters(), 1e-4, weight_decay: 1e-1);
        for (var pass = 0; pass < passes; pass++)
        {
            foreach (var batch in train.ReadPass(pass, 16, Side, training: true, 0, default))
            {
                using var owned = batch;
                using var scope = NewDisposeScope();
                optimizer.zero_grad();
                MultiLabelLosses.BinaryCrossEntropy(layer.call(batch.Images.flatten(1)), batch.Targets).mean().backward();
                _ = optimizer.step();
            }
        }

        var scores = new float[validation.Count, validation.NumClasses];
        using var noGradient = no_grad();
        foreach (var batch in validation.ReadPass(0, 64, Side, training: false, 0, default))
        {
            using var owned = batch;
            using var scope = NewDisposeScope();
            var values = layer.call(batch.Images.flatten(1)).sigmoid().data<float>().ToArray();
            for (var i = 0; i < values.Length; i++)
            {
                scores[batch.Indices[i / validation.NumClasses], i % validation.NumClasses] = values[i];
            }
        }

        return scores;
    }

    private static float[,] Transformer(MlTrConfig config, ImageSetBatchSource train, ImageSetBatchSource validation, int passes)
    {
        using var folder = new TemporaryFolder();
        return Trainer.Run(Recipe(config, passes), train, validation, folder.Path, null, _ => { }, default).Best.Scores;
    }

    /// <summary>The recipe of the first sweep, for more passes.</summary>
    internal static TrainerOptions Recipe(MlTrConfig config, int passes) => new()
    {
        Config = config with { FanInInitialization = true, DropPathRate = 0 },
        Passes = passes,
        BatchSize = 16,
        LearningRate = 1e-3,
        WeightDecay = 1e-2,
        GammaNeg = 2,
        Seed = Seed,
        Threads = Environment.ProcessorCount,
        EvaluateEveryPasses = 0,
        CheckpointEveryPasses = 0,
    };
}
