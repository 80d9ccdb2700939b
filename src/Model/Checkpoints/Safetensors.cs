using System.Buffers.Binary;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace MlTr.Model.Checkpoints;

/// <summary>Tensors by name, as read from a file; disposing releases them.</summary>
public sealed class TensorFile : IDisposable
{
    private readonly Dictionary<string, Tensor> tensors;

    internal TensorFile(Dictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        this.tensors = tensors;
        Metadata = metadata;
    }

    /// <summary>The tensors, on the CPU.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => tensors;

    /// <summary>The file's free text entries.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The tensor of that name; <see cref="InvalidDataException"/> if there is none.</summary>
    public Tensor this[string name] =>
        tensors.TryGetValue(name, out var tensor) ? tensor : throw new InvalidDataException($"There is no tensor '{name}' in the file.");

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in tensors.Values)
        {
            tensor.Dispose();
        }
    }
}

/// <summary>
/// The safetensors format: 8 bytes of little-endian header length, a JSON header with types, shapes and offsets, raw little-endian data.
/// Reading trusts nothing: an <see cref="InvalidDataException"/> names the file and what is wrong with it.
/// </summary>
public static class Safetensors
{
    private const string MetadataKey = "__metadata__";
    private const int LargestHeader = 64 << 20;

    private static readonly (string Name, ScalarType Type, int Size)[] Types =
    [
        ("F32", ScalarType.Float32, 4), ("F64", ScalarType.Float64, 8), ("F16", ScalarType.Float16, 2), ("BF16", ScalarType.BFloat16, 2),
        ("I64", ScalarType.Int64, 8), ("I32", ScalarType.Int32, 4), ("I16", ScalarType.Int16, 2), ("I8", ScalarType.Int8, 1),
        ("U8", ScalarType.Byte, 1), ("BOOL", ScalarType.Bool, 1),
    ];

    /// <summary>
    /// Writes the tensors, those of wide types first so that each is aligned to its elements, and flushes them to the disk; an existing file is
    /// replaced. The layout is the one that Python's safetensors reads: data from a multiple of 8 on, without holes, in the order of the header.
    /// </summary>
    public static void Save(string path, IEnumerable<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        List<(string Name, Tensor Value)> ready = [.. tensors
            .Select(t => (t.Name, t.Value.detach().cpu().contiguous()))
            .OrderByDescending(t => t.Item2.element_size())];
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        var header = Header(ready, metadata);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        file.Write(length);
        file.Write(header);
        foreach (var (_, value) in ready)
        {
            if (value.numel() > 0)
            {
                file.Write(value.bytes);
            }
        }

        file.Flush(flushToDisk: true);
    }

    /// <summary>Reads all tensors onto the CPU; the caller disposes them.</summary>
    public static TensorFile Load(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        return Read(file, Path.GetFileName(path));
    }

    internal static TensorFile Read(Stream file, string name)
    {
        Span<byte> prefix = stackalloc byte[8];
        if (file.Length < 8 || file.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8)
        {
            throw Bad(name, "it is shorter than its 8-byte prefix");
        }

        var length = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        if (length < 2 || length > file.Length - 8 || length > LargestHeader)
        {
            throw Bad(name, $"its header claims {length} bytes of a file of {file.Length}");
        }

        var header = new byte[length];
        file.ReadExactly(header);
        Dictionary<string, string> metadata = [];
        var entries = ParseHeader(header, file.Length - 8 - length, name, metadata);
        Dictionary<string, Tensor> tensors = new(entries.Count, StringComparer.Ordinal);
        try
        {
            foreach (var entry in entries)
            {
                file.Position = 8 + length + entry.Begin;
                var tensor = torch.empty(entry.Shape, entry.Type).DetachFromDisposeScope();
                tensors.Add(entry.Name, tensor);
                if (entry.End > entry.Begin)
                {
                    file.ReadExactly(tensor.bytes);
                }
            }
        }
        catch
        {
            new TensorFile(tensors, metadata).Dispose();
            throw;
        }

        return new TensorFile(tensors, metadata);
    }

