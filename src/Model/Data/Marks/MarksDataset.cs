using System.Security.Cryptography;
using System.Text.Json;
using SkiaSharp;

namespace MlTr.Model.Data.Marks;

/// <summary>
/// Draws the built-in data sets: marks of look-alike classes, with traps for a model that learns habits instead of shapes.
/// Layout: {root}/{train,validation,test}/*.png, {root}/annotations/{split}.json (MS-COCO), {root}/manifest.json.
/// </summary>
public static class MarksDataset
{
    /// <summary>Name of the file that is written last.</summary>
    public const string ManifestName = "manifest.json";

    private const int Format = 1;
    private static readonly MarksSplit[] Splits = [MarksSplit.Train, MarksSplit.Validation, MarksSplit.Test];

    /// <summary>
    /// Makes sure that the whole set lies in <paramref name="root"/>, and returns its manifest. Drawing happens beside the folder,
    /// which then takes its place at once; a second caller waits for the first, and what a crash left behind is swept away.
    /// </summary>
    public static MarksManifest Ensure(MarksPreset preset, string root, IProgress<DatasetProgress>? progress = null, CancellationToken ct = default) =>
        Ensure(preset, root, Environment.ProcessorCount, progress, ct);

    internal static MarksManifest Ensure(MarksPreset preset, string root, int threads, IProgress<DatasetProgress>? progress, CancellationToken ct)
    {
        root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        if (TryReadManifest(preset, root) is { } finished)
        {
            return finished;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(root)!);
        using var held = Lock(root + ".lock", ct);
        if (TryReadManifest(preset, root) is { } meanwhile)
        {
            return meanwhile;
        }

        RefuseForeignFolder(root);
        foreach (var left in Directory.GetDirectories(Path.GetDirectoryName(root)!, Path.GetFileName(root) + ".drawing-*"))
        {
            Directory.Delete(left, recursive: true);
        }

        var drawing = $"{root}.drawing-{Guid.NewGuid():N}";
        try
        {
            var manifest = Draw(preset, drawing, threads, progress, ct);
            if (Directory.Exists(root))
            {
                Directory.Delete(root, recursive: true);
            }

            Directory.Move(drawing, root);
            return manifest;
        }
        finally
        {
            if (Directory.Exists(drawing))
            {
                Directory.Delete(drawing, recursive: true);
            }
        }
    }

    /// <summary>The manifest of a finished set of any preset; null where there is none.</summary>
    public static MarksManifest? TryReadManifest(string root)
    {
        try
        {
            using var file = File.OpenRead(Path.Combine(root, ManifestName));
            return JsonSerializer.Deserialize(file, MarksJson.Default.MarksManifest);
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static MarksManifest? TryReadManifest(MarksPreset preset, string root) =>
        TryReadManifest(root) is { Format: Format } manifest && manifest.Preset == preset && Splits.All(split => IsWhole(preset, root, split))
            ? manifest
            : null;

    private static bool IsWhole(MarksPreset preset, string root, MarksSplit split)
    {
        var folder = Path.Combine(root, MarksPreset.FolderOf(split));
        return File.Exists(AnnotationPath(root, split))
            && Directory.Exists(folder)
            && Directory.EnumerateFiles(folder, "*.png").Count() == preset.CountOf(split);
    }

    private static string AnnotationPath(string root, MarksSplit split) => Path.Combine(root, "annotations", MarksPreset.FolderOf(split) + ".json");

    // The folder is replaced whole, so nothing of the user's own may lie in it.
    private static void RefuseForeignFolder(string root)
    {
        string[] known = ["train", "validation", "test", "annotations", ManifestName];
        if (Directory.Exists(root) && Directory.EnumerateFileSystemEntries(root).FirstOrDefault(e => !known.Contains(Path.GetFileName(e))) is { } foreign)
        {
            throw new DatasetFormatException(foreign, "this is no part of a set of marks; choose an empty folder to draw into");
        }
    }

    private static FileStream Lock(string path, CancellationToken ct)
    {
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                ct.WaitHandle.WaitOne(100); // another process is drawing
            }
        }
    }

    private static MarksManifest Draw(MarksPreset preset, string folder, int threads, IProgress<DatasetProgress>? progress, CancellationToken ct)
    {
        var total = preset.Train + preset.Validation + preset.Test;
        var done = 0;
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Directory.CreateDirectory(Path.Combine(folder, "annotations"));
        foreach (var split in Splits)
        {
            var pictures = Path.Combine(folder, MarksPreset.FolderOf(split));
            Directory.CreateDirectory(pictures);
            var plan = LabelPlan.Make(preset, split);
            var marks = new List<Mark>[plan.Length];
            var hashes = new byte[plan.Length][];
            Parallel.For(0, plan.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = ct }, i =>
            {
                var picture = MarksPicture.Draw(preset, split, i, plan[i]);
                marks[i] = picture.Marks;
                hashes[i] = SHA256.HashData(picture.Pixels);
                WritePng(Path.Combine(pictures, MarksAnnotations.FileName(i)), picture.Pixels, preset.ImageSize);
                if (Interlocked.Increment(ref done) is var now && (now % 100 == 0 || now == total))
                {
                    progress?.Report(new DatasetProgress("Drawing", now, total));
                }
            });
            foreach (var hash in hashes)
            {
                digest.AppendData(hash);
            }

            MarksAnnotations.Write(AnnotationPath(folder, split), preset, split, marks);
        }

        var manifest = new MarksManifest(
            Format, preset, Convert.ToHexStringLower(digest.GetHashAndReset()), preset.Classes,
            [.. preset.LookAlikes.Select(pair => (IReadOnlyList<string>)[pair.A, pair.B])], Traps(preset));
        File.WriteAllText(Path.Combine(folder, ManifestName), JsonSerializer.Serialize(manifest, MarksJson.Default.MarksManifest));
        return manifest;
    }

    private static List<MarksTrap> Traps(MarksPreset preset)
    {
        var traps = new List<MarksTrap>();
        if (preset.Classes.Contains("cross"))
        {
            traps.Add(new("cross", "cross", "triangle", LabelPlan.TriangleWithCross(MarksSplit.Train), LabelPlan.TriangleWithCross(MarksSplit.Test)));
        }

        if (preset.Classes.Contains("star6"))
        {
            traps.Add(new("stars", "star5", "star6", 0, LabelPlan.StarsTogether));
        }

        return traps;
    }

    private static void WritePng(string path, byte[] pixels, int side)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(side, side, SKColorType.Rgb888x, SKAlphaType.Opaque));
        var target = bitmap.GetPixelSpan();
        for (var i = 0; i < side * side; i++)
        {
            (target[4 * i], target[(4 * i) + 1], target[(4 * i) + 2], target[(4 * i) + 3]) =
                (pixels[3 * i], pixels[(3 * i) + 1], pixels[(3 * i) + 2], 255);
        }

        using var pixmap = bitmap.PeekPixels() ?? throw new InvalidOperationException("the drawing surface has no pixels");
        using var data = pixmap.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.Sub, 3)) ?? throw new IOException($"{path}: could not be encoded");
        using var file = File.Create(path);
        data.SaveTo(file);
    }
}
