using MlTr.Model;
using MlTr.Model.Layers;
using MlTr.Model.Native;
using MlTr.Model.Training;
using static TorchSharp.torch;
using LayerWindows = MlTr.Model.Layers.Windows; // a package brings a namespace of the short name

namespace MlTr.Bench.Models;

/// <summary>A kind of layer, or the named part of its layers.</summary>
internal sealed record LayerKind(string Layer, string? Part = null);

/// <summary>Processor seconds that all layers of a kind take in one training step.</summary>
internal sealed record LayerCost(LayerKind Kind, int Count, double Forward, double Backward);

/// <summary>
/// Where the time of a training step goes, layer by layer. libtorch's profiler is out of reach from .NET, so hooks keep what every layer is given in
/// a real forward pass, and each layer is then run alone on that, forward and backward.
/// </summary>
internal sealed class LayerProfile(MlTrConfig config, int batchSize, Precision precision)
{
    private const string Pixel = "pixel attention", Cross = "cross-window attention", Mlp = "MLP", Linear = "linear layers", Partition = "window partition";
    private const int WarmUp = 1, Measured = 5;

    private static readonly LayerKind[] Order =
    [
        new("patch embedding"), new("patch merging"), new("layer norms"), new(Pixel), new(Pixel, Linear), new(Pixel, Partition), new(Cross), new(Cross, Linear), new(Mlp), new(Mlp, Linear), new("heads"),
    ];

    private readonly List<Layer> layers = [];
    private readonly List<Action> unhook = [];

    /// <summary>The median of several runs of each layer, added up by kind.</summary>
    public IReadOnlyList<LayerCost> Measure()
    {
        using var scope = NewDisposeScope();
        using var network = new MlTrClassifier(config);
        foreach (var (name, module) in network.named_modules())
        {
            if (KindOf(name) is { } kind)
            {
                Watch(kind, name, module);
            }
        }

        using (Autocast.Of(precision, CPU))
        {
            _ = network.call(randn(batchSize, 3, config.ImageHeight, config.ImageWidth));
        }

        unhook.ForEach(remove => remove());
        return [.. layers.GroupBy(layer => layer.Kind).OrderBy(kind => Array.IndexOf(Order, kind.Key)).Select(kind => Cost(network, kind))];
    }

    private static LayerKind? KindOf(string name) => name.Split('.') switch
    {
        ["patch_embed"] => new("patch embedding"),
        [.., "downsample"] => new("patch merging"),
        ["norm"] or [.., "norm1" or "norm2"] => new("layer norms"),
        [.., "pixel" or "shifted", "attn"] => new(Pixel),
        [.., "pixel" or "shifted", "attn", "qkv" or "proj"] => new(Pixel, Linear),
        [.., "cross", "attn"] => new(Cross),
        [.., "cross", "attn", "qkv" or "proj"] => new(Cross, Linear),
        [.., "mlp"] => new(Mlp),
        [.., "mlp", "fc1" or "fc2"] => new(Mlp, Linear),
        ["head"] or ["count_head"] => new("heads"),
        _ => null,
    };

    private void Watch(LayerKind kind, string name, nn.Module module)
    {
        switch (module)
        {
            case nn.Module<Tensor, Tensor> layer:
                unhook.Add(layer.register_forward_hook((_, x, result) => Keep(kind, x, layer.call, result)).remove);
                break;
            case nn.Module<Tensor, long, long, Tensor> layer:
                unhook.Add(layer.register_forward_hook((_, x, h, w, result) =>
                {
                    if (layer is PixelAttention)
                    {
                        var plan = config.Plan()[int.Parse(name.Split('.')[1], System.Globalization.CultureInfo.InvariantCulture)];
                        var shift = name.Contains("shifted", StringComparison.Ordinal) ? plan.Shift : 0;
                        Keep(new(Pixel, Partition), x.narrow(1, x.shape[1] - (h * w), h * w), pixels => ThereAndBack(pixels, h, w, plan.Window, shift), result);
                    }

                    return Keep(kind, x, input => layer.call(input, h, w), result);
                }).remove);
                break;
        }
    }

    private Tensor Keep(LayerKind kind, Tensor input, Func<Tensor, Tensor> run, Tensor result)
    {
        layers.Add(new Layer(kind, run, input.detach().clone().DetachFromDisposeScope()));
        return result;
    }

    /// <summary>What pixel attention does besides attending: pad, shift and cut into windows, and all that undone.</summary>
    private static Tensor ThereAndBack(Tensor x_BLD, long h, long w, int window, int shift)
    {
        var (b, d) = (x_BLD.shape[0], x_BLD.shape[2]);
        var map = LayerWindows.Pad(x_BLD.reshape(b, h, w, d), window);
        var cut = LayerWindows.Cut(shift == 0 ? map : map.roll([-shift, -shift], [1, 2]), window);
        var joined = LayerWindows.Join(cut, window, map.shape[1], map.shape[2]);
        return LayerWindows.Crop(shift == 0 ? joined : joined.roll([shift, shift], [1, 2]), h, w).reshape(b, h * w, d);
    }

    private LayerCost Cost(MlTrClassifier network, IGrouping<LayerKind, Layer> kind)
    {
        var (forward, backward) = (0.0, 0.0);
        foreach (var layer in kind)
        {
            var runs = Enumerable.Range(0, WarmUp + Measured).Select(_ => Time(network, layer)).Skip(WarmUp).ToList();
            forward += Speed.Median(runs.Select(run => run.Forward));
            backward += Speed.Median(runs.Select(run => run.Backward));
            layer.Input.Dispose();
        }

        return new LayerCost(kind.Key, kind.Count(), forward, backward);
    }

    private (double Forward, double Backward) Time(MlTrClassifier network, Layer layer)
    {
        network.zero_grad(); // as in a step: the first gradient is taken over, not added
        using var scope = NewDisposeScope();
        var input = layer.Input.detach().requires_grad_();
        Tensor output;
        var watch = new ProcessorTime();
        using (Autocast.Of(precision, CPU))
        {
            output = layer.Run(input);
        }

        var forward = watch.Lap();
        var gradient = ones_like(output);
        _ = watch.Lap();
        output.backward([gradient]);
        return (forward, watch.Lap());
    }

    private sealed record Layer(LayerKind Kind, Func<Tensor, Tensor> Run, Tensor Input);
}
