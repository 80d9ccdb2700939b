using TorchSharp;
using static TorchSharp.torch;

namespace MlTr.Model.Inspection;

/// <summary>Where in an image a channel or a class is seen (paper, Appendix A): maps [H, W] with values 0 to 1, all 0 where nothing differs.</summary>
public static class HeatMaps
{
    /// <summary>One channel of a feature map [D, h, w] at the image's size.</summary>
    public static Tensor OfChannel(Tensor featureMap, int channel, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(featureMap);
        using var scope = NewDisposeScope();
        return Enlarge(featureMap.select(0, channel), height, width).MoveToOuterDisposeScope();
    }

    /// <summary>Cosine between every pixel of a feature map [D, h, w] and a class's weights [D], at the image's size; ours, the paper shows channels.</summary>
    public static Tensor OfClass(Tensor featureMap, Tensor classWeights, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(featureMap);
        ArgumentNullException.ThrowIfNull(classWeights);
        using var scope = NewDisposeScope();
        var pixels = nn.functional.normalize(featureMap, p: 2, dim: 0, eps: 1e-12);
        var weights = nn.functional.normalize(classWeights, p: 2, dim: 0, eps: 1e-12).view(-1, 1, 1);
        return Enlarge(pixels.mul(weights).sum([0]), height, width).MoveToOuterDisposeScope();
    }

    /// <summary>The channels that speak most for a class: those with the largest product of feature [D] and class weight [D], best first.</summary>
    public static int[] ChannelsFor(Tensor features, Tensor classWeights, int count)
    {
        ArgumentNullException.ThrowIfNull(features);
        using var scope = NewDisposeScope();
        var (_, channels) = features.mul(classWeights).topk(Math.Min(count, (int)features.shape[0]));
        return [.. channels.cpu().data<long>().ToArray().Select(c => (int)c)];
    }

    private static Tensor Enlarge(Tensor map, int height, int width)
    {
        // Enlarging rounds, and so does a class's cosine: what only differs by that is constant, and must not be stretched to 0 .. 1.
        var range = map.max().sub(map.min()).ToDouble();
        if (range <= 1e-6 * map.abs().max().ToDouble())
        {
            return map.new_zeros(height, width);
        }

        var large = nn.functional.interpolate(
            map.unsqueeze(0).unsqueeze(0), [height, width], mode: InterpolationMode.Bilinear, align_corners: false).view(height, width);
        var (low, high) = (large.min(), large.max());
        return large.sub(low).div(high.sub(low));
    }
}
