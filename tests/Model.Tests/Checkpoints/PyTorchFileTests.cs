using System.IO.Compression;
using MlTr.Model.Checkpoints;
using MlTr.Model.Tests.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace MlTr.Model.Tests.Checkpoints;

public sealed class PyTorchFileTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("plain.pth")]
    [InlineData("wrapped.pth")]
    [InlineData("twice_wrapped_protocol4.pt")]
    public void Load_PickledByPython_GivesTheTensors(string name)
    {
        using var scope = NewDisposeScope();

        using var file = WeightFile.Load(Path.Combine(AppContext.BaseDirectory, "Checkpoints", "StateDicts", name));

        Assert.Equal(
            ["brain", "count", "double", "empty", "flags", "half", "inner", "small", "turned", "whole"],
            file.Tensors.Keys.Order(StringComparer.Ordinal));
        var whole = arange(12, dtype: ScalarType.Float32).view(3, 4);
        Same(whole, file["whole"]);
        Same(whole.t(), file["turned"]);
        Same(tensor(new float[] { 5, 6, 9, 10 }).view(2, 2), file["inner"]);
        Same(tensor(new[] { 1.5f, -2 }).to(ScalarType.Float16), file["half"]);
        Same(tensor(new[] { 1.5f, -2 }).to(ScalarType.BFloat16), file["brain"]);
        Same(tensor(-7L), file["count"]);
        Same(tensor(new[] { 1, 2, 3 }), file["small"]);
        Same(tensor(new[] { true, false }), file["flags"]);
        Same(tensor(new[] { 0.1 }), file["double"]);
        Assert.Equal([0, 4], file["empty"].shape);
    }

    [Fact]
    public void Load_TensorsThatSharedAStorage_TakeItsMemoryOnce()
    {
        using var file = WeightFile.Load(Path.Combine(AppContext.BaseDirectory, "Checkpoints", "StateDicts", "plain.pth"));
        using var noGradient = no_grad();

        file["whole"][1, 1] = tensor(70f);

        Assert.Equal(70, file["inner"][0, 0].ToSingle());
    }

    [Fact]
    public void Load_CallOfOsSystem_IsRefusedByNameAndNotRun()
    {
        var witness = folder["witness"];
        byte[] pickle = [0x80, 2, .. StateDictArchive.Ascii("cos\nsystem\n"), .. "("u8, .. StateDictArchive.Text($"touch {witness}"), .. "tR."u8];

        var message = Refused(pickle);

        Assert.Contains("refers to os.system, which is not run", message, StringComparison.Ordinal);
        Assert.False(File.Exists(witness));
    }

    [Theory]
    [InlineData("builtins\neval\n")]
    [InlineData("torch\nload\n")]
    [InlineData("torch._utils\n_rebuild_parameter\n")]
    [InlineData("collections\ndefaultdict\n")]
    public void Load_OtherName_IsRefused(string name) =>
        Assert.Contains("which is not run and not needed", Refused([0x80, 2, .. "c"u8, .. StateDictArchive.Ascii(name), (byte)'.']), StringComparison.Ordinal);

    [Fact]
    public void Load_NameFromTheStack_IsRefusedToo() => Assert.Contains(
        "posix.system", Refused([0x80, 4, 0x8c, 5, .. "posix"u8, 0x8c, 6, .. "system"u8, 0x93, (byte)'.']), StringComparison.Ordinal);

    [Theory]
    [InlineData(new long[] { 5 }, new long[] { 1 }, 0, "does not fit its storage of 4 elements")]
    [InlineData(new long[] { 2 }, new long[] { 1 }, 3, "does not fit")]
    [InlineData(new long[] { 2, 2 }, new long[] { 4, 1 }, 0, "does not fit")]
    [InlineData(new long[] { 2 }, new long[] { 1 }, -1, "does not fit")]
    [InlineData(new long[] { 1L << 62, 4 }, new long[] { 0, 0 }, 0, "does not fit")]
    [InlineData(new long[] { 2, 2 }, new long[] { long.MaxValue, long.MaxValue }, 0, "does not fit")]
    [InlineData(new long[] { 1000 }, new long[] { 0 }, 0, "does not fit")]
    [InlineData(new long[] { -1 }, new long[] { 1 }, 0, "lacks its storage, offset, shape or strides")]
    [InlineData(new long[] { 2 }, new long[] { 1, 1 }, 0, "lacks its storage, offset, shape or strides")]
    public void Load_TensorBeyondItsStorage_IsRefused(long[] size, long[] stride, long offset, string expected) =>
        Assert.Contains(expected, Refused(StateDictArchive.OneTensor(size, stride, offset)), StringComparison.Ordinal);

    [Theory]
    [InlineData(5, "torch\nFloatStorage\n", "16 bytes, not 5 elements")]
    [InlineData(1L << 61, "torch\nFloatStorage\n", "16 bytes, not 2305843009213693952 elements")]
    [InlineData(-1, "torch\nFloatStorage\n", "no storage of known type")]
    [InlineData(4, "torch._utils\n_rebuild_tensor_v2\n", "unknown type torch._utils._rebuild_tensor_v2")]
    public void Load_StorageThatIsNotAsItSays_IsRefused(long count, string type, string expected) =>
        Assert.Contains(expected, Refused(StateDictArchive.OneTensor([2], [1], count: count, type: type)), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "ends too early")]
    [InlineData("N.", "no dictionary of tensors")]
    [InlineData("}.", "no tensors by name")]
    [InlineData("NN.", "objects left over")]
    [InlineData("}s.", "takes more objects")]
    [InlineData("(}u.", "adds to something of another kind")]
    [InlineData("t.", "mark is missing")]
    [InlineData("hA.", "recalls object 65")]
    [InlineData("Na.", "adds to something of another kind")]
    [InlineData("}(Nu.", "a key has no value")]
    [InlineData("X\u007f\u007f\u007f\u007f", "ends too early")]
    [InlineData("B\u007f\u007f\u007f\u007f", "ends too early")]
    [InlineData("I1e9\n.", "no whole number")]
    [InlineData("(N\u0001.", "unknown instruction 0x01")]
    [InlineData("(dob.", "builds objects of classes")]
    public void Load_BrokenPickle_IsOneLineThatNamesTheFile(string instructions, string expected) =>
        Assert.Contains(expected, Refused([0x80, 2, .. StateDictArchive.Ascii(instructions)]), StringComparison.Ordinal);

    [Fact]
    public void Load_MillionsOfObjects_IsRefusedBeforeTheyTakeTheMemory()
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);

        Assert.Contains("more than 1000000 objects", Refused([0x80, 2, .. Enumerable.Repeat((byte)'}', 4 << 20)]), StringComparison.Ordinal);

        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 200 << 20);
    }

    [Fact]
    public void Load_DictionaryInsideItself_EndsWithAnError() =>
        Assert.Contains("deep", Refused([0x80, 2, .. "}qA"u8, .. StateDictArchive.Text("model"), .. "hAs."u8]), StringComparison.Ordinal);

    [Fact]
    public void Load_CutAnywhere_IsRefused()
    {
        var whole = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Checkpoints", "StateDicts", "plain.pth"));
        for (var length = 0; length < whole.Length; length += 37)
        {
            File.WriteAllBytes(folder["cut.pth"], whole[..length]);

            var failure = Assert.Throws<InvalidDataException>(() => WeightFile.Load(folder["cut.pth"]));

            Assert.StartsWith("cut.pth is not a usable", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Load_AnyByteChanged_GivesTensorsOrARefusal()
    {
        var whole = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Checkpoints", "StateDicts", "plain.pth"));
        for (var at = 0; at < whole.Length; at += 3)
        {
            var changed = whole.ToArray();
            changed[at] ^= (byte)(1 + (at * 7 % 255));
            File.WriteAllBytes(folder["changed.pth"], changed);

            var failure = Record.Exception(() => WeightFile.Load(folder["changed.pth"]).Dispose());

            Assert.True(failure is null or InvalidDataException, $"byte {at}: {failure}");
        }
    }

    [Fact]
    public void Load_FormatFromBeforeZip_SaysWhatToDo()
    {
        File.WriteAllBytes(folder["old.pth"], [0x80, 2, 0x8a, 0x0a, .. "lüF"u8, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.']);

        var failure = Assert.Throws<InvalidDataException>(() => WeightFile.Load(folder["old.pth"]));

        Assert.Equal(
            "old.pth is in PyTorch's format from before version 1.6, which is not read: load it there and save it again with torch.save.", failure.Message);
    }

    [Fact]
    public void Load_OtherUnusableArchives_AreRefused()
    {
        var pickle = StateDictArchive.OneTensor([2], [1]);
        StateDictArchive.Write(folder["compressed.pth"], [.. pickle, .. new byte[5000]], compression: CompressionLevel.Fastest);
        StateDictArchive.Write(folder["big.pth"], pickle, order: "big");
        using (var archive = new ZipArchive(File.Create(folder["other.pth"]), ZipArchiveMode.Create))
        {
            archive.CreateEntry("readme.txt");
        }

        Assert.Contains("is compressed, which torch.save never does", Message("compressed.pth"), StringComparison.Ordinal);
        Assert.Contains("byte order is 'big'", Message("big.pth"), StringComparison.Ordinal);
        Assert.Contains("holds no data.pkl", Message("other.pth"), StringComparison.Ordinal);
        Assert.Contains("is missing", Message("nowhere.pth"), StringComparison.Ordinal);
    }

    private string Refused(byte[] pickle)
    {
        StateDictArchive.Write(folder["some.pth"], pickle);
        var message = Message("some.pth");
        Assert.StartsWith("some.pth is not a usable PyTorch file: ", message, StringComparison.Ordinal);
        return message;
    }

    private string Message(string name)
    {
        var message = Assert.Throws<InvalidDataException>(() => WeightFile.Load(folder[name])).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    private static void Same(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.Equal(expected.dtype, actual.dtype);
        Assert.True(expected.eq(actual).all().item<bool>());
    }
}
