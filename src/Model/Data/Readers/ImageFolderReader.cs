namespace MlTr.Model.Data.Readers;

/// <summary>Reads {split}/{class}/**: one class a picture, named by its folder.</summary>
public static class ImageFolderReader
{
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".webp"];

    /// <summary>Reads one split; the classes are the folders of all splits, so that they have the same columns in each.</summary>
    public static ImageSet Read(string path, string split, DatasetReadOptions options, CancellationToken ct = default)
    {
        var folder = Path.Combine(path, split);
        if (!Directory.Exists(folder))
        {
            throw new DatasetFormatException(folder, "there is no such folder");
        }

        var items = new List<LabelledPictures.Item>();
        foreach (var classFolder in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
        {
            ct.ThrowIfCancellationRequested();
            var name = Path.GetFileName(classFolder);
            items.AddRange(Directory.EnumerateFiles(classFolder, "*", SearchOption.AllDirectories)
                .Where(IsPicture)
                .Select(file => Path.GetRelativePath(path, file).Replace(Path.DirectorySeparatorChar, '/'))
                .Order(StringComparer.Ordinal)
                .Select(file => new LabelledPictures.Item(file, [name], [])));
        }

        var names = Directory.GetDirectories(path).SelectMany(Directory.GetDirectories).Select(one => Path.GetFileName(one)!);
        return LabelledPictures.ToSet(path, folder, items, names, options, ct);
    }

    internal static bool IsPicture(string file) => Extensions.Contains(Path.GetExtension(file).ToLowerInvariant());
}
