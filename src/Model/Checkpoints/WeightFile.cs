using System.Buffers.Binary;
using MlTr.Model.Checkpoints.PyTorch;

namespace MlTr.Model.Checkpoints;

/// <summary>Weights by name, in either of the formats that they are passed around in.</summary>
public static class WeightFile
{
    /// <summary>
    /// Reads a safetensors file or a PyTorch state dict (.pth, .pt), told apart by their first bytes; the caller disposes the tensors. An
    /// <see cref="InvalidDataException"/> names the file and what is wrong with it.
    /// </summary>
    public static TensorFile Load(string path)
    {
        if (!File.Exists(path))
        {
            throw new InvalidDataException($"{path} is missing: name a file of weights, .safetensors, .pth or .pt.");
        }

        return IsPyTorch(path) ? PyTorchFile.Load(path) : Safetensors.Load(path);
    }

    private static bool IsPyTorch(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> start = stackalloc byte[8];
        if (file.ReadAtLeast(start, 8, throwOnEndOfStream: false) < 8)
        {
            return false;
        }

        // The start of a bare pickle could also be the length of a safetensors header, but of one longer than the file.
        var isPickle = start[0] == 0x80 && start[1] is >= 2 and <= 5 && BinaryPrimitives.ReadUInt64LittleEndian(start) > (ulong)file.Length - 8;
        return isPickle || start.StartsWith("PK\x03\x04"u8);
    }
}
