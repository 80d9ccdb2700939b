using MlTr.Model.Data;
using MlTr.Model.Data.Readers;

namespace MlTr.Bench;

/// <summary><c>malformed FOLDER</c>: what the readers say of each malformed file, as the rows of a Markdown table.</summary>
internal static class MalformedVerb
{
    private static readonly DatasetReadOptions AnyShare = new() { MaxBadShare = 1 };

    public static int Run(string folder)
    {
        if (!Directory.Exists(Path.Combine(folder, "coco")))
        {
            Console.Error.WriteLine($"{folder} has no folder coco: name a folder with coco/*.json and voc/, such as tests/Model.Tests/Data/Samples/malformed.");
            return 1;
        }

        Console.WriteLine("| file | what is said |\n| --- | --- |");
        var images = Path.Combine(folder, "coco/images");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(folder, "coco"), "*.json").Order(StringComparer.Ordinal))
        {
            Say($"coco/{Path.GetFileName(file)}", () => CocoReader.Read(file, images, AnyShare));
        }

        foreach (var split in new[] { "trainval", "val" })
        {
            Say($"voc, {split}", () => VocReader.Read(Path.Combine(folder, "voc"), split, AnyShare));
        }

        return 0;
    }

    private static void Say(string name, Func<ImageSet> read)
    {
        try
        {
            var set = read();
            Row(name, $"read: {set.Images.Count} pictures, {set.Quarantined.Count} set aside");
            foreach (var bad in set.Quarantined)
            {
                Row($"- {bad.Path}", bad.Reason);
            }
        }
        catch (DatasetFormatException error)
        {
            Row(name, $"refused: {error.Message}");
        }
    }

    private static void Row(string name, string said) => Console.WriteLine($"| `{name}` | {Short(said).Replace("|", "\\|", StringComparison.Ordinal)} |");

    /// <summary>Messages name the whole path of a file; the table needs its name only.</summary>
    private static string Short(string said) => said.Replace(AppContext.BaseDirectory, "", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
