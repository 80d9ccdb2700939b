using MlTr.Bench.Models;
using MlTr.Model;
using MlTr.Model.Native;
using MlTr.Model.Training;
using static System.FormattableString;

namespace MlTr.Bench;

/// <summary><c>profile</c>: where the time of a training step goes, by kind of layer, and how much of it is not libtorch's.</summary>
internal static class ProfileVerb
{
    private static readonly (string Name, int BatchSize)[] Profiled = [("mltr-n", 32), ("mltr-s", 4)];

    /// <param name="variant">Which variant; null for MlTr-n and MlTr-s.</param>
    public static int Run(string? variant)
    {
        NativeTorch.EnsureLoaded();
        TorchSharp.torch.set_num_threads(1);
        var half = Speed.HasFast(Precision.Bf16);
        foreach (var (name, batchSize) in Profiled.Where(one => variant is null || variant == one.Name))
        {
            Print(name, batchSize, Precision.Fp32);
            if (half)
            {
                Print(name, batchSize, Precision.Bf16);
            }
        }

        if (!half)
        {
            Console.WriteLine("bf16 is not profiled: this processor has no instructions for it.");
        }

        if (variant is null or "mltr-n")
        {
            Print(Overhead.Measure());
        }

        return 0;
    }

    private static void Print(Overhead overhead)
    {
        var wrapping = overhead.Calls * overhead.Wrapping;
        Console.WriteLine();
        Console.WriteLine(Invariant($"Outside libtorch's kernels, of a step of mltr-n, batch 32, of {1000 * overhead.Step:F1} ms:"));
        Console.WriteLine(Invariant($"  {100 * wrapping / overhead.Step:F2} %: {overhead.Calls} wrapped calls of {1e6 * overhead.Wrapping:F2} us each beyond the native call"));
        Console.WriteLine(Invariant($"  at most {100 * overhead.Empty / overhead.Step:F1} %: {1000 * overhead.Empty:F2} ms, a whole step of the trainer with one picture, 4 pixels to a window and 8 channels (libtorch's own dispatch, graph and threads are in it)"));
    }

    private static void Print(string name, int batchSize, Precision precision)
    {
        var config = MlTrConfig.Named(name, 80);
        var step = StepCost.Measure(config, batchSize, precision);
        var layers = new LayerProfile(config, batchSize, precision).Measure();
        Console.WriteLine();
        Console.WriteLine(Invariant($"A step of {name}, batch {batchSize}, {precision.ToString().ToLowerInvariant()}, one thread: {1000 * step.Total:F1} ms of processor time. Parts of a layer are counted in it."));
        Row("", "layers", "forward ms", "backward ms", "share, %");
        foreach (var cost in layers)
        {
            Row(cost.Kind.Part is { } part ? $"  its {part}" : cost.Kind.Layer, cost.Count, cost.Forward, cost.Backward, step.Total);
        }

        var whole = layers.Where(cost => cost.Kind.Part is null).ToList();
        Row("residual sums, reshaping, the rest", "", step.Forward - whole.Sum(cost => cost.Forward), step.Backward - whole.Sum(cost => cost.Backward), step.Total);
        Row("losses", "", step.Loss, 0, step.Total);
        Row("norm of the gradients", "", step.Norm, 0, step.Total);
        Row("optimiser step", "", step.Optimizer, 0, step.Total);
        Row("average of the weights", "", step.Average, 0, step.Total);
        Row("forward and backward pass as a whole", "", step.Forward, step.Backward, step.Total);
    }

    private static void Row(string what, object count, double forward, double backward, double total) =>
        Row(what, count, Invariant($"{1000 * forward:F2}"), Invariant($"{1000 * backward:F2}"), Invariant($"{100 * (forward + backward) / total:F1}"));

    private static void Row(string what, object count, string forward, string backward, string share) =>
        Console.WriteLine($"{what,-38} {count,6} {forward,11} {backward,12} {share,9}");
}
