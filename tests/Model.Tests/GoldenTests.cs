using MlTr.Bench.GoldenFiles;
using static TorchSharp.torch;

namespace MlTr.Model.Tests;

public sealed class GoldenTests
{
    public static TheoryData<string> Parts => [.. GoldenComparison.PartsOf(Golden.Folder).Select(part => part.Name)];

    [Theory]
    [MemberData(nameof(Parts))]
    public void Compare_PartOfTheGoldenFolder_Agrees(string name)
    {
        var part = GoldenComparison.PartsOf(Golden.Folder).Single(one => one.Name == name);

        var results = part.Compare();

        Assert.NotEmpty(results);
        Assert.All(results, result => Assert.True(result.Agrees, $"{result.Name}: off by {result.Error:G3}"));
    }

    [Fact]
    public void PartsOf_GoldenFolder_CoverAllThatItRecords() => Assert.Equal(
        [
            "macs", "forward fixed_window", "forward position", "forward shift", "forward cross_window", "forward arc_sigmoid", "forward full",
            "forward cross_window_last", "forward padded", "backward fixed_window", "backward position", "backward shift", "backward cross_window",
            "backward arc_sigmoid", "backward full", "backward cross_window_last", "adamw", "losses", "metrics", "one_cycle", "retrieval",
        ],
        GoldenComparison.PartsOf(Golden.Folder).Select(part => part.Name));

    [Fact]
    public void Of_WhatDiffers_DoesNotAgree()
    {
        using var scope = NewDisposeScope();

        Assert.False(GoldenResult.Of("value", 1, 1.001).Agrees);
        Assert.False(GoldenResult.Of("undefined", null, 0).Agrees);
        Assert.False(GoldenResult.Of("no number", 1, double.NaN).Agrees);
        Assert.False(GoldenResult.Of("length", [1, 2], [1]).Agrees);
        Assert.False(GoldenResult.Of("shape", zeros(2, 3), zeros(3, 2)).Agrees);
        Assert.False(GoldenResult.Of("one element", zeros(2, 3), tensor(new[] { 0, 0, 0, 0, 0, 0.001f }).view(2, 3)).Agrees);
        Assert.True(GoldenResult.Of("same", zeros(2, 3), zeros(2, 3)).Agrees);
    }
}
