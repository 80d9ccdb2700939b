using TorchSharp;
using static TorchSharp.torch;

namespace MlTr.Model.Tests;

public sealed class MlTrClassifierTests
{
    [Theory]
    [InlineData("mltr-s", 31_613_395)]
    [InlineData("mltr-m", 61_001_163)]
    [InlineData("mltr-l", 107_537_929)]
    [InlineData("mltr-t", 3_026_839)]
    [InlineData("mltr-n", 642_447)]
    public void ParameterCount_NamedVariant_IsThePapers(string name, long expected)
    {
        using var network = new MlTrClassifier(MlTrConfig.Named(name, 80));

        Assert.Equal(expected, network.ParameterCount);
    }

    [Fact]
    public void ParameterCount_RungsOfTheAblation_AreThePapers()
    {
        var rung = MlTrConfig.Small() with { RelativePositionBias = false, Shift = false, CrossWindow = false, ArcSigmoid = false, ObjectToken = false };
        List<long> counts = [];
        foreach (var step in new Func<MlTrConfig, MlTrConfig>[]
        {
            c => c, c => c with { RelativePositionBias = true }, c => c with { Shift = true },
            c => c with { CrossWindow = true }, c => c with { ArcSigmoid = true }, c => c with { ObjectToken = true },
        })
        {
            rung = step(rung);
            using var network = new MlTrClassifier(rung);
            counts.Add(network.ParameterCount);
        }

        Assert.Equal([27_557_552, 27_580_874, 27_580_874, 31_550_418, 31_550_338, 31_613_395], counts);
    }

    [Fact]
    public void Weights_Fresh_HaveTheSpreadOfTheirInitialisation()
    {
        using var scope = NewDisposeScope();
        _ = manual_seed(1);
        using var paper = new MlTrClassifier(MlTrConfig.Tiny(20));
        using var wide = new MlTrClassifier(MlTrConfig.Tiny(20) with { FanInInitialization = true });

        Assert.Equal(0.02, Spread(paper, "stages.3.blocks.0.pixel.mlp.fc1.weight"), 0.0005);
        Assert.Equal(0.02, Spread(paper, "stages.3.blocks.0.pixel.attn.relative_position_bias_table"), 0.003);
        Assert.Equal(1 / 16.0, Spread(wide, "stages.3.blocks.0.pixel.mlp.fc1.weight"), 0.002);
        Assert.Equal(0.02, Spread(wide, "stages.3.blocks.0.pixel.attn.relative_position_bias_table"), 0.003);
        Assert.Equal(0, Spread(paper, "stages.3.blocks.0.pixel.mlp.fc1.bias"));
        Assert.Equal(1 / Math.Sqrt(3 * 12.0), Spread(paper, "patch_embed.proj.weight"), 0.01);

        static double Spread(MlTrClassifier network, string name) => network.NamedWeights().Single(w => w.Name == name).Value.std().ToDouble();
    }

    [Fact]
    public void Validate_ManyMistakes_ListsThemAll()
    {
        var config = MlTrConfig.Nano(0) with { Heads = [3, 2, 4, 8], Depths = [1, 1], DropPathRate = 1 };

        var errors = config.Validate();

        Assert.Equal(4, errors.Count);
        Assert.Contains("3 heads do not divide the 16 channels of stage 0.", errors);
        Assert.Throws<ArgumentException>(() => new MlTrClassifier(config));
        Assert.Throws<ArgumentException>(() => MlTrConfig.Named("mltr-x", 3));
        Assert.Equal(MlTrConfig.Named("mltr-n", 5), MlTrConfig.Nano(5));
    }
}
