namespace MlTr.Model.Data.Loading;

/// <summary>How a set of pictures is turned into batches.</summary>
public sealed record BatchSourceOptions
{
    /// <summary>Decides the order of every pass and the augmentation of every picture.</summary>
    public ulong Seed { get; init; }

    /// <summary>What is done to pictures of training passes.</summary>
    public Augmentations Augmentations { get; init; } = Augmentations.Cutout | Augmentations.RandAugment;

    /// <summary>Threads that prepare batches ahead; 0 prepares them on the reading thread. Never changes what is read.</summary>
    public int LoaderThreads { get; init; } = 2;

    /// <summary>Batches that may wait, prepared, for the trainer.</summary>
    public int Prefetch { get; init; } = 4;

    /// <summary>Decoded pictures beyond this many bytes go to a mapped file.</summary>
    public long MemoryLimit { get; init; } = 1L << 30;

    /// <summary>Where that file lies; the system's folder for temporary files if null.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>A larger share of pictures than this that turn out undecodable stops the pass.</summary>
    public double MaxBadShare { get; init; } = 0.1;

    /// <summary>A header that claims more pixels than this is refused.</summary>
    public long MaxPixels { get; init; } = ImageDecoder.DefaultMaxPixels;
}
