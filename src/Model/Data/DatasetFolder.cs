using MlTr.Model.Data.Readers;

namespace MlTr.Model.Data;

/// <summary>Opens a data set of any known format.</summary>
public static class DatasetFolder
{
    private static readonly (string Name, Func<string, string, DatasetReadOptions, CancellationToken, ImageSet> Read)[] Readers =
    [
        ("coco", CocoLayout.Read),
        ("voc", VocReader.Read),
        ("nuswide", NusWideReader.Read),
        ("webdataset", WebDatasetReader.Read),
        ("list", ListReader.Read),
        ("imagefolder", ImageFolderReader.Read),
    ];

    /// <summary>The names of all formats.</summary>
    public static IReadOnlyList<string> Formats { get; } = [.. Readers.Select(reader => reader.Name)];

    /// <summary>
    /// Opens one split; the format is found out from the folder where <paramref name="format"/> is null. Where the data set calls the split by
    /// another name of the same meaning (val for validation), that one is opened, and the set's name says so.
    /// </summary>
    public static ImageSet Open(string path, string? format, string split, DatasetReadOptions? options = null, CancellationToken ct = default)
    {
        if (!Directory.Exists(path))
        {
            throw new DatasetFormatException(path, "there is no such folder");
        }

        if (DatasetPaths.Normalise(split) is not { } clean || clean.Contains('/', StringComparison.Ordinal))
        {
            throw new DatasetFormatException(path, $"\"{split}\" is no name of a split");
        }

        format ??= Detect(path, split) ?? throw new DatasetFormatException(
            path, $"holds no data set with a split \"{split}\" in a known format; known are {string.Join(", ", Formats)}");
        var reader = Array.Find(Readers, reader => reader.Name == format);
        if (reader.Read is null)
        {
            throw new ArgumentException($"there is no format \"{format}\"; known are {string.Join(", ", Formats)}", nameof(format));
        }

        var own = DatasetSplits.Find(path, format, split) ?? split;
        var name = options?.Name ?? $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)))} {own}";
        return reader.Read(path, own, (options ?? new DatasetReadOptions()) with { Name = name }, ct);
    }

    /// <summary>The format that the folder's layout speaks for; null where none does.</summary>
    public static string? Detect(string path, string split) => Readers
        .Select(reader => reader.Name)
        .FirstOrDefault(format => DatasetSplits.Find(path, format, split) is not null);
}
