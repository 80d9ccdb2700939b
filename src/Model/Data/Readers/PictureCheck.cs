using System.Globalization;
using System.Runtime.ExceptionServices;

namespace MlTr.Model.Data.Readers;

/// <summary>Sets aside the pictures that cannot be opened, and gives up where too many cannot.</summary>
internal static class PictureCheck
{
    public static ImageSet Apply(ImageSet set, DatasetReadOptions options, CancellationToken ct)
    {
        var reasons = new string?[set.Images.Count];
        try
        {
            Parallel.For(0, reasons.Length, new ParallelOptions { CancellationToken = ct }, i => reasons[i] = Check(set, set.Images[i], options));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.Flatten().InnerExceptions[0]); // the first says it as one thread would have
        }

        return SetAside(set, reasons, options);
    }

    /// <summary>Leaves out the pictures that have a reason.</summary>
    public static ImageSet SetAside(ImageSet set, IReadOnlyList<string?> reasons, DatasetReadOptions options)
    {
        var bad = set.Images.Zip(reasons).Where(pair => pair.Second is not null).Select(pair => new BadFile(pair.First.Path, pair.Second!)).ToList();
        if (bad.Count > 0 && bad.Count > options.MaxBadShare * set.Images.Count)
        {
            throw new DatasetFormatException(Path.Combine(set.Root, bad[0].Path), string.Create(
                CultureInfo.InvariantCulture,
                $"{bad[0].Reason}; {bad.Count} of {set.Images.Count} pictures are bad and at most {options.MaxBadShare:P0} may be"));
        }

        return bad.Count == 0 ? set : set with
        {
            Images = [.. set.Images.Where((_, i) => reasons[i] is null)],
            Quarantined = [.. set.Quarantined, .. bad],
        };
    }

    private static string? Check(ImageSet set, ImageEntry image, DatasetReadOptions options)
    {
        if (image.Open is not null)
        {
            return options.CheckHeaders ? Try(() => ImageDecoder.ReadHeader(image.Open(), options.MaxPixels), out _) : null;
        }

        string path;
        try
        {
            path = DatasetPaths.Resolve(set.Root, image.Path); // a link to the outside is refused, not set aside
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"the file cannot be found: {e.Message}"; // links that lead to each other
        }

        if (!File.Exists(path))
        {
            return "the file is missing";
        }

        if (!options.CheckHeaders)
        {
            return null;
        }

        var reason = Try(() => ImageDecoder.ReadHeader(path, options.MaxPixels), out var found);
        return reason is null && options.CheckSizes && image.Width > 0 && (found!.Width, found.Height) != (image.Width, image.Height)
            && (found.Width, found.Height) != (image.Height, image.Width) // records of turned pictures differ in habit
            ? string.Create(CultureInfo.InvariantCulture, $"is {found.Width} x {found.Height} where the records say {image.Width} x {image.Height}")
            : reason;
    }

    private static string? Try(Func<PictureInfo> read, out PictureInfo? info)
    {
        try
        {
            info = read();
            return null;
        }
        catch (Exception e) when (e is BadPictureException or IOException or UnauthorizedAccessException)
        {
            info = null;
            return e.Message;
        }
    }
}
