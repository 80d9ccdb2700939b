namespace MlTr.Model.Data;

/// <summary>The two areas, in pixels of the original picture, that part small from medium and medium from large.</summary>
/// <param name="Medium">From this area on an instance is medium.</param>
/// <param name="Large">From this area on an instance is large.</param>
public sealed record SizeLimits(double Medium, double Large)
{
    /// <summary>MS-COCO's limits: 32 x 32 and 96 x 96 pixels.</summary>
    public static SizeLimits Coco { get; } = new(32 * 32, 96 * 96);

    /// <summary>1 small, 2 medium, 3 large.</summary>
    public byte SizeOf(double area) => area < Medium ? (byte)1 : area < Large ? (byte)2 : (byte)3;
}

/// <summary>A file that was left out, and why.</summary>
public sealed record BadFile(string Path, string Reason);

/// <summary>One picture of a set.</summary>
/// <param name="Path">Relative to the set's root, with forward slashes.</param>
/// <param name="Width">Width by the records; 0 where they do not say.</param>
/// <param name="Height">Height by the records; 0 where they do not say.</param>
/// <param name="Labels">1 present, 0 absent, -1 unknown, one per class.</param>
/// <param name="Sizes">Size of the largest instance of each class (0 absent, 1 small, 2 medium, 3 large); null where unknown.</param>
public sealed record ImageEntry(string Path, int Width, int Height, sbyte[] Labels, byte[]? Sizes)
{
    /// <summary>Its boxes; null unless <see cref="DatasetReadOptions.KeepBoxes"/> asked for them and the format has them.</summary>
    public IReadOnlyList<ImageBox>? Boxes { get; init; }

    /// <summary>Gives the picture's undecoded bytes when it does not lie in a file of its own (a tar member).</summary>
    internal Func<byte[]>? Open { get; init; }

    /// <summary>The archive that holds it, as a full path; null where it lies in a file of its own.</summary>
    internal string? Archive { get; init; }
}

/// <summary>Pictures with their labels, as read from any of the known formats.</summary>
/// <param name="Name">What the set is called on screen.</param>
/// <param name="Root">The folder that every picture's path is relative to.</param>
/// <param name="Classes">Class names, in the order of the label columns.</param>
/// <param name="Images">The pictures, in a fixed order.</param>
/// <param name="SizeLimits">The areas that part small, medium and large.</param>
/// <param name="Quarantined">Files that were left out, and why.</param>
public sealed record ImageSet(
    string Name,
    string Root,
    IReadOnlyList<string> Classes,
    IReadOnlyList<ImageEntry> Images,
    SizeLimits SizeLimits,
    IReadOnlyList<BadFile> Quarantined)
{
    /// <summary>Labels as one matrix, [pictures, classes].</summary>
    public sbyte[,] LabelMatrix()
    {
        var labels = new sbyte[Images.Count, Classes.Count];
        for (var i = 0; i < Images.Count; i++)
        {
            for (var k = 0; k < Classes.Count; k++)
            {
                labels[i, k] = Images[i].Labels[k];
            }
        }

        return labels;
    }

    /// <summary>Sizes as one matrix, [pictures, classes]; null unless every picture knows its sizes.</summary>
    public byte[,]? SizeMatrix()
    {
        if (Images.Any(image => image.Sizes is null))
        {
            return null;
        }

        var sizes = new byte[Images.Count, Classes.Count];
        for (var i = 0; i < Images.Count; i++)
        {
            for (var k = 0; k < Classes.Count; k++)
            {
                sizes[i, k] = Images[i].Sizes![k];
            }
        }

        return sizes;
    }

    /// <summary>The undecoded bytes of a picture.</summary>
    public byte[] ReadBytes(ImageEntry image) => image.Open?.Invoke() ?? File.ReadAllBytes(DatasetPaths.Resolve(Root, image.Path));

    /// <summary>What changes when the picture's file is written again: made of its length and time. Null where there is no file.</summary>
    internal ulong? StampOf(ImageEntry image)
    {
        if (image is { Open: not null, Archive: null })
        {
            return null;
        }

        var file = new FileInfo(image.Archive ?? DatasetPaths.Resolve(Root, image.Path));
        return file.Exists ? ((ulong)file.Length * 0x9E3779B97F4A7C15) ^ (ulong)file.LastWriteTimeUtc.Ticks : null;
    }
}
