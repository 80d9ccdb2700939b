using System.Text.Json;
using System.Text.Json.Nodes;
using MlTr.Bench.GoldenFiles;
using MlTr.Model.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace MlTr.Model.Tests;

/// <summary>Recorded numbers of a small network, computed in double precision by an independent implementation.</summary>
internal static class Golden
{
    public static readonly GoldenFolder Folder = new(Path.Combine(AppContext.BaseDirectory, "Golden"));

    public static JsonNode Json => Folder.Json;

    public static TensorFile Weights => Folder.Weights;

    public static TensorFile Io => Folder.Io;

    public static MlTrConfig Config(string name = "full") => Folder.Config(name);

    public static MlTrClassifier Network(string name = "full") => Folder.Network(name);

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
}
