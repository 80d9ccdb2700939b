using MlTr.Model.Checkpoints;
using MlTr.Model.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace MlTr.Model.Tests.Layers;

public sealed class LayerTests
{
    private const int B = 2, Side = 8, D = 8;

    public static TheoryData<string> Names => ["patch", "depth", "pixel", "shifted", "token", "cross", "mlp", "drop", "head", "layer", "network"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Forward_AnyLayer_LeavesNoTensorBehind(string name)
    {
        using var scope = NewDisposeScope();
        var (layer, forward) = Make(name);
        using var owned = layer;
        forward().Dispose(); // tables are computed once and kept
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        using (var output = forward())
        {
            Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData(32, 32)]
    [InlineData(1, 1)]
    [InlineData(33, 65)]
    [InlineData(128, 64)]
    public void Forward_AnyImageSize_GivesTheSameShapes(int height, int width)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = Golden.Network();

        var output = network.call(randn(1, 3, height, width));

        Assert.Equal([1, 5], output.Logits.shape);
        Assert.Equal([1, 6], output.CountLogits!.shape);
        Assert.Equal([1, 64], output.Features.shape);
        Assert.True(output.Logits.isfinite().all().item<bool>());
        Assert.True(output.Logits.abs().max().ToSingle() <= 8.001f);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Stage0_OneWindowChanged_MovesWhatTheSwitchesConnect(bool shift, bool crossWindow)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = new MlTrClassifier(Golden.Config() with { Shift = shift, CrossWindow = crossWindow });
        network.LoadWeights(Golden.Weights);
        network.eval();
        Tensor? stage0 = null;
        network.Observer = (key, value) => stage0 = key == "stage0" ? value.clone().DetachFromDisposeScope() : stage0;
        var images = Golden.Io["images"].clone();

        network.call(images);
        using var before = stage0!;
        images[TensorIndex.Ellipsis, TensorIndex.Slice(24, 32), TensorIndex.Slice(24, 32)] = 0;
        network.call(images);
        using var after = stage0!;

        var moved = after.sub(before).abs().amax([0, 2]).gt(1e-6).sum().item<long>();
        var expected = (shift, crossWindow) switch
        {
            (false, false) => (16, 16),
            (true, false) => (17, 64),
            _ => (900, 1024),
        };
        Assert.InRange(moved, expected.Item1, expected.Item2);
    }

    [Fact]
    public void Forward_DropPath_DropsWholeImagesAndKeepsTheMean()
    {
        using var scope = NewDisposeScope();
        _ = manual_seed(3);
        using var drop = new DropPath(0.25);

        var output = drop.call(ones(4000, 2, 2)).view(4000, 4);

        Assert.True(output.eq(output.narrow(1, 0, 1)).all().item<bool>());
        Assert.Equal(1.0, output.mean().ToDouble(), 0.03);
        Assert.Equal(4 / 3f, output.max().ToSingle(), 1e-5f);
        drop.eval();
        Assert.Equal(1f, drop.call(ones(1, 1, 1)).ToSingle());
    }

    private static (nn.Module Layer, Func<Tensor> Forward) Make(string name)
    {
        var x = randn(B, Side * Side, D);
        var withToken = randn(B, 1 + Side * Side, D);
        switch (name)
        {
            case "patch":
                var patch = new PatchEmbed(2, D, 1e-5);
                var images = randn(B, 3, 9, 10);
                return (patch, () => patch.call(images));
            case "depth":
                var depth = new SpaceToDepth(D, 1e-5);
                return (depth, () => depth.call(x, Side, Side));
            case "pixel" or "shifted":
                var pixel = new PixelAttention(D, 2, 4, name == "pixel" ? 0 : 2, true, false);
                return (pixel, () => pixel.call(x, Side, Side));
            case "token":
                var token = new PixelAttention(D, 2, 4, 2, true, true);
                return (token, () => token.call(withToken, Side, Side));
            case "cross":
                var cross = new CrossWindowAttention(4);
                return (cross, () => cross.call(x, Side, Side));
            case "mlp":
                var mlp = new Mlp(D, 4);
                return (mlp, () => mlp.call(x));
            case "drop":
                var drop = new DropPath(0.5);
                return (drop, () => drop.call(x));
            case "head":
                var head = new CosineHead(D, 3, 8);
                var features = randn(B, D);
                return (head, () => head.call(features));
            case "layer":
                var layer = new TransformerLayer(new CrossWindowAttention(4), D, 4, 1e-5, 0.1, skipped: 1);
                return (layer, () => layer.call(withToken, Side, Side));
            default:
                var network = new MlTrClassifier(Golden.Config());
                return (network, () =>
                {
                    var output = network.call(Golden.Io["images"]);
                    output.CountLogits!.Dispose();
                    output.Features.Dispose();
                    output.FeatureMap.Dispose();
                    return output.Logits;
                }
                );
        }
    }
}
