using System.Globalization;

namespace MlTr.Model.Data.Loading;

/// <summary>How a set of pictures is turned into batches.</summary>
public sealed record BatchSourceOptions
{
    /// <summary>Decides the order of every pass and the augmentation of every picture.</summary>
    public ulong Seed { get; init; }

    /// <summary>What is done to pictures of training passes.</summary>
    public Augmentations Augmentations { get; init; } = Augmentations.Cutout | Augmentations.RandAugment;

    /// <summary>Height and width of the cut-out rectangle as a share of the picture's, 0 to 1.</summary>
    public double CutoutSize { get; init; } = 0.5;

    /// <summary>Operations that RandAugment draws for a picture, each applied with probability one half; at least 1.</summary>
    public int RandAugmentOperations { get; init; } = 2;

    /// <summary>Highest level of RandAugment's operations, 1 to 10; each draws its own from 1 up to it.</summary>
    public int RandAugmentLevel { get; init; } = 9;

    /// <summary>Threads that prepare batches ahead; 0 prepares them on the reading thread. Never changes what is read.</summary>
    public int LoaderThreads { get; init; } = 2;

    /// <summary>Batches that may wait, prepared, for the trainer.</summary>
    public int Prefetch { get; init; } = 4;

    /// <summary>Whether decoded pictures are kept for the next pass; else each is decoded again every time. Never changes what is read.</summary>
    public bool KeepDecoded { get; init; } = true;

    /// <summary>A set whose decoded pictures take more bytes than this keeps them in a file instead of in memory.</summary>
    public long MemoryLimit { get; init; } = 1L << 30;

    /// <summary>Where that file lies; the system's folder for temporary files if null. Where it has no room, pictures are decoded again.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>A larger share of pictures than this that turn out undecodable stops the pass.</summary>
    public double MaxBadShare { get; init; } = 0.1;

    /// <summary>A header that claims more pixels than this is refused.</summary>
    public long MaxPixels { get; init; } = ImageDecoder.DefaultMaxPixels;

    /// <summary>What of these changes a training picture or its place, by name.</summary>
    internal IReadOnlyDictionary<string, string> Recipe() => new Dictionary<string, string>
    {
        ["seed"] = Seed.ToString(CultureInfo.InvariantCulture),
        ["augmentation"] = Augmentations.ToString(),
        ["cutout size"] = CutoutSize.ToString(CultureInfo.InvariantCulture),
        ["randaugment operations"] = RandAugmentOperations.ToString(CultureInfo.InvariantCulture),
        ["randaugment level"] = RandAugmentLevel.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Throws an <see cref="ArgumentException"/> that names the strength of augmentation that is out of its range.</summary>
    internal void ThrowIfInvalid()
    {
        if (CutoutSize is not (>= 0 and <= 1))
        {
            throw new ArgumentException($"The cut-out size is {CutoutSize}; it must be between 0 and 1.");
        }

        if (RandAugmentOperations < 1 || RandAugmentLevel is < 1 or > 10)
        {
            throw new ArgumentException($"RandAugment needs at least 1 operation and a level of 1 to 10, not {RandAugmentOperations} and {RandAugmentLevel}.");
        }
    }
}
