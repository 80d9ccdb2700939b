using System.IO.Compression;
using System.Text;

namespace MlTr.Model.Tests.Checkpoints;

/// <summary>Writes zip archives like those of torch.save, also such as nobody should.</summary>
internal static class StateDictArchive
{
    /// <summary>Instructions before and after the one tensor <c>w</c> of a state dict: {'w': _rebuild_tensor_v2(storage, offset, size, stride)}.</summary>
    public static byte[] OneTensor(
        long[] size, long[] stride, long offset = 0, long count = 4, string type = "torch\nFloatStorage\n", string call = "torch._utils\n_rebuild_tensor_v2\n") =>
    [
        0x80, 2, .. "}"u8, .. Text("w"), .. "c"u8, .. Ascii(call), .. "(("u8, .. Text("storage"), .. "c"u8, .. Ascii(type), .. Text("0"), .. Text("cpu"),
        .. Number(count), .. "tQ"u8, .. Number(offset), .. Tuple(size), .. Tuple(stride), 0x89, .. "}tRs."u8,
    ];

    public static byte[] Text(string text) => [(byte)'X', .. BitConverter.GetBytes(text.Length), .. Ascii(text)];

    public static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    public static void Write(string path, byte[] pickle, byte[]? storage = null, CompressionLevel compression = CompressionLevel.NoCompression, string order = "little")
    {
        using var archive = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        foreach (var (name, content) in new[] { ("data.pkl", pickle), ("byteorder", Ascii(order)), ("data/0", storage ?? new byte[16]) })
        {
            using var entry = archive.CreateEntry($"some/{name}", compression).Open();
            entry.Write(content);
        }
    }

    private static byte[] Tuple(long[] values) => [(byte)'(', .. values.SelectMany(Number), (byte)'t'];

    private static byte[] Number(long value) => [0x8a, 8, .. BitConverter.GetBytes(value)];
}
