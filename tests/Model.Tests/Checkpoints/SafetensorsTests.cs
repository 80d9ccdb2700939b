using System.Text;
using System.Text.Json;
using MlTr.Model.Checkpoints;
using static TorchSharp.torch;

namespace MlTr.Model.Tests.Checkpoints;

public sealed class SafetensorsTests : IDisposable
{
    private readonly string path = Path.Combine(Directory.CreateTempSubdirectory("mltr-tensors-").FullName, "some.safetensors");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);

    [Fact]
    public void Load_WhatWasSaved_ComesBackTheSame()
    {
        using var scope = NewDisposeScope();
        var floats = randn(3, 4);
        var longs = tensor(new long[] { 1, -2, long.MaxValue });
        var half = randn(5).to(ScalarType.BFloat16);
        var scalar = tensor(7f);

        Safetensors.Save(path, [("a", floats.t()), ("b", longs), ("c", half), ("d", scalar)], new Dictionary<string, string> { ["made"] = "here" });
        using var file = Safetensors.Load(path);

        Assert.Equal("here", file.Metadata["made"]);
        Assert.Equal([4, 3], file["a"].shape);
        Assert.True(file["a"].eq(floats.t()).all().item<bool>());
        Assert.True(file["b"].eq(longs).all().item<bool>());
        Assert.True(file["c"].eq(half).all().item<bool>());
        Assert.Empty(file["d"].shape);
        Assert.Throws<InvalidDataException>(() => file["e"]);
    }

    [Fact]
    public void Save_TypesOfAnyWidth_IsAlignedAndWithoutHolesAsPythonRequires()
    {
        using var scope = NewDisposeScope();

        Safetensors.Save(path, [("flag", tensor(new[] { true })), ("half", ones(3).to(ScalarType.BFloat16)), ("none", empty(0, 2)), ("float", ones(3)), ("long", tensor(1L))]);

        var bytes = File.ReadAllBytes(path);
        var length = (int)BitConverter.ToInt64(bytes);
        using var header = JsonDocument.Parse(bytes.AsMemory(8, length));
        var entries = header.RootElement.EnumerateObject().Select(entry => (
            entry.Name,
            Begin: entry.Value.GetProperty("data_offsets")[0].GetInt32(),
            End: entry.Value.GetProperty("data_offsets")[1].GetInt32())).ToList();
        Assert.Equal(0, (8 + length) % 8);
        Assert.Equal((byte)'{', bytes[8]);
        Assert.Equal([("long", 0, 8), ("none", 8, 8), ("float", 8, 20), ("half", 20, 26), ("flag", 26, 27)], entries);
        Assert.Equal(8 + length + 27, bytes.Length);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "bytes 0 to 4 of its data belong to no tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "bytes 4 to 8 of its data belong to no tensor")]
    [InlineData("", "prefix")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "does not fill")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", "outside")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""", "outside")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387905,4],"data_offsets":[0,4]}}""", "does not fill")]
    [InlineData("""{"a":{"dtype":"F32","shape":[0,4611686018427387904,4611686018427387904],"data_offsets":[0,0]}}""", "does not fill")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}""", "does not fill")]
    [InlineData("""{"a":{"dtype":"Q4","shape":[1],"data_offsets":[0,4]}}""", "unknown type")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", "overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", "JSON")]
    [InlineData("""[1]""", "JSON")]
    [InlineData("""{"a":""", "JSON")]
    public void Load_HostileHeader_SaysWhatIsWrongAndNamesTheFile(string header, string expected)
    {
        var json = Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(path, json.Length == 0 ? [1, 2, 3] : [.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[8]]);

        var failure = Assert.Throws<InvalidDataException>(() => Safetensors.Load(path));

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.StartsWith("some.safetensors ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_HeaderLongerThanTheFile_IsRefused()
    {
        File.WriteAllBytes(path, [.. BitConverter.GetBytes(long.MaxValue), .. new byte[10]]);

        Assert.Throws<InvalidDataException>(() => Safetensors.Load(path));
    }

    [Fact]
    public void LoadWeights_FileThatDoesNotFit_ListsWhatIsMissing()
    {
        using var network = new MlTrClassifier(Golden.Config() with { NumClasses = 6 });

        var failure = Assert.Throws<InvalidDataException>(() => network.LoadWeights(Golden.Weights));

        Assert.Contains("'head.weight' is [5, 64] instead of [6, 64]", failure.Message, StringComparison.Ordinal);
    }
}
