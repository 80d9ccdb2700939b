using System.Formats.Tar;
using System.Text;
using System.Text.Json;

namespace MlTr.Model.Data.Readers;

/// <summary>
/// Reads WebDataset archives, {split}*.tar (no letter following) or {split}/*.tar: members of one key belong together, key.jpg (png, webp) beside
/// key.json ({"labels": [..]}), or key.cls or key.txt with a label a line. Pictures stay in the archive and are read from there.
/// </summary>
public static class WebDatasetReader
{
    private const int MaxLabelBytes = 1 << 20;

    /// <summary>Reads one split; the classes come from classes.txt or from all archives of the folder.</summary>
    public static ImageSet Read(string path, string split, DatasetReadOptions options, CancellationToken ct = default)
    {
        var tars = Tars(path, split);
        var all = Directory.GetFiles(path, "*.tar", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToDictionary(tar => tar, tar => ReadTar(path, tar, ct));
        var items = tars.SelectMany(tar => all[tar]).ToList();
        return LabelledPictures.ToSet(path, tars.Count > 0 ? tars[0] : path, items, all.Values.SelectMany(one => one).SelectMany(item => item.Present), options, ct);
    }

    internal static List<string> Tars(string path, string split)
    {
        var below = Path.Combine(path, split);
        string[] tars = [.. Directory.GetFiles(path, split + "*.tar").Where(tar => !IsOfAnother(split, tar)), .. Directory.Exists(below) ? Directory.GetFiles(below, "*.tar") : []];
        return [.. tars.Order(StringComparer.Ordinal)];
    }

    // train-0.tar, train0.tar and train.tar are shards of train; trainval-0.tar is not.
    private static bool IsOfAnother(string split, string tar) => char.IsLetter(Path.GetFileName(tar)[split.Length]);

    private static List<LabelledPictures.Item> ReadTar(string root, string tar, CancellationToken ct)
    {
        var (pictures, labels) = (new List<(string Key, string Name, long Offset, int Length)>(), new Dictionary<string, IReadOnlyList<string>>());
        try
        {
            using var stream = File.OpenRead(tar);
            using var reader = new TarReader(stream);
            while (reader.GetNextEntry() is { } entry)
            {
                ct.ThrowIfCancellationRequested();
                if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || entry.Length > int.MaxValue)
                {
                    continue; // folders; a link could lead anywhere
                }

                var (key, ending) = Split(entry.Name);
                if (ImageFolderReader.IsPicture("." + ending))
                {
                    pictures.Add((key, entry.Name, entry.DataOffset, (int)entry.Length));
                }
                else if (ending is "json" or "cls" or "txt")
                {
                    labels[key] = ReadLabels(tar, entry, ending);
                }
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new DatasetFormatException(tar, "is no whole tar archive: " + e.Message, e);
        }

        var name = Path.GetRelativePath(root, tar).Replace(Path.DirectorySeparatorChar, '/');
        return [.. pictures.Select(picture => new LabelledPictures.Item(
            $"{name}/{picture.Name}",
            labels.GetValueOrDefault(picture.Key) ?? throw new DatasetFormatException(tar, $"{picture.Name} has no labels (.json, .cls or .txt)"),
            [],
            () => ReadBytes(tar, picture.Offset, picture.Length),
            Path.GetFullPath(tar)))];
    }

    // The key ends at the first dot of the file's name, as in WebDataset itself.
    private static (string Key, string Ending) Split(string name)
    {
        var dot = name.IndexOf('.', name.LastIndexOf('/') + 1);
        return dot < 0 ? (name, "") : (name[..dot], name[(dot + 1)..].ToLowerInvariant());
    }

    private static List<string> ReadLabels(string tar, TarEntry entry, string ending)
    {
        if (entry.Length > MaxLabelBytes)
        {
            throw new DatasetFormatException(tar, $"{entry.Name} is too large to be labels");
        }

        using var buffer = new MemoryStream();
        entry.DataStream?.CopyTo(buffer);
        if (ending != "json")
        {
            return [.. Encoding.UTF8.GetString(buffer.ToArray()).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        }

        try
        {
            using var json = JsonDocument.Parse(buffer.ToArray());
            return [.. json.RootElement.GetProperty("labels").EnumerateArray().Select(name => name.GetString() ?? throw new JsonException("labels holds null"))];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new DatasetFormatException(tar, $"{entry.Name} must be an object with labels: {e.Message}", e);
        }
    }

    private static byte[] ReadBytes(string tar, long offset, int length)
    {
        using var file = File.OpenHandle(tar);
        if (offset + length > RandomAccess.GetLength(file))
        {
            throw new BadPictureException("the archive ends before the picture does");
        }

        var bytes = new byte[length];
        for (var at = 0; at < length;)
        {
            var read = RandomAccess.Read(file, bytes.AsSpan(at), offset + at);
            at += read > 0 ? read : throw new BadPictureException("the archive ends before the picture does");
        }

        return bytes;
    }
}
