namespace MlTr.Model.Data;

/// <summary>How a data set is read.</summary>
public sealed record DatasetReadOptions
{
    /// <summary>A larger share of bad pictures than this stops the reading instead of being left out.</summary>
    public double MaxBadShare { get; init; } = 0.1;

    /// <summary>A header that claims more pixels than this is refused before anything is allocated.</summary>
    public long MaxPixels { get; init; } = ImageDecoder.DefaultMaxPixels;

    /// <summary>Opens every picture's header when the set is read; without it only the file's presence is checked.</summary>
    public bool CheckHeaders { get; init; } = true;

    /// <summary>Sets aside MS-COCO pictures of another size than their record says; turn off for copies that were scaled down.</summary>
    public bool CheckSizes { get; init; } = true;

    /// <summary>
    /// Whether pictures that show no class are kept; null does as the published figures do: MS-COCO leaves them out, all others keep them. An instances
    /// file that names size limits of its own, as the marks do, is not MS-COCO's.
    /// </summary>
    public bool? KeepUnlabelled { get; init; }

    /// <summary>Keeps where each instance is, for people to look at; training needs no boxes.</summary>
    public bool KeepBoxes { get; init; }

    /// <summary>What the set is called; the folder's and split's names if null.</summary>
    public string? Name { get; init; }
}
