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

    [Theory]
    [InlineData("fixed_window")]
    [InlineData("position")]
    [InlineData("shift")]
    [InlineData("cross_window")]
    [InlineData("arc_sigmoid")]
    [InlineData("full")]
    [InlineData("cross_window_last")]
    [InlineData("padded")]
    public void Forward_GoldenCase_GivesTheRecordedNumbers(string name)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = Golden.Network(name);
        var seen = new Dictionary<string, Tensor>();
        network.Observer = (key, value) => seen[key] = value.clone().DetachFromDisposeScope();

        var output = network.call(Golden.Io[(string)Golden.Json["cases"]![name]!["input"]!]);

        Assert.Equal((long)Golden.Json["cases"]![name]!["parameters"]!, network.ParameterCount);
        Golden.Close(Golden.Io[$"{name}.logits"], output.Logits, "logits");
        Golden.Close(Golden.Io[$"{name}.features"], output.Features, "features");
        Assert.Equal(Golden.Io.Tensors.ContainsKey($"{name}.count_logits"), output.CountLogits is not null);
        if (output.CountLogits is not null)
        {
            Golden.Close(Golden.Io[$"{name}.count_logits"], output.CountLogits, "count_logits");
        }

        foreach (var (key, value) in seen)
        {
            if (Golden.Io.Tensors.TryGetValue($"{name}.{key}", out var expected))
            {
                Golden.Close(expected, value, key);
            }

            value.Dispose();
        }
    }

    [Fact]
    public void Forward_Full_GivesTheRecordedFeatureMap()
    {
        using var scope = NewDisposeScope();
        using var network = Golden.Network();

        var output = network.call(Golden.Io["images"]);

        Golden.Close(Golden.Io["full.feature_map"], output.FeatureMap, "feature_map");
    }
}
