using System.Diagnostics;
using MlTr.Model;
using MlTr.Model.Data;
using MlTr.Model.Data.Loading;
using MlTr.Model.Data.Marks;
using MlTr.Model.Metrics;
using MlTr.Model.Training;
using SkiaSharp;
using static TorchSharp.torch;

namespace MlTr.Bench.Models;

/// <summary>Measured speeds of this machine.</summary>
internal static class Speed
{
    private const int WarmUp = 3, Measured = 7;

    /// <summary>FLOP per second of square matrix products, the best of several.</summary>
    public static double MatrixProduct(Precision precision, int side = 2048)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var type = precision == Precision.Bf16 ? ScalarType.BFloat16 : ScalarType.Float32;
        var (a, b) = (randn(side, side).to(type), randn(side, side).to(type));
        var best = Enumerable.Range(0, WarmUp + Measured).Select(_ => Time(() => matmul(a, b).Dispose())).Min();
        return 2.0 * side * side * side / best.TotalSeconds;
    }

    /// <summary>Whether the processor multiplies in this precision faster than in single; without instructions of its own it is emulated, ten and more times slower.</summary>
    public static bool HasFast(Precision precision) => MatrixProduct(precision, 512) > MatrixProduct(Precision.Fp32, 512);

    /// <summary>Images per second of training steps: forward, loss, backward, optimizer and average.</summary>
    public static double Training(MlTrConfig config, int batchSize, Precision precision, int threads)
    {
        List<double> rates = [];
        Train(config, batchSize, precision, threads, WarmUp + Measured, rates.Add);
        return Median(rates.Skip(WarmUp));
    }

    /// <summary>Makes training steps on one random batch, and tells the images per second of each as it ends.</summary>
    public static void Train(MlTrConfig config, int batchSize, Precision precision, int threads, int steps, Action<double> onStep)
    {
        using var source = new RandomSource(config, batchSize, steps);
        using var first = new RandomSource(config, batchSize, batches: 1);
        var options = new TrainerOptions
        {
            Config = config,
            Passes = 1,
            BatchSize = batchSize,
            EvaluationBatchSize = batchSize,
            Precision = precision,
            Threads = threads,
            LogEverySteps = 1,
            CheckpointEveryPasses = 0,
        };
        Points(options, source, first, "train/images_per_second", onStep);
    }

    /// <summary>Shares of the time of steps spent waiting for data, in the first pass and in later ones.</summary>
    public static (double First, double Later) DataWait(int threads)
    {
        using var folder = new TemporaryFolder();
        MarksDataset.Ensure(MarksPreset.Mini, folder.Path);
        using var train = new ImageSetBatchSource(DatasetFolder.Open(folder.Path, "coco", "train"), new BatchSourceOptions { LoaderThreads = threads });
        using var validation = new ImageSetBatchSource(DatasetFolder.Open(folder.Path, "coco", "validation"));
        var options = new TrainerOptions
        {
            Config = MlTrConfig.Nano(train.NumClasses),
            Passes = 4,
            BatchSize = 32,
            Threads = threads,
            LogEverySteps = 1,
            EvaluateEveryPasses = 0,
            CheckpointEveryPasses = 0,
        };
        List<double> shares = [];
        Points(options, train, validation, "train/data_wait_share", shares.Add);
        var pass = train.StepsPerPass(32, dropLast: true);
        return (shares.Take(pass).Average(), shares.Skip(pass).Average());
    }

    /// <summary>Images per second decoded from JPEG and squashed to a square, on one core.</summary>
    public static double Decoding(int side)
    {
        var jpeg = Photograph(640, 480);
        var target = new byte[side * side * 3];
        ImageDecoder.DecodeSquare(jpeg, side, target);
        var watch = Stopwatch.StartNew();
        var count = 0;
        for (; watch.Elapsed.TotalSeconds < 2; count++)
        {
            ImageDecoder.DecodeSquare(jpeg, side, target);
        }

        return count / watch.Elapsed.TotalSeconds;
    }

    /// <summary>Time of all figures over a set of random scores, the best of three.</summary>
    public static TimeSpan Metrics(int images, int classes)
    {
        var draw = new Random(1);
        var metrics = new MultiLabelMetrics(classes);
        var (scores, labels) = (new double[classes], new sbyte[classes]);
        for (var i = 0; i < images; i++)
        {
            for (var k = 0; k < classes; k++)
            {
                (scores[k], labels[k]) = (draw.NextDouble(), (sbyte)(draw.Next(27) == 0 ? 1 : 0));
            }

            metrics.Append(scores, labels);
        }

        return Enumerable.Range(0, 3).Select(_ => Time(() => metrics.Evaluate())).Min();
    }

    private static void Points(TrainerOptions options, IBatchSource train, IBatchSource validation, string name, Action<double> onPoint)
    {
        using var folder = new TemporaryFolder();
        Trainer.Run(options, train, validation, folder.Path, null, Note, CancellationToken.None);

        void Note(TrainerReport report)
        {
            if (report is TrainerReport.Point point && point.Name == name)
            {
                onPoint(point.Value);
            }
        }
    }

    /// <summary>A JPEG with the detail of a photograph: soft shapes under noise.</summary>
    private static byte[] Photograph(int width, int height)
    {
        var draw = new Random(1);
        using var bitmap = new SKBitmap(width, height);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                byte Level(double period) => (byte)(128 + (90 * Math.Sin(x / period) * Math.Cos(y / period)) + draw.Next(-12, 12));
                bitmap.SetPixel(x, y, new SKColor(Level(23), Level(41), Level(67)));
            }
        }

        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        return data.ToArray();
    }

    private static TimeSpan Time(Action work)
    {
        var watch = Stopwatch.StartNew();
        work();
        return watch.Elapsed;
    }

    /// <summary>The middle one of several values.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
