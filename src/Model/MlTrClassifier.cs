using MlTr.Model.Layers;
using MlTr.Model.Native;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MlTr.Model;

/// <summary>What the network says about a batch of B images.</summary>
/// <param name="Logits">[B, K]; the sigmoid of a logit is the class's score.</param>
/// <param name="CountLogits">[B, K + 1]: how many classes are present, before the softmax; null without the object token.</param>
/// <param name="Features">[B, D]: the mean of the feature map.</param>
/// <param name="FeatureMap">[B, D, h, w]: the normed pixels of the last stage.</param>
public sealed record MlTrOutput(Tensor Logits, Tensor? CountLogits, Tensor Features, Tensor FeatureMap) : IDisposable
{
    /// <summary>Releases the four tensors.</summary>
    public void Dispose()
    {
        Logits.Dispose();
        CountLogits?.Dispose();
        Features.Dispose();
        FeatureMap.Dispose();
    }
}

/// <summary>
/// The MlTr network (paper, section 3): patches, four stages of pixel, cross-window and shifted-window attention with space-to-depth between
/// them, an object-aware token in the last, and two heads. Takes images [B, 3, H, W], float32 and normalised, H and W at least 1.
/// </summary>
public sealed class MlTrClassifier : nn.Module<Tensor, MlTrOutput>
{
    private readonly PatchEmbed patch_embed;
    private readonly ModuleList<Stage> stages;
    private readonly Parameter? object_token;
    private readonly LayerNorm norm;
    private readonly nn.Module<Tensor, Tensor> head;
    private readonly Linear? count_head;

    /// <summary>Builds the network on the CPU with fresh weights drawn from torch's generator; throws <see cref="ArgumentException"/> for an invalid configuration.</summary>
    public MlTrClassifier(MlTrConfig config)
        : base(nameof(MlTrClassifier))
    {
        ArgumentNullException.ThrowIfNull(config);
        Config = config;
        var plan = config.Plan();
        var rates = DropRates(config);
        patch_embed = new PatchEmbed(config.PatchSize, config.EmbedDim, config.LayerNormEps);
        stages = nn.ModuleList(plan.Select(stage => new Stage(config, stage, rates[stage.Index])).ToArray());
        norm = nn.LayerNorm(config.FeatureDim, config.LayerNormEps);
        head = config.ArcSigmoid
            ? new CosineHead(config.FeatureDim, config.NumClasses, config.ArcScale)
            : nn.Linear(config.FeatureDim, config.NumClasses);
        if (config.ObjectToken)
        {
            object_token = nn.Parameter(zeros(1, 1, config.FeatureDim));
            count_head = nn.Linear(config.FeatureDim, config.NumClasses + 1);
        }

        RegisterComponents();
        Initialise();
    }

    /// <summary>What the network was built from.</summary>
    public MlTrConfig Config { get; }

    /// <summary>Number of trained values.</summary>
    public long ParameterCount => parameters().Sum(p => p.numel());

    /// <summary>Sees every intermediate result by name; for tests.</summary>
    internal Action<string, Tensor>? Observer { get; set; }

    /// <summary>Classifies normalised images [B, 3, H, W].</summary>
    public override MlTrOutput forward(Tensor images_B3HW)
    {
        ArgumentNullException.ThrowIfNull(images_B3HW);
        using var scope = NewDisposeScope();
        var (h, w) = (patch_embed.PatchesOver(images_B3HW.shape[2]), patch_embed.PatchesOver(images_B3HW.shape[3]));
        var x = patch_embed.call(images_B3HW);
        Observer?.Invoke("patch_embed", x);
        for (var i = 0; i < 4; i++)
        {
            if (i == 3 && object_token is not null)
            {
                x = cat([object_token.expand(x.shape[0], 1, x.shape[2]), x], 1);
            }

            x = stages[i].call(x, h, w);
            Observer?.Invoke($"stage{i}", x);
            if (i < 3)
            {
                x = stages[i].Downsample(x, h, w);
                (h, w) = ((h + 1) / 2, (w + 1) / 2);
                Observer?.Invoke($"downsample{i}", x);
            }
        }

        // The heads stay in single precision: a cosine times 8 loses too much in half.
        using var single = Autocast.Suspend(x.device);
        var tokens = norm.call(x.to(ScalarType.Float32));
        var pixels_BLD = object_token is null ? tokens : tokens.narrow(1, 1, h * w);
        var features = pixels_BLD.mean([1]);
        var map = pixels_BLD.transpose(1, 2).reshape(x.shape[0], x.shape[2], h, w);
        var count = count_head?.call(tokens.select(1, 0));
        return new MlTrOutput(
            head.call(features).MoveToOuterDisposeScope(),
            count?.MoveToOuterDisposeScope(),
            features.MoveToOuterDisposeScope(),
            map.MoveToOuterDisposeScope());
    }

