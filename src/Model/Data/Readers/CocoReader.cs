using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Text.Json;

namespace MlTr.Model.Data.Readers;

/// <summary>
/// Reads MS-COCO instance files. The file is mapped, not loaded, and read token by token: the half gigabyte of outlines in
/// the original is passed over. Classes come in the order of their category ids; crowds count like other annotations.
/// </summary>
public static class CocoReader
{
    /// <summary>Reads one instances file whose pictures lie in <paramref name="imageFolder"/>.</summary>
    public static ImageSet Read(string file, string imageFolder, DatasetReadOptions? options = null, CancellationToken ct = default)
    {
        options ??= new DatasetReadOptions();
        var found = Scan(file, ct);
        var set = new ImageSet(
            options.Name ?? Path.GetFileNameWithoutExtension(file), Path.GetFullPath(imageFolder), [], [], found.SizeLimits ?? SizeLimits.Coco, []);
        return PictureCheck.Apply(Join(file, found, set, options), options, ct);
    }

    private sealed class Found
    {
        public List<(long Id, string Path, int Width, int Height)>? Images { get; set; }

        public List<(long Id, long ImageId, long CategoryId, double Area, ImageBox? Box)>? Annotations { get; set; }

        public List<(long Id, string Name)>? Categories { get; set; }

        public SizeLimits? SizeLimits { get; set; }
    }

    private static unsafe Found Scan(string file, CancellationToken ct)
    {
        var info = new FileInfo(file);
        if (!info.Exists)
        {
            throw new DatasetFormatException(file, "the file is missing");
        }

        if (info.Length is 0 or > int.MaxValue)
        {
            throw new DatasetFormatException(file, info.Length == 0 ? "the file is empty" : "the file is larger than 2 GiB; split it");
        }

        using var mapped = MemoryMappedFile.CreateFromFile(file, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        using var view = mapped.CreateViewAccessor(0, info.Length, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            return Scan(file, new ReadOnlySpan<byte>(start, (int)info.Length), ct);
        }
        catch (JsonException e)
        {
            throw new DatasetFormatException(file, string.Create(
                CultureInfo.InvariantCulture, $"is no valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine}: {e.Message.Split(" LineNumber")[0]}"), e);
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    private static Found Scan(string file, ReadOnlySpan<byte> bytes, CancellationToken ct)
    {
        bytes = bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        var json = new Utf8JsonReader(bytes);
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            throw new DatasetFormatException(file, "must be an object with images, annotations and categories");
        }

        var found = new Found();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString();
            json.Read();
            switch (name)
            {
                case "images":
                    found.Images = ReadList(file, ref json, name, ReadImage, ct);
                    break;
                case "annotations":
                    found.Annotations = ReadList(file, ref json, name, ReadAnnotation, ct);
                    break;
                case "categories":
                    found.Categories = ReadList(file, ref json, name, ReadCategory, ct);
                    break;
                case "info":
                    found.SizeLimits = ReadSizeLimits(file, ref json);
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        json.Read(); // anything behind the closing brace is an error
        return found;
    }

    private static ImageSet Join(string file, Found found, ImageSet set, DatasetReadOptions options)
    {
        var categories = Required(found.Categories, "categories").OrderBy(category => category.Id).ToList();
        var classOf = Unique(categories.Select((category, k) => (category.Id, k)), "category id");
        Unique(categories.Select(category => (category.Name, 0)), "category name");
        var images = Required(found.Images, "images");
        var rowOf = Unique(images.Select((image, i) => (image.Id, i)), "image id");
        Unique(images.Select(image => (image.Path, 0)), "file_name");
        var annotations = found.Annotations ?? throw new DatasetFormatException(file, "has no annotations");
        Unique(annotations.Select(annotation => (annotation.Id, 0)), "annotation id");

        var entries = images
            .Select(image => new ImageEntry(image.Path, image.Width, image.Height, new sbyte[categories.Count], new byte[categories.Count]))
            .ToList();
        var boxes = options.KeepBoxes ? entries.ConvertAll(_ => new List<ImageBox>()) : null;
        foreach (var (id, imageId, categoryId, area, box) in annotations)
        {
            var row = rowOf.TryGetValue(imageId, out var i) ? i : throw Fail($"annotation {id} belongs to image {imageId}, which is not listed");
            var k = classOf.TryGetValue(categoryId, out var c) ? c : throw Fail($"annotation {id} has category {categoryId}, which is not listed");
            entries[row].Labels[k] = 1;
            entries[row].Sizes![k] = Math.Max(entries[row].Sizes![k], set.SizeLimits.SizeOf(area));
            if (box is { } place)
            {
                boxes?[row].Add(place with { Class = k });
            }
        }

        if (boxes is not null)
        {
            entries = [.. entries.Zip(boxes, (entry, found) => entry with { Boxes = found })];
        }

        return set with
        {
            Classes = [.. categories.Select(category => category.Name)],
            Images = options.KeepUnlabelled ?? found.SizeLimits is not null ? entries : [.. entries.Where(entry => entry.Labels.Contains((sbyte)1))],
        };

        DatasetFormatException Fail(FormattableString reason) => new(file, FormattableString.Invariant(reason));

        List<T> Required<T>(List<T>? list, string name) =>
            list is { Count: > 0 } ? list : throw new DatasetFormatException(file, $"has no {name}");

        Dictionary<TKey, int> Unique<TKey>(IEnumerable<(TKey Key, int Value)> items, string what)
            where TKey : notnull
        {
            var seen = new Dictionary<TKey, int>();
            foreach (var (key, value) in items)
            {
                if (!seen.TryAdd(key, value))
                {
                    throw Fail($"{what} {key} occurs twice");
                }
            }

            return seen;
        }
    }

    private delegate T ReadItem<T>(string file, ref Utf8JsonReader json);

    private static List<T> ReadList<T>(string file, ref Utf8JsonReader json, string name, ReadItem<T> read, CancellationToken ct)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            throw At(file, ref json, $"{name} must be a list");
        }

        var list = new List<T>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.StartObject)
            {
                throw At(file, ref json, $"{name} must be a list of objects");
            }

            if (list.Count % 4096 == 0)
            {
                ct.ThrowIfCancellationRequested();
            }

            list.Add(read(file, ref json));
        }