    private static byte[] Header(List<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WriteStartObject(MetadataKey);
                foreach (var (key, value) in metadata)
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            var offset = 0L;
            foreach (var (name, value) in tensors)
            {
                var known = Array.Find(Types, t => t.Type == value.dtype);
                if (known.Name is null)
                {
                    throw new NotSupportedException($"Tensor '{name}' has type {value.dtype}, which safetensors files of ours do not hold.");
                }

                json.WriteStartObject(name);
                json.WriteString("dtype", known.Name);
                WriteNumbers(json, "shape", value.shape);
                WriteNumbers(json, "data_offsets", [offset, offset + value.numel() * known.Size]);
                json.WriteEndObject();
                offset += value.numel() * known.Size;
            }

            json.WriteEndObject();
        }

        // Padded with spaces so that the data starts on a multiple of 8.
        while (buffer.Length % 8 != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        return buffer.ToArray();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, long[] values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }

    private static List<Entry> ParseHeader(byte[] header, long dataLength, string file, Dictionary<string, string> metadata)
    {
        try
        {
            using var json = JsonDocument.Parse(header);
            List<Entry> entries = [];
            HashSet<string> seen = new(StringComparer.Ordinal);
            foreach (var property in json.RootElement.EnumerateObject())
            {
                if (!seen.Add(property.Name))
                {
                    throw Bad(file, $"tensor '{property.Name}' is listed twice");
                }

                if (property.Name == MetadataKey)
                {
                    foreach (var item in property.Value.EnumerateObject())
                    {
                        metadata[item.Name] = item.Value.ToString();
                    }
                }
                else
                {
                    entries.Add(ParseEntry(property, dataLength, file));
                }
            }

            CheckLayout(entries, dataLength, file);
            return entries;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw Bad(file, "its header is not the JSON it must be", e);
        }
    }

    private static Entry ParseEntry(JsonProperty property, long dataLength, string file)
    {
        var name = property.Name;
        var type = property.Value.GetProperty("dtype").GetString();
        var known = Array.Find(Types, t => t.Name == type);
        if (known.Name is null)
        {
            throw Bad(file, $"tensor '{name}' has the unknown type '{type}'");
        }

        var shape = property.Value.GetProperty("shape").EnumerateArray().Select(v => v.GetInt64()).ToArray();
        var offsets = property.Value.GetProperty("data_offsets").EnumerateArray().Select(v => v.GetInt64()).ToArray();
        if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0] || offsets[1] > dataLength)
        {
            throw Bad(file, $"the data of tensor '{name}' lies outside the {dataLength} bytes of data");
        }

        // 128 bits: the product of a hostile shape must not wrap round to the right size. A side of 0 must not hide that the others are too large.
        Int128 size = known.Size;
        foreach (var side in shape)
        {
            size = side < 0 || size > long.MaxValue ? Int128.MaxValue : size * Math.Max(side, 1);
            if (size == Int128.MaxValue)
            {
                break;
            }
        }

        size = size <= long.MaxValue && shape.Contains(0) ? 0 : size;

        if (size != offsets[1] - offsets[0])
        {
            throw Bad(file, $"tensor '{name}' of shape [{string.Join(", ", shape)}] does not fill its {offsets[1] - offsets[0]} bytes");
        }

        return new Entry(name, known.Type, shape, offsets[0], offsets[1]);
    }

    // As Python's safetensors: every byte belongs to exactly one tensor.
    private static void CheckLayout(List<Entry> entries, long dataLength, string file)
    {
        var end = 0L;
        foreach (var entry in entries.Where(e => e.End > e.Begin).OrderBy(e => e.Begin))
        {
            if (entry.Begin != end)
            {
                throw Bad(file, entry.Begin < end ? $"tensor '{entry.Name}' overlaps another" : $"bytes {end} to {entry.Begin} of its data belong to no tensor");
            }

            end = entry.End;
        }

        if (end != dataLength)
        {
            throw Bad(file, $"bytes {end} to {dataLength} of its data belong to no tensor");
        }
    }

    private static InvalidDataException Bad(string file, string why, Exception? inner = null) =>
        new($"{file} is not a usable safetensors file: {why}.", inner);

    private sealed record Entry(string Name, ScalarType Type, long[] Shape, long Begin, long End);
}
