namespace MlTr.Model.Data.Readers;

/// <summary>
/// Reads NUS-WIDE: ImageList/{Train,Test}Imagelist.txt, one 0 or 1 a line for each picture and concept in
/// Groundtruth/TrainTestLabels. A list that is too short or long would shift every label after it, so it stops the reading.
/// </summary>
public static class NusWideReader
{
    private const int Concepts = 81;

    /// <summary>Reads the split "train" or "test"; "val" and "validation" also mean test.</summary>
    public static ImageSet Read(string path, string split, DatasetReadOptions options, CancellationToken ct = default)
    {
        var part = split switch
        {
            "train" => "Train",
            "test" or "val" or "validation" => "Test",
            _ => throw new DatasetFormatException(path, $"NUS-WIDE has the splits train and test, not \"{split}\""),
        };
        var concepts = Lines(path, "ConceptsList/Concepts81.txt");
        if (concepts.Count != Concepts || concepts.Distinct().Count() != Concepts)
        {
            throw new DatasetFormatException(
                Path.Combine(path, "ConceptsList/Concepts81.txt"), FormattableString.Invariant($"must name {Concepts} different concepts, not {concepts.Distinct().Count()}"));
        }

        var list = Path.Combine(path, $"ImageList/{part}Imagelist.txt");
        var pictures = Lines(path, $"ImageList/{part}Imagelist.txt")
            .Select((line, i) => DatasetPaths.Normalise(line)
                ?? throw new DatasetFormatException(list, FormattableString.Invariant($"line {i + 1}: \"{line}\" leads outside the data set's folder")))
            .ToList();
        if (pictures.Count == 0)
        {
            throw new DatasetFormatException(list, "lists no picture");
        }

        var entries = pictures.Select(picture => new ImageEntry("Flickr/" + picture, 0, 0, new sbyte[Concepts], null)).ToList();
        for (var k = 0; k < Concepts; k++)
        {
            ct.ThrowIfCancellationRequested();
            ReadLabels(path, $"Groundtruth/TrainTestLabels/Labels_{concepts[k]}_{part}.txt", entries, k);
        }

        var kept = options.KeepUnlabelled ?? true ? entries : entries.Where(entry => entry.Labels.Contains((sbyte)1)).ToList();
        return PictureCheck.Apply(new ImageSet(options.Name ?? split, Path.GetFullPath(path), concepts, kept, SizeLimits.Coco, []), options, ct);
    }

    private static void ReadLabels(string path, string name, List<ImageEntry> entries, int k)
    {
        var lines = Lines(path, name);
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i] is not ("0" or "1"))
            {
                throw new DatasetFormatException(Path.Combine(path, name), FormattableString.Invariant($"line {i + 1}: must be 0 or 1, not \"{lines[i]}\""));
            }

            if (i < entries.Count)
            {
                entries[i].Labels[k] = (sbyte)(lines[i][0] - '0');
            }
        }

        if (lines.Count != entries.Count)
        {
            throw new DatasetFormatException(Path.Combine(path, name), FormattableString.Invariant($"has {lines.Count} lines for {entries.Count} pictures"));
        }
    }

    // Blank lines count only between others, where they would be a label that is missing.
    private static List<string> Lines(string path, string name)
    {
        var file = DatasetPaths.Normalise(name) is { } clean ? DatasetPaths.Resolve(path, clean) : Path.Combine(path, name);
        if (!File.Exists(file))
        {
            throw new DatasetFormatException(Path.Combine(path, name), "the file is missing");
        }

        var lines = File.ReadLines(file).Select(line => line.Trim()).ToList();
        while (lines.Count > 0 && lines[^1].Length == 0)
        {
            lines.RemoveAt(lines.Count - 1);
        }

        return lines;
    }
}
