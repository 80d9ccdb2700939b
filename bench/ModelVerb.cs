using System.Globalization;
using MlTr.Bench.Models;
using MlTr.Model;
using MlTr.Model.Native;
using MlTr.Model.Training;
using static System.FormattableString;

namespace MlTr.Bench;

/// <summary><c>model</c>: the network's size and cost beside the paper's, and how fast this machine trains, decodes and measures.</summary>
internal static class ModelVerb
{
    // Tables 1 and 2: parameters in millions, and mAP on MS-COCO with ImageNet-22k (s also with 1k) pretraining.
    private static readonly (string Name, string Parameters, string Map)[] Paper =
    [
        ("mltr-n", "-", "-"), ("mltr-t", "-", "-"), ("mltr-s", "33", "81.9 / 83.9"), ("mltr-m", "62", "86.8"), ("mltr-l", "108", "88.5"),
    ];

    private static readonly (string Name, int BatchSize)[] Trained = [("mltr-n", 32), ("mltr-t", 16), ("mltr-s", 4)];

    public static int Run()
    {
        try
        {
            NativeTorch.EnsureLoaded();
        }
        catch (NativeTorchException error)
        {
            Console.Error.WriteLine(error.Message);
            return 1;
        }

        var threads = Environment.ProcessorCount;
        TorchSharp.torch.set_num_threads(threads);
        Sizes();
        Others();
        Waiting(threads);
        Training(threads);
        return ProfileVerb.Run(null);
    }

    private static void Sizes()
    {
        Console.WriteLine("Size and cost of one image, 80 classes. Multiply-accumulates by Eqs. 5 to 9, attention parameters by Eqs. 8 and 10; 1 MAC = 2 FLOP.");
        Line("variant", "input", "parameters", "paper, M", "mAP, paper", "GMAC", "GFLOP", "pixel", "cross", "MLP", "rest", "par. pixel", "par. cross");
        foreach (var (name, parameters, map) in Paper)
        {
            var config = MlTrConfig.Named(name, 80);
            var cost = MlTrCost.Of(config);
            using var network = new MlTrClassifier(config);
            var weights = network.NamedWeights();
            long Count(string layer) => weights
                .Where(weight => weight.Name.Contains(".attn.", StringComparison.Ordinal) && weight.Name.Contains($".{layer}.", StringComparison.Ordinal))
                .Sum(weight => weight.Value.numel());
            Line(
                name, config.ImageHeight, network.ParameterCount, parameters, map, Giga(cost.Total), Giga(2 * cost.Total), Giga(cost.Pixel), Giga(cost.Cross), Giga(cost.Mlp),
                Giga(cost.Embed + cost.Downsample + cost.Head), Count("pixel") + Count("shifted"), Count("cross"));
        }
    }

    private static void Training(int threads)
    {
        Console.WriteLine();
        Console.WriteLine(Invariant($"Training with {threads} threads: median over steps; share of the rate of a 2048 x 2048 matrix product measured just before, in the same precision."));
        Line("variant", "batch", "precision", "images/s", "GFLOP/s", "peak", "share, %", "to fp32");
        foreach (var (name, batchSize) in Trained)
        {
            var single = 0.0;
            foreach (var precision in Enum.GetValues<Precision>())
            {
                if (precision != Precision.Fp32 && !Speed.HasFast(precision))
                {
                    Line(name, batchSize, precision.ToString().ToLowerInvariant(), "emulated: not measured");
                    continue;
                }

                var config = MlTrConfig.Named(name, 80);
                var peak = Speed.MatrixProduct(precision);
                var rate = Speed.Training(config, batchSize, precision, threads);
                single = precision == Precision.Fp32 ? rate : single;
                var flops = rate * 6 * MlTrCost.Of(config).Total; // forward once, backward twice as much
                Line(name, batchSize, precision.ToString().ToLowerInvariant(), $"{rate:F1}", Giga(flops), Giga(peak), $"{100 * flops / peak:F0}", $"{rate / single:F2}");
            }
        }
    }

    private static void Waiting(int threads)
    {
        var (first, later) = Speed.DataWait(threads);
        Console.WriteLine(Invariant($"Share of step time spent waiting for data, MlTr-n on marks-mini with cutout and RandAugment: {first:P1} in the first pass (decoding), {later:P1} later."));
    }

    private static void Others()
    {
        Console.WriteLine();
        Console.WriteLine(Invariant($"Decoding JPEG 640 x 480 to 224 x 224 on one core: {Speed.Decoding(224):F0} images/s; to 448 x 448: {Speed.Decoding(448):F0} images/s."));
        Console.WriteLine(Invariant($"All metrics of 40,000 x 80 scores on one core: {Speed.Metrics(40_000, 80).TotalMilliseconds:F0} ms."));
    }

    private static void Line(params object[] cells)
    {
        var widths = new[] { 8, 6, 11, 11, 12, 9, 9, 9, 9, 9, 9, 11, 11 };
        Console.WriteLine(string.Join(' ', cells.Select((cell, i) => Convert.ToString(cell, CultureInfo.InvariantCulture)!.PadLeft(widths[i]))));
    }

    private static string Giga(double value) => (value / 1e9).ToString("F3", CultureInfo.InvariantCulture);
}
