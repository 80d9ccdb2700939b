namespace MlTr.Model.Data.Readers;

/// <summary>Turns pictures with label names into a set; the classes are those of classes.txt, or all names found, sorted.</summary>
internal static class LabelledPictures
{
    public sealed record Item(string Path, IReadOnlyCollection<string> Present, IReadOnlyCollection<string> Unknown, Func<byte[]>? Open = null, string? Archive = null);

    public static ImageSet ToSet(string root, string source, List<Item> items, IEnumerable<string> names, DatasetReadOptions options, CancellationToken ct)
    {
        if (items.Count == 0)
        {
            throw new DatasetFormatException(source, "holds no picture");
        }

        if (items.GroupBy(item => item.Path).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new DatasetFormatException(source, $"lists {twice.Key} twice");
        }

        var classes = ReadClasses(root) ?? [.. names.Distinct().Order(StringComparer.Ordinal)];
        if (classes.Count == 0)
        {
            throw new DatasetFormatException(source, "names no class");
        }

        var index = classes.Select((name, k) => (name, k)).ToDictionary(pair => pair.name, pair => pair.k);
        var entries = new List<ImageEntry>();
        foreach (var item in items)
        {
            var labels = new sbyte[classes.Count];
            foreach (var (name, label) in item.Unknown.Select(name => (name, (sbyte)-1)).Concat(item.Present.Select(name => (name, (sbyte)1))))
            {
                labels[index.TryGetValue(name, out var k) ? k : throw new DatasetFormatException(source, $"{item.Path} has the label \"{name}\", which classes.txt does not name")] = label;
            }

            entries.Add(new ImageEntry(item.Path, 0, 0, labels, null) { Open = item.Open, Archive = item.Archive });
        }

        var kept = options.KeepUnlabelled ?? true ? entries : entries.Where(entry => entry.Labels.Contains((sbyte)1)).ToList();
        return PictureCheck.Apply(new ImageSet(options.Name ?? source, Path.GetFullPath(root), classes, kept, SizeLimits.Coco, []), options, ct);
    }

    private static List<string>? ReadClasses(string root)
    {
        var file = Path.Combine(root, "classes.txt");
        if (!File.Exists(file))
        {
            return null;
        }

        var classes = File.ReadLines(file).Select(line => line.Trim()).Where(line => line.Length > 0).ToList();
        return classes.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new DatasetFormatException(file, $"names {twice.Key} twice")
            : classes;
    }
}
