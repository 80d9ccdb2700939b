using System.Runtime.InteropServices;
using MlTr.Model;
using MlTr.Model.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MlTr.Bench.Models;

/// <summary>
/// How much of a step of MlTr-n is spent outside libtorch, bounded from two sides. From below: the wrapped calls of a step times what the wrapping of one
/// costs. From above: a whole step, through the trainer, of a network of the same layers with hardly any numbers in it.
/// </summary>
/// <param name="Step">Processor seconds of a step.</param>
/// <param name="Calls">Tensors that a step's forward pass, losses and update make through TorchSharp; the backward pass makes none.</param>
/// <param name="Wrapping">Seconds that one such call takes beyond the native function itself: object, dispose scope, check for errors, and one reading of a shape.</param>
/// <param name="Empty">Seconds of a step with next to nothing to compute: wrapping, the trainer's own work, and libtorch's calls, graph and allocations.</param>
internal sealed partial record Overhead(double Step, long Calls, double Wrapping, double Empty)
{
    private const int BatchSize = 32, Repeats = 100_000, Rounds = 5;

    public static Overhead Measure()
    {
        var config = MlTrConfig.Named("mltr-n", 80);

        // The same stages, windows, shifts and cross-window layers, with 4 pixels to a window, 1 channel to a head, and one picture.
        var empty = config with { ImageHeight = 32, ImageWidth = 32, WindowSize = 2, EmbedDim = 8 };
        return new Overhead(Trained(config, BatchSize, steps: 12), CountCalls(config), Wrap(), Trained(empty, 1, steps: 60));
    }

    /// <summary>Processor seconds of the trainer's steps: their median, without the first ones.</summary>
    private static double Trained(MlTrConfig config, int batchSize, int steps)
    {
        List<double> laps = [];
        var watch = new ProcessorTime();
        Speed.Train(config, batchSize, Precision.Fp32, threads: 1, steps, _ => laps.Add(watch.Lap()));
        return Speed.Median(laps.Skip(steps / 4));
    }

    private static long CountCalls(MlTrConfig config)
    {
        var statistics = DisposeScopeManager.Statistics;
        long Made() => statistics.CreatedInScopeCount + statistics.CreatedOutsideScopeCount;
        using var step = new TrainingStep(config, BatchSize, Precision.Fp32);
        _ = step.Run(0);
        var before = Made();
        _ = step.Run(1);
        return Made() - before;
    }

    private static double Wrap()
    {
        using var tensor = zeros(2, 3, 4);
        var wrapped = Fastest(() =>
        {
            using var scope = NewDisposeScope();
            for (var i = 0; i < Repeats; i++)
            {
                using var made = tensor.alias();
                _ = made.shape;
            }
        });
        var native = Fastest(() =>
        {
            for (var i = 0; i < Repeats; i++)
            {
                Release(Alias(tensor.Handle));
            }
        });
        return (wrapped - native) / Repeats;
    }

    private static double Fastest(Action work) => Enumerable.Range(0, Rounds).Min(_ =>
    {
        var watch = new ProcessorTime();
        work();
        return watch.Lap();
    });

    [LibraryImport("LibTorchSharp", EntryPoint = "THSTensor_alias")]
    private static partial IntPtr Alias(IntPtr tensor);

    [LibraryImport("LibTorchSharp", EntryPoint = "THSTensor_dispose")]
    private static partial void Release(IntPtr tensor);
}
