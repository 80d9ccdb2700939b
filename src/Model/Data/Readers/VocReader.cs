using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace MlTr.Model.Data.Readers;

/// <summary>
/// Reads Pascal VOC: the pictures of ImageSets/Main/{split}.txt, labelled by their XML files. A class whose only objects in a
/// picture are "difficult" is present in train and trainval and unknown elsewhere. A picture is found by its id alone.
/// </summary>
public static class VocReader
{
    /// <summary>The 20 classes, in the order of the published results.</summary>
    public static IReadOnlyList<string> Classes { get; } =
    [
        "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog", "horse",
        "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
    ];

    /// <summary>Reads one split; <paramref name="path"/> is the folder VOC2007 itself, VOCdevkit, or what holds it.</summary>
    public static ImageSet Read(string path, string split, DatasetReadOptions options, CancellationToken ct = default)
    {
        var root = TryFindRoot(path) ?? throw new DatasetFormatException(path, "holds no VOC folder with ImageSets/Main and Annotations");
        var training = split is "train" or "trainval";
        var (entries, bad) = (new List<ImageEntry>(), new List<BadFile>());
        var ids = ReadIds(Path.Combine(root, "ImageSets", "Main", split + ".txt"));
        foreach (var id in ids)
        {
            ct.ThrowIfCancellationRequested();
            try
            {
                entries.Add(ReadPicture(root, id, training, options.KeepBoxes));
            }
            catch (DatasetFormatException e)
            {
                bad.Add(new BadFile($"Annotations/{id}.xml", e.Reason));
            }
        }

        if (bad.Count > options.MaxBadShare * ids.Count)
        {
            throw new DatasetFormatException(Path.Combine(root, bad[0].Path), FormattableString.Invariant($"{bad[0].Reason}; {bad.Count} of {ids.Count} files are bad"));
        }

        var kept = options.KeepUnlabelled ?? true ? entries : entries.Where(entry => entry.Labels.Any(label => label != 0)).ToList();
        return PictureCheck.Apply(new ImageSet(options.Name ?? split, root, Classes, kept, SizeLimits.Coco, bad), options with { CheckSizes = false }, ct);
    }

    internal static string? TryFindRoot(string path)
    {
        var devkit = Path.Combine(path, "VOCdevkit");
        string[] candidates = [path, .. Below(path), .. Below(devkit)];
        return candidates.FirstOrDefault(folder => Directory.Exists(Path.Combine(folder, "ImageSets", "Main")));

        static IEnumerable<string> Below(string folder) =>
            Directory.Exists(folder) ? Directory.GetDirectories(folder, "VOC*").Order(StringComparer.Ordinal) : [];
    }

    private static List<string> ReadIds(string file)
    {
        if (!File.Exists(file))
        {
            throw new DatasetFormatException(file, "the file is missing");
        }

        var ids = new List<string>();
        var line = 0;
        foreach (var id in File.ReadLines(file).Select(text => text.Trim()))
        {
            line++;
            if (id.Length == 0)
            {
                continue;
            }

            var clean = DatasetPaths.Normalise(id);
            if (clean is null || clean.Contains('/', StringComparison.Ordinal) || id.Contains(' ', StringComparison.Ordinal))
            {
                throw new DatasetFormatException(file, FormattableString.Invariant($"line {line}: \"{id}\" is no picture id"));
            }

            ids.Add(id);
        }

        var twice = ids.GroupBy(id => id).FirstOrDefault(group => group.Count() > 1);
        return ids.Count == 0 ? throw new DatasetFormatException(file, "lists no picture")
            : twice is not null ? throw new DatasetFormatException(file, $"lists {twice.Key} twice")
            : ids;
    }

    private static ImageEntry ReadPicture(string root, string id, bool training, bool keepBoxes)
    {
        var file = DatasetPaths.Resolve(root, $"Annotations/{id}.xml");
        var annotation = Load(file);
        if (annotation.Element("filename")?.Value.Trim() is { Length: > 0 } name && Path.GetFileNameWithoutExtension(name) != id)
        {
            throw new DatasetFormatException(file, $"belongs to {name}");
        }

        var boxes = new List<ImageBox>();
        var (labels, sizes) = (new sbyte[Classes.Count], new byte[Classes.Count]);
        foreach (var item in annotation.Elements("object"))
        {
            var called = item.Element("name")?.Value.Trim() ?? "";
            var k = Classes.ToList().IndexOf(called);
            if (k < 0)
            {
                throw new DatasetFormatException(file, $"\"{called}\" is none of the 20 classes");
            }

            var label = item.Element("difficult")?.Value.Trim() == "1" && !training ? (sbyte)-1 : (sbyte)1;
            labels[k] = labels[k] == 1 ? (sbyte)1 : label;
            var box = Box(file, item) with { Class = k };
            sizes[k] = Math.Max(sizes[k], SizeLimits.Coco.SizeOf(box.Width * box.Height));
            boxes.Add(box);
        }

        var size = annotation.Element("size");
        return new ImageEntry($"JPEGImages/{id}.jpg", Pixels(size?.Element("width")), Pixels(size?.Element("height")), labels, sizes) { Boxes = keepBoxes ? boxes : null };
    }

    // A document type could name files to read or grow without end, and VOC has none.
    private static XElement Load(string file)
    {
        try
        {
            using var reader = XmlReader.Create(file, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            var root = XElement.Load(reader);
            return root.Name == "annotation" ? root : throw new DatasetFormatException(file, $"holds <{root.Name}> in place of <annotation>");
        }
        catch (FileNotFoundException e)
        {
            throw new DatasetFormatException(file, "the file is missing", e);
        }
        catch (XmlException e)
        {
            throw new DatasetFormatException(file, $"is no valid XML: {e.Message}", e);
        }
    }

    private static int Pixels(XElement? element) =>
        int.TryParse(element?.Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) && value > 0 ? value : 0;

    private static ImageBox Box(string file, XElement item)
    {
        Span<double> box = stackalloc double[4];
        string[] sides = ["xmin", "ymin", "xmax", "ymax"];
        for (var i = 0; i < 4; i++)
        {
            if (!double.TryParse(item.Element("bndbox")?.Element(sides[i])?.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out box[i]) || !double.IsFinite(box[i]))
            {
                throw new DatasetFormatException(file, $"{sides[i]} of a box is no number");
            }
        }

        return box[2] >= box[0] && box[3] >= box[1]
            ? new ImageBox(0, box[0] - 1, box[1] - 1, box[2] - box[0] + 1, box[3] - box[1] + 1) // counted from 1, and both ends belong to the box
            : throw new DatasetFormatException(file, "a box ends before it starts");
    }
}
