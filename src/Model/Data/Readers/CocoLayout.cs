namespace MlTr.Model.Data.Readers;

/// <summary>Finds instances file and pictures of a split: annotations/[instances_]split[year].json beside split[year]/.</summary>
internal static class CocoLayout
{
    private static readonly string[] Years = ["", "2014", "2017"];

    public static (string File, string Images)? TryFind(string path, string split)
    {
        foreach (var name in Years.Select(year => split + year))
        {
            foreach (var prefix in (string[])["", "instances_"])
            {
                var file = Path.Combine(path, "annotations", $"{prefix}{name}.json");
                if (File.Exists(file))
                {
                    string[] folders = [Path.Combine(path, name), Path.Combine(path, "images", name), Path.Combine(path, "images"), path];
                    return (file, folders.First(Directory.Exists));
                }
            }
        }

        return null;
    }

    public static ImageSet Read(string path, string split, DatasetReadOptions options, CancellationToken ct)
    {
        var (file, images) = TryFind(path, split)
            ?? throw new DatasetFormatException(Path.Combine(path, "annotations"), $"holds no instances file of a split \"{split}\"");
        return CocoReader.Read(file, images, options, ct);
    }
}
