using System.IO.Compression;
using System.Text;
using static TorchSharp.torch;

namespace MlTr.Model.Checkpoints.PyTorch;

/// <summary>
/// State dicts as <c>torch.save</c> writes them since PyTorch 1.6 (.pth, .pt): a zip archive with a pickle of names, shapes and strides, and one
/// entry of raw data for each storage. Nothing of the file is executed. Reading trusts nothing: an <see cref="InvalidDataException"/> names the
/// file and what is wrong with it, and no more memory is taken than the file is long.
/// </summary>
public static class PyTorchFile
{
    private const int LargestPickle = 64 << 20;
    private const int DeepestWrapper = 4;
    private const int MostDimensions = 64;

    private static readonly string[] Wrappers = ["state_dict", "model", "model_state_dict", "model_ema", "ema", "net", "network"];

    private static readonly (string Name, ScalarType Type, int Size)[] Storages =
    [
        ("FloatStorage", ScalarType.Float32, 4), ("DoubleStorage", ScalarType.Float64, 8), ("HalfStorage", ScalarType.Float16, 2),
        ("BFloat16Storage", ScalarType.BFloat16, 2), ("LongStorage", ScalarType.Int64, 8), ("IntStorage", ScalarType.Int32, 4),
        ("ShortStorage", ScalarType.Int16, 2), ("CharStorage", ScalarType.Int8, 1), ("ByteStorage", ScalarType.Byte, 1), ("BoolStorage", ScalarType.Bool, 1),
    ];

    private static readonly PickleGlobal RebuildTensor = new("torch._utils", "_rebuild_tensor_v2");
    private static readonly PickleGlobal OrderedDict = new("collections", "OrderedDict");

