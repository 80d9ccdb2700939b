using System.Globalization;
using System.Text.RegularExpressions;
using MlTr.Model.Checkpoints;
using MlTr.Model.Tests.Data;
using static TorchSharp.torch;

namespace MlTr.Model.Tests.Checkpoints;

public sealed partial class WeightMatchingTests : IDisposable
{
    private static readonly MlTrConfig Swin = Golden.Config("shift");
    private static readonly MlTrConfig Crossed = Swin with { CrossWindow = true };

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("", false)]
    [InlineData("module.", false)]
    [InlineData("", true)]
    public void LoadMatching_SwinNames_StartAsExactlyThatSwin(string prefix, bool timm)
    {
        using var scope = NewDisposeScope();
        using var swin = Golden.Network("shift");
        using var file = Save(swin.NamedWeights().Select(weight => (prefix + SwinName(weight.Name, timm), weight.Value)).Append((prefix + "layers.0.blocks.0.attn.relative_position_index", zeros(4))));
        using var network = new MlTrClassifier(Crossed);

        var report = network.LoadMatching(file);

        network.eval();
        Golden.Close(swin.call(Golden.Io["images"]).Features, network.call(Golden.Io["images"]).Features, "features", 1e-6);
        Assert.Equal(WeightLayout.Swin, report.Layout);
        Assert.Equal(swin.NamedWeights().Count - 2, report.Matched.Count);
        Assert.Equal(3, report.LeftOut.Count); // head.weight, head.bias, the index
        Assert.Empty(report.Unexpected);
        Assert.Empty(report.OtherShape);
        Assert.All(report.Missing, name => Assert.Matches(@"\.cross\.|^head\.", name));
        Assert.Equal(4 * 4, report.Zeroed.Count); // four blocks with a cross-window layer
    }

    [Fact]
    public void LoadMatching_CatNames_FillTheCrossWindowLayersToo()
    {
        using var scope = NewDisposeScope();
        using var cat = Golden.Network("cross_window");
        using var file = Save(cat.NamedWeights().Select(weight => (CatName(weight.Name), weight.Value)));
        using var network = new MlTrClassifier(Crossed);

        var report = network.LoadMatching(file);

        network.eval();
        Golden.Close(cat.call(Golden.Io["images"]).Features, network.call(Golden.Io["images"]).Features, "features", 1e-6);
        Assert.Equal((WeightLayout.Cat, 2, 2, 0), (report.Layout, report.LeftOut.Count, report.Missing.Count, report.Zeroed.Count));
    }

    [Fact]
    public void LoadMatching_OtherClasses_TakesAllButTheHeads()
    {
        using var network = new MlTrClassifier(Golden.Config() with { NumClasses = 9 });
        using var file = Save(Golden.Weights.Tensors.Select(pair => (pair.Key, pair.Value)).Append(("what_is_this", Golden.Io["images"])));

        var report = network.LoadMatching(file);

        Assert.Equal(["head.weight", "count_head.weight", "count_head.bias"], report.OtherShape.Select(one => one.Name));
        Assert.Equal(network.NamedWeights().Count - 3, report.Matched.Count);
        Assert.Equal(["head.bias", "what_is_this"], report.Unexpected.Order());
        Assert.Empty(report.Missing);
        Assert.Contains("head.weight [5, 64] instead of [9, 64]", string.Join('\n', report.Lines()), StringComparison.Ordinal);
        Assert.StartsWith("Weights (MlTr names): 194 matched, 0 resized, 0 missing, 3 of another shape, 2 unexpected", report.Lines()[0], StringComparison.Ordinal);
    }

    [Fact]
    public void LoadMatching_OtherWindow_ResizesPositionTablesAsImages()
    {
        using var scope = NewDisposeScope();
        using var source = new MlTrClassifier(Swin with { WindowSize = 2 });
        const string Table = "stages.0.blocks.0.pixel.attn.relative_position_bias_table";
        float[] rows = [1, 2, 4, 0, -1, 3, 5, 2, -2];
        using var file = Save(source.NamedWeights().Select(weight => (weight.Name, weight.Name == Table ? tensor(rows).view(9, 1) : weight.Value)));
        using var network = new MlTrClassifier(Swin with { WindowSize = 3 });

        var report = network.LoadMatching(file);

        var resized = network.NamedWeights().Single(weight => weight.Name == Table).Value;
        Assert.Contains(Table, report.Resized.Select(one => one.Name));
        Assert.Equal(10, report.Resized.Count);
        Golden.Close(tensor(ResizedByHand).view(25, 1), resized, "table", 1e-5);
    }

    [Fact]
    public void LoadMatching_NothingInCommon_IsRefused()
    {
        using var network = new MlTrClassifier(Swin);
        using var file = Save([("conv1.weight", zeros(2))]);

        var failure = Assert.Throws<InvalidDataException>(() => network.LoadMatching(file));

        Assert.Contains("conv1.weight", failure.Message, StringComparison.Ordinal);
    }

    // By cubic convolution with a = -0.75, half-pixel centres and a repeated border, written out in another language.
    private static readonly float[] ResizedByHand =
    [
        0.981568f, 1.42832f, 2.288f, 3.48032f, 4.269568f,
        0.216672f, 0.15344f, 0.62f, 2.69792f, 4.293792f,
        0.096f, -0.676f, -1.0f, 1.376f, 3.384f,
        3.215328f, 2.12336f, 0.62f, -0.01072f, -0.204192f,
        5.786432f, 4.5848f, 2.288f, -0.85984f, -2.937728f,
    ];

    private TensorFile Save(IEnumerable<(string, Tensor)> tensors)
    {
        Safetensors.Save(folder["some.safetensors"], tensors);
        return WeightFile.Load(folder["some.safetensors"]);
    }

    private static string SwinName(string name, bool timm)
    {
        var block = Block().Match(name);
        return block.Success
            ? $"layers.{block.Groups[1].Value}.blocks.{(2 * Number(block, 2)) + (block.Groups[3].Value == "shifted" ? 1 : 0)}.{block.Groups[4].Value}"
            : Between().Match(name) is { Success: true } between ? $"layers.{Number(between, 1) + (timm ? 1 : 0)}.downsample.{between.Groups[2].Value}"
            : timm ? name.Replace("head.", "head.fc.", StringComparison.Ordinal) : name;
    }

    private static string CatName(string name)
    {
        var block = Block().Match(name);
        var kind = block.Groups[3].Value switch
        {
            "pixel" => "pre_ipsa",
            "shifted" => "post_ipsa",
            _ => "cpsa",
        };
        return block.Success ? $"layers.{block.Groups[1].Value}.{kind}_blocks.{block.Groups[2].Value}.{block.Groups[4].Value}" : SwinName(name, timm: false);
    }

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^stages\.(\d)\.blocks\.(\d)\.(pixel|shifted|cross)\.(.*)$")]
    private static partial Regex Block();

    [GeneratedRegex(@"^stages\.(\d)\.downsample\.(.*)$")]
    private static partial Regex Between();
}