        return list;
    }

    private static (long Id, string Path, int Width, int Height) ReadImage(string file, ref Utf8JsonReader json)
    {
        (long? id, string? name, long width, long height) = (null, null, 0, 0);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = Key(ref json);
            switch (key)
            {
                case "id": id = Whole(file, ref json, "image id"); break;
                case "file_name": name = Text(file, ref json, "file_name"); break;
                case "width": width = Whole(file, ref json, "width"); break;
                case "height": height = Whole(file, ref json, "height"); break;
                default: json.Skip(); break;
            }
        }

        if (id is null || name is null)
        {
            throw At(file, ref json, "an image lacks its id or file_name");
        }

        if (width is < 0 or > int.MaxValue || height is < 0 or > int.MaxValue)
        {
            throw At(file, ref json, FormattableString.Invariant($"image {id} cannot be {width} x {height} pixels"));
        }

        var path = DatasetPaths.Normalise(name) ?? throw At(file, ref json, $"file_name \"{name}\" leads outside the data set's folder");
        return (id.Value, path, (int)width, (int)height);
    }

    private static (long Id, long ImageId, long CategoryId, double Area, ImageBox? Box) ReadAnnotation(string file, ref Utf8JsonReader json)
    {
        (long? id, long? image, long? category, double? area, ImageBox? box) = (null, null, null, null, null);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = Key(ref json);
            switch (key)
            {
                case "id": id = Whole(file, ref json, "annotation id"); break;
                case "image_id": image = Whole(file, ref json, "image_id"); break;
                case "category_id": category = Whole(file, ref json, "category_id"); break;
                case "area": area = Number(file, ref json, "area"); break;
                case "bbox": box = ReadBox(file, ref json); break;
                default: json.Skip(); break;
            }
        }

        if (id is null || image is null || category is null)
        {
            throw At(file, ref json, "an annotation lacks its id, image_id or category_id");
        }

        var size = area ?? (box?.Width * box?.Height) ?? throw At(file, ref json, FormattableString.Invariant($"annotation {id} has neither area nor bbox"));
        return (id.Value, image.Value, category.Value, size, box);
    }

    // A box without width occurs in the original and does no harm; a negative one is a mistake.
    private static ImageBox ReadBox(string file, ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            throw At(file, ref json, "bbox must be a list of four numbers");
        }

        Span<double> box = stackalloc double[4];
        var count = 0;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (count == 4 || json.TokenType != JsonTokenType.Number || !json.TryGetDouble(out box[count++]))
            {
                throw At(file, ref json, "bbox must be a list of four numbers");
            }
        }

        return count != 4 ? throw At(file, ref json, FormattableString.Invariant($"bbox must be a list of four numbers, not {count}"))
            : box[2] < 0 || box[3] < 0 ? throw At(file, ref json, "bbox has a negative width or height")
            : new ImageBox(0, box[0], box[1], box[2], box[3]);
    }

    private static (long Id, string Name) ReadCategory(string file, ref Utf8JsonReader json)
    {
        (long? id, string? name) = (null, null);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = Key(ref json);
            switch (key)
            {
                case "id": id = Whole(file, ref json, "category id"); break;
                case "name": name = Text(file, ref json, "category name"); break;
                default: json.Skip(); break;
            }
        }

        return id is not null && !string.IsNullOrWhiteSpace(name) ? (id.Value, name) : throw At(file, ref json, "a category lacks its id or name");
    }

    private static SizeLimits? ReadSizeLimits(string file, ref Utf8JsonReader json)
    {
        using var info = JsonDocument.ParseValue(ref json);
        if (info.RootElement.ValueKind != JsonValueKind.Object || !info.RootElement.TryGetProperty("mltr", out var ours)
            || ours.ValueKind != JsonValueKind.Object || !ours.TryGetProperty("size_limits", out var limits))
        {
            return null;
        }

        return limits.ValueKind == JsonValueKind.Array && limits.GetArrayLength() == 2
            && limits[0].TryGetDouble(out var medium) && limits[1].TryGetDouble(out var large) && medium > 0 && large > medium
            ? new SizeLimits(medium, large)
            : throw new DatasetFormatException(file, "info.mltr.size_limits must be two rising areas");
    }

    private static string? Key(ref Utf8JsonReader json)
    {
        var key = json.GetString();
        json.Read();
        return key;
    }

    private static long Whole(string file, ref Utf8JsonReader json, string what) =>
        json.TokenType == JsonTokenType.Number && json.TryGetInt64(out var value) ? value : throw At(file, ref json, $"{what} must be a whole number");

    private static double Number(string file, ref Utf8JsonReader json, string what) =>
        json.TokenType == JsonTokenType.Number && json.TryGetDouble(out var value) && value >= 0 && double.IsFinite(value)
            ? value
            : throw At(file, ref json, $"{what} must be a number that is not negative");

    private static string Text(string file, ref Utf8JsonReader json, string what) =>
        json.TokenType == JsonTokenType.String && json.GetString() is { Length: > 0 } text ? text : throw At(file, ref json, $"{what} must be a text");

    private static DatasetFormatException At(string file, ref Utf8JsonReader json, string reason) =>
        new(file, FormattableString.Invariant($"{reason} (at byte {json.TokenStartIndex})"));
}