    /// <summary>
    /// Reads all tensors of a state dict onto the CPU, also from inside wrappers such as {'model': ..} and {'state_dict': ..}; tensors that
    /// shared their memory when they were saved share it again. The caller disposes them.
    /// </summary>
    public static TensorFile Load(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        var name = Path.GetFileName(path);
        Span<byte> start = stackalloc byte[4];
        var length = file.ReadAtLeast(start, 4, throwOnEndOfStream: false);
        file.Position = 0;
        if (length == 4 && start[0] == 0x80 && start[1] is >= 2 and <= 5)
        {
            throw new InvalidDataException($"{name} is in PyTorch's format from before version 1.6, which is not read: load it there and save it again with torch.save.");
        }

        using var scope = NewDisposeScope();
        try
        {
            using var archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            return new Reader(archive, file.Length).Read();
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or NotSupportedException)
        {
            throw new InvalidDataException($"{name} is not a usable PyTorch file: {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <summary>A tensor inside the pickle: a view of a storage.</summary>
    private sealed record View(Tensor Storage, long Offset, long[] Shape, long[] Strides)
    {
        public Tensor ToTensor() => Storage.as_strided(Shape, Strides, Offset);
    }

    private sealed class Reader(ZipArchive archive, long fileLength)
    {
        private readonly Dictionary<string, Tensor> storages = new(StringComparer.Ordinal);
        private long taken;
        private string folder = "";

        public TensorFile Read()
        {
            var pickle = archive.Entries.FirstOrDefault(entry => entry.Name == "data.pkl" && entry.FullName.Count(c => c == '/') <= 1)
                ?? throw new InvalidDataException("it holds no data.pkl");
            folder = pickle.FullName[..^"data.pkl".Length];
            if (archive.GetEntry(folder + "byteorder") is { } order && Encoding.ASCII.GetString(Content(order, 16)).Trim() is not "little" and var found)
            {
                throw new InvalidDataException($"its byte order is '{found}'; only little-endian files are read");
            }

            var root = new PickleReader(Content(pickle, LargestPickle), IsAllowed, Reduce, Resolve).Read();
            return new TensorFile(ToTensors(Unwrap(root)), new Dictionary<string, string>());
        }

        private static bool IsAllowed(PickleGlobal global) =>
            global == RebuildTensor || global == OrderedDict || (global.Module == "torch" && Array.Exists(Storages, known => known.Name == global.Name));

        private static object Reduce(PickleGlobal called, PickleTuple arguments) =>
            called == OrderedDict && arguments.Items.Count == 0 ? new PickleDictionary()
            : called == RebuildTensor ? Tensor(arguments.Items)
            : throw new InvalidDataException($"it calls {called} with {arguments.Items.Count} arguments");

        private static View Tensor(IReadOnlyList<object?> items)
        {
            if (items.Count < 4 || items[0] is not Tensor storage || items[1] is not long offset || Sizes(items[2]) is not { } shape || Sizes(items[3]) is not { } strides
                || shape.Length != strides.Length || shape.Length > MostDimensions)
            {
                throw new InvalidDataException("a tensor lacks its storage, offset, shape or strides");
            }

            // 128 bits: hostile sizes must not wrap round to small ones.
            var (count, last) = ((Int128)1, (Int128)offset);
            for (var i = 0; i < shape.Length; i++)
            {
                count = Int128.Min(count * shape[i], long.MaxValue);
                last = Int128.Min(last + ((Int128)Math.Max(shape[i] - 1, 0) * strides[i]), long.MaxValue);
            }

            var available = storage.numel();
            return offset >= 0 && (count == 0 || (count <= available && last < available))
                ? new View(storage, count == 0 ? 0 : offset, shape, strides)
                : throw new InvalidDataException($"a tensor of shape [{string.Join(", ", shape)}] does not fit its storage of {available} elements");
        }

        private static long[]? Sizes(object? tuple) =>
            tuple is PickleTuple { Items: var items } && items.All(item => item is >= 0L) ? [.. items.Select(item => (long)item!)] : null;

        private Tensor Resolve(object? reference)
        {
            if (reference is not PickleTuple { Items: ["storage", PickleGlobal type, string key, string, long count, ..] } || count < 0)
            {
                throw new InvalidDataException("it refers to something that is no storage of known type");
            }

            if (storages.TryGetValue(key, out var storage))
            {
                return storage;
            }

            var known = Array.Find(Storages, one => type.Module == "torch" && one.Name == type.Name);
            if (known.Name is null)
            {
                throw new InvalidDataException($"storage {key} has the unknown type {type}");
            }

            var entry = archive.GetEntry($"{folder}data/{key}") ?? throw new InvalidDataException($"storage {key} is missing");
            CheckStored(entry);
            if (entry.Length != (Int128)count * known.Size)
            {
                throw new InvalidDataException($"storage {key} has {entry.Length} bytes, not {count} elements of {known.Size} bytes");
            }

            storages[key] = storage = empty(count, known.Type);
            if (count > 0)
            {
                using var data = entry.Open();
                data.ReadExactly(storage.bytes);
            }

            return storage;
        }

        private static PickleDictionary Unwrap(object? root)
        {
            for (var depth = 0; depth <= DeepestWrapper; depth++)
            {
                if (root is not PickleDictionary dictionary)
                {
                    throw new InvalidDataException("it holds no dictionary of tensors. Save the state dict: torch.save(model.state_dict(), path)");
                }

                if (dictionary.Items.Exists(item => item.Value is View))
                {
                    return dictionary;
                }

                root = Wrappers.Select(key => dictionary.Items.FirstOrDefault(item => item.Key as string == key && item.Value is PickleDictionary).Value)
                    .FirstOrDefault(value => value is not null)
                    ?? throw new InvalidDataException("it holds no tensors by name");
            }

            throw new InvalidDataException($"its tensors lie more than {DeepestWrapper} dictionaries deep");
        }

        private static Dictionary<string, Tensor> ToTensors(PickleDictionary dictionary)
        {
            Dictionary<string, Tensor> tensors = new(StringComparer.Ordinal);
            foreach (var (key, value) in dictionary.Items)
            {
                if (key is string name && value is View view)
                {
                    tensors[name] = view.ToTensor().DetachFromDisposeScope();
                }
            }

            return tensors;
        }

        private byte[] Content(ZipArchiveEntry entry, int most)
        {
            CheckStored(entry);
            if (entry.Length > most)
            {
                throw new InvalidDataException($"{entry.FullName} has {entry.Length} bytes, more than {most}");
            }

            var content = new byte[entry.Length];
            using var data = entry.Open();
            data.ReadExactly(content);
            return content;
        }

        // torch.save never compresses; what lies in the file once and uncompressed cannot take more memory than the file is long.
        private void CheckStored(ZipArchiveEntry entry)
        {
            if (entry.CompressedLength != entry.Length)
            {
                throw new InvalidDataException($"{entry.FullName} is compressed, which torch.save never does");
            }

            if (entry.Length > fileLength - taken)
            {
                throw new InvalidDataException($"{entry.FullName} claims {entry.Length} bytes of a file of {fileLength}");
            }

            taken += entry.Length;
        }
    }
}
