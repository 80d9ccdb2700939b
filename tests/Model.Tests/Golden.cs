using System.Text.Json;
using System.Text.Json.Nodes;
using MlTr.Model.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace MlTr.Model.Tests;

/// <summary>Recorded numbers of a small network, computed in double precision by an independent implementation.</summary>
internal static class Golden
{
    public static readonly JsonNode Json = JsonNode.Parse(File.ReadAllText(PathOf("golden.json")))!;
    public static readonly TensorFile Weights = Safetensors.Load(PathOf("weights.safetensors"));
    public static readonly TensorFile Io = Safetensors.Load(PathOf("io.safetensors"));

    public static MlTrConfig Config(string name = "full")
    {
        var config = new MlTrConfig
        {
            ImageHeight = 64,
            ImageWidth = 64,
            PatchSize = 2,
            EmbedDim = 8,
            WindowSize = 4,
            Depths = [1, 1, 2, 1],
            Heads = [1, 2, 4, 8],
            NumClasses = 5,
            DropPathRate = 0,
        };
        foreach (var (key, value) in Json["cases"]![name]!["switches"]!.AsObject())
        {
            config = key switch
            {
                "relative_position_bias" => config with { RelativePositionBias = (bool)value! },
                "shift" => config with { Shift = (bool)value! },
                "cross_window" => config with { CrossWindow = (bool)value! },
                "arc_sigmoid" => config with { ArcSigmoid = (bool)value! },
                "object_token" => config with { ObjectToken = (bool)value! },
                "cross_window_position" => config with { CrossWindowPosition = CrossWindowPosition.Last },
                _ => throw new InvalidOperationException(key),
            };
        }

        return config;
    }

    public static MlTrClassifier Network(string name = "full")
    {
        var network = new MlTrClassifier(Config(name));
        network.LoadWeights(Weights);
        network.eval();
        return network;
    }

    public static void Close(Tensor expected, Tensor actual, string what, double tolerance = 1e-4)
    {
        Assert.True(expected.shape.SequenceEqual(actual.shape), $"{what}: [{string.Join(",", actual.shape)}]");
        using var scope = NewDisposeScope();
        var worst = actual.sub(expected).abs().sub(expected.abs().mul(tolerance)).max().ToDouble();
        Assert.True(worst <= tolerance, $"{what}: off by {worst:G3}");
    }

    public static void Close(double expected, double actual, string what, double tolerance = 1e-4) =>
        Assert.True(Math.Abs(expected - actual) <= tolerance * (1 + Math.Abs(expected)), $"{what}: {actual} instead of {expected}");

    public static T Read<T>(this JsonNode node) => node.Deserialize<T>()!;

    private static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Golden", name);
}