    /// <summary>The weights by their checkpoint names; they belong to the network.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> NamedWeights() => [.. named_parameters().Select(p => (p.name, (Tensor)p.parameter))];

    // Evenly spaced over the blocks of the network, so that deep blocks are dropped more often.
    private static double[][] DropRates(MlTrConfig config)
    {
        var last = config.Depths.Sum() - 1;
        var block = 0;
        return [.. config.Depths.Select(depth => Enumerable.Range(0, depth).Select(_ => last == 0 ? 0 : config.DropPathRate * block++ / last).ToArray())];
    }

    private void Initialise()
    {
        using var noGradient = no_grad();
        foreach (var (name, weight) in named_parameters())
        {
            if (name.StartsWith("patch_embed.proj.", StringComparison.Ordinal))
            {
                var bound = 1 / Math.Sqrt(3.0 * Config.PatchSize * Config.PatchSize);
                _ = nn.init.uniform_(weight, -bound, bound);
            }
            else if (name.Contains("norm", StringComparison.Ordinal))
            {
                _ = nn.init.constant_(weight, name.EndsWith(".weight", StringComparison.Ordinal) ? 1 : 0);
            }
            else if (name.EndsWith(".bias", StringComparison.Ordinal))
            {
                _ = nn.init.zeros_(weight);
            }
            else
            {
                _ = nn.init.normal_(weight, 0, 0.02);
            }
        }
    }
}

/// <summary>Blocks on one map size, and the way to the next.</summary>
internal sealed class Stage : nn.Module<Tensor, long, long, Tensor>
{
    private readonly ModuleList<Block> blocks;
    private readonly SpaceToDepth? downsample;

    public Stage(MlTrConfig config, StagePlan plan, double[] dropRates)
        : base(nameof(Stage))
    {
        blocks = nn.ModuleList(dropRates.Select(rate => new Block(config, plan, rate)).ToArray());
        downsample = plan.Index < 3 ? new SpaceToDepth(plan.Channels, config.LayerNormEps) : null;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, long h, long w)
    {
        using var scope = NewDisposeScope();
        foreach (var block in blocks)
        {
            x = block.call(x, h, w);
        }

        return x.MoveToOuterDisposeScope();
    }

    public Tensor Downsample(Tensor x, long h, long w) => downsample!.call(x, h, w);
}

/// <summary>Attention inside windows, between windows, and inside shifted windows, each with its MLP.</summary>
internal sealed class Block : nn.Module<Tensor, long, long, Tensor>
{
    private readonly TransformerLayer pixel, shifted;
    private readonly TransformerLayer? cross;
    private readonly bool crossLast;

    public Block(MlTrConfig config, StagePlan plan, double dropRate)
        : base(nameof(Block))
    {
        var hasToken = plan.Index == 3 && config.ObjectToken;
        crossLast = config.CrossWindowPosition == CrossWindowPosition.Last;
        pixel = Layer(Pixel(0));
        cross = plan.Cross ? Layer(new CrossWindowAttention(plan.Window), skipped: hasToken ? 1 : 0) : null;
        shifted = Layer(Pixel(plan.Shift));
        RegisterComponents();

        PixelAttention Pixel(int shift) => new(plan.Channels, plan.Heads, plan.Window, shift, config.RelativePositionBias, hasToken);

        TransformerLayer Layer(nn.Module<Tensor, long, long, Tensor> attention, int skipped = 0) =>
            new(attention, plan.Channels, config.MlpRatio, config.LayerNormEps, dropRate, skipped);
    }

    public override Tensor forward(Tensor x, long h, long w)
    {
        using var scope = NewDisposeScope();
        x = pixel.call(x, h, w);
        x = crossLast || cross is null ? x : cross.call(x, h, w);
        x = shifted.call(x, h, w);
        x = crossLast && cross is not null ? cross.call(x, h, w) : x;
        return x.MoveToOuterDisposeScope();
    }
}
