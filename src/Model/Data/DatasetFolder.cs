using MlTr.Model.Data.Readers;

namespace MlTr.Model.Data;

/// <summary>Opens a data set of any known format.</summary>
public static class DatasetFolder
{
    private static readonly (string Name, Func<string, string, bool> Fits, Func<string, string, DatasetReadOptions, CancellationToken, ImageSet> Read)[] Readers =
    [
        ("coco", (path, split) => CocoLayout.TryFind(path, split) is not null, CocoLayout.Read),
        ("voc", (path, _) => VocReader.TryFindRoot(path) is not null, VocReader.Read),
        ("nuswide", (path, _) => Directory.Exists(Path.Combine(path, "ImageList")), NusWideReader.Read),
        ("webdataset", (path, split) => WebDatasetReader.Tars(path, split).Count > 0, WebDatasetReader.Read),
        ("list", (path, split) => ListReader.TryFind(path, split) is not null, ListReader.Read),
        ("imagefolder", (path, split) => Directory.Exists(Path.Combine(path, split)), ImageFolderReader.Read),
    ];

    /// <summary>The names of all formats.</summary>
    public static IReadOnlyList<string> Formats { get; } = [.. Readers.Select(reader => reader.Name)];

    /// <summary>Opens one split; the format is found out from the folder where <paramref name="format"/> is null.</summary>
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
        return reader.Read is null
            ? throw new ArgumentException($"there is no format \"{format}\"; known are {string.Join(", ", Formats)}", nameof(format))
            : reader.Read(
                path, split, (options ?? new DatasetReadOptions()) with { Name = options?.Name ?? $"{Path.GetFileName(Path.GetFullPath(path))} {split}" }, ct);
    }

    /// <summary>The format that the folder's layout speaks for; null where none does.</summary>
    public static string? Detect(string path, string split) => Array.Find(Readers, reader => reader.Fits(path, split)).Name;
}
