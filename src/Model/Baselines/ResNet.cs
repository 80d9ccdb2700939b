using System.Collections.Immutable;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlTr.Model.Baselines;

/// <summary>
/// ResNet with bottlenecks (He et al., 2016) as a baseline: images [B, 3, H, W], normalised, to logits [B, K]. The stride lies in the 3 x 3 convolution and
/// the weights have torchvision's names, so that its weights fit.
/// </summary>
public sealed class ResNet : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Sequential layer1, layer2, layer3, layer4;
    private readonly Linear? fc;
    private readonly bool maxPool;

    /// <summary>Builds it with fresh weights (He et al., 2015).</summary>
    /// <param name="classes">K; 0 leaves the head out, and what comes out are pooled features [B, 32 width].</param>
    /// <param name="depths">Bottlenecks of the four layers; ResNet-101's 3, 4, 23, 3 if default.</param>
    /// <param name="width">Channels of the first layer's inner convolutions; 64 in the published ones.</param>
    /// <param name="maxPool">Whether the last map is pooled by its maximum (ML-GCN) instead of its mean.</param>
    public ResNet(int classes, ImmutableArray<int> depths = default, int width = 64, bool maxPool = false)
        : base(nameof(ResNet))
    {
        ImmutableArray<int> blocks = depths.IsDefault ? [3, 4, 23, 3] : depths;
        if (classes < 0 || width < 1 || blocks.Length != 4 || blocks.Any(count => count < 1))
        {
            throw new ArgumentException("A ResNet needs no negative classes, a width of at least 1 and four layers of at least one bottleneck.");
        }

        this.maxPool = maxPool;
        Channels = width * 32;
        conv1 = nn.Conv2d(3, width, 7, stride: 2, padding: 3, bias: false);
        bn1 = nn.BatchNorm2d(width);
        layer1 = Layer(width, width, blocks[0], stride: 1);
        layer2 = Layer(width * 4, width * 2, blocks[1], stride: 2);
        layer3 = Layer(width * 8, width * 4, blocks[2], stride: 2);
        layer4 = Layer(width * 16, width * 8, blocks[3], stride: 2);
        fc = classes > 0 ? nn.Linear(Channels, classes) : null;
        RegisterComponents();
        Initialise();
    }

    /// <summary>Channels of the last map.</summary>
    public int Channels { get; }

    /// <summary>The last map before it is pooled: [B, channels, H / 32, W / 32], rounded up.</summary>
    public Tensor FeatureMap(Tensor images_B3HW)
    {
        using var scope = NewDisposeScope();
        var stem = nn.functional.max_pool2d(bn1.call(conv1.call(images_B3HW)).relu(), 3, stride: 2, padding: 1);
        return layer4.call(layer3.call(layer2.call(layer1.call(stem)))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var map = FeatureMap(input);
        var pooled = maxPool ? map.amax([2, 3]) : map.mean([2, 3]);
        return (fc is null ? pooled : fc.call(pooled)).MoveToOuterDisposeScope();
    }

    private static Sequential Layer(int from, int width, int count, int stride) => nn.Sequential(
        Enumerable.Range(0, count).Select(i => (
            $"{i}",
            (nn.Module<Tensor, Tensor>)new Bottleneck(i == 0 ? from : width * Bottleneck.Expansion, width, i == 0 ? stride : 1))).ToArray());

    private void Initialise()
    {
        using var noGradient = no_grad();
        foreach (var (_, weight) in named_parameters().Where(p => p.parameter.dim() == 4))
        {
            // Fan out: the deviation that keeps the gradient's size through convolution and ReLU.
            var fanOut = weight.shape[0] * weight.shape[2] * weight.shape[3];
            _ = nn.init.normal_(weight, 0, Math.Sqrt(2.0 / fanOut));
        }
    }
}

/// <summary>1 x 1 down, 3 x 3, 1 x 1 up, added to the input or its projection.</summary>
internal sealed class Bottleneck : nn.Module<Tensor, Tensor>
{
    public const int Expansion = 4;

    private readonly Conv2d conv1, conv2, conv3;
    private readonly BatchNorm2d bn1, bn2, bn3;
    private readonly Sequential? downsample;

    public Bottleneck(int from, int width, int stride)
        : base(nameof(Bottleneck))
    {
        var to = width * Expansion;
        conv1 = nn.Conv2d(from, width, 1, bias: false);
        bn1 = nn.BatchNorm2d(width);
        conv2 = nn.Conv2d(width, width, 3, stride: stride, padding: 1, bias: false);
        bn2 = nn.BatchNorm2d(width);
        conv3 = nn.Conv2d(width, to, 1, bias: false);
        bn3 = nn.BatchNorm2d(to);
        downsample = stride == 1 && from == to
            ? null
            : nn.Sequential(("0", nn.Conv2d(from, to, 1, stride: stride, bias: false)), ("1", (nn.Module<Tensor, Tensor>)nn.BatchNorm2d(to)));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var inner = bn1.call(conv1.call(x)).relu();
        inner = bn2.call(conv2.call(inner)).relu();
        inner = bn3.call(conv3.call(inner));
        return inner.add(downsample is null ? x : downsample.call(x)).relu().MoveToOuterDisposeScope();
    }
}
