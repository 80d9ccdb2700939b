using System.Text.Json.Nodes;
using MlTr.Bench.GoldenFiles;
using MlTr.Model.Tests.Data;
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

    [Theory]
    [InlineData("adamw", "adamw.eps", "0.1")]
    [InlineData("adamw", "adamw.betas", "[0.9, 0.5]")]
    [InlineData("metrics", "metrics.sizes_metrics.ap_s_classes", "4")]
    [InlineData("metrics", "metrics.coverage", "1")]
    [InlineData("losses", "losses.hinge", "{}")]
    [InlineData("colours", "colours", "{}")]
    [InlineData("backward arc_sigmoid", "cases.arc_sigmoid.input", "\"images_odd\"")]
    [InlineData("backward arc_sigmoid", "cases.arc_sigmoid.grad_norm", "{ \"no.such.weight\": 1 }")]
    public void Compare_OneRecordChanged_DoesNotAgree(string part, string key, string value)
    {
        var results = Changed(part, key, value, out var problem);

        Assert.Null(problem);
        Assert.Contains(results, result => !result.Agrees);
    }

    [Theory]
    [InlineData("cases.arc_sigmoid.grad_norm", "{}")]
    [InlineData("cases.arc_sigmoid.grad_norm", "null")]
    public void Compare_FewerGradientsRecorded_ComparesTheOthers(string key, string value)
    {
        var results = Changed("backward arc_sigmoid", key, value, out var problem);

        Assert.Null(problem);
        Assert.All(results, result => Assert.True(result.Agrees, result.Name));
    }

    [Theory]
    [InlineData("forward arc_sigmoid", "config.mlp_ratio", "4.5", "mlp_ratio to 4.5")]
    [InlineData("forward arc_sigmoid", "cases.arc_sigmoid.input", "\"nothing\"", "\"nothing\"")]
    [InlineData("forward arc_sigmoid", "config.heads", "[1, 2, 4, 9]", "")]
    [InlineData("losses", "losses.targets", "[[1, 0], [0, 1]]", "")]
    public void TryCompare_BadPart_SaysWhyAndSparesTheOthers(string part, string key, string value, string why)
    {
        Assert.Empty(Changed(part, key, value, out var problem));

        Assert.Contains(why, problem, StringComparison.Ordinal);
        Assert.All(Changed("one_cycle", key, value, out _), result => Assert.True(result.Agrees, result.Name));
    }

    private static IReadOnlyList<GoldenResult> Changed(string part, string key, string value, out string? problem)
    {
        using var folder = new TempFolder();
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Golden")))
        {
            File.Copy(file, folder[Path.GetFileName(file)]);
        }

        var json = JsonNode.Parse(File.ReadAllText(folder["golden.json"]))!;
        var path = key.Split('.');
        path[..^1].Aggregate(json, (node, name) => node[name]!)[path[^1]] = JsonNode.Parse(value);
        File.WriteAllText(folder["golden.json"], json.ToJsonString());
        using var golden = new GoldenFolder(folder.Path);
        return GoldenComparison.PartsOf(golden).Single(one => one.Name == part).TryCompare(out problem);
    }

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
