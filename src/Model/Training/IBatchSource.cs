using System.Collections.Immutable;
using static TorchSharp.torch;

namespace MlTr.Model.Training;

/// <summary>One mini-batch of B pictures; whoever takes it disposes it.</summary>
/// <param name="Images">[B, 3, H, W], float32, normalised.</param>
/// <param name="Targets">[B, K], float32: 1 present, 0 absent, -1 unknown.</param>
/// <param name="Indices">Positions of the B pictures in the source.</param>
public sealed record Batch(Tensor Images, Tensor Targets, int[] Indices) : IDisposable
{
    /// <summary>Releases both tensors.</summary>
    public void Dispose()
    {
        Images.Dispose();
        Targets.Dispose();
    }
}

/// <summary>Pictures with labels, batch by batch.</summary>
public interface IBatchSource
{
    /// <summary>Number of pictures, N.</summary>
    int Count { get; }

    /// <summary>Number of classes, K.</summary>
    int NumClasses { get; }

    /// <summary>What decides how pictures are drawn and changed in training, by name; a run is not continued with other values.</summary>
    IReadOnlyDictionary<string, string> Recipe => ImmutableDictionary<string, string>.Empty;

    /// <summary>What goes less well than it could without changing a batch, such as a full disk under a cache; null for nothing. Reported once.</summary>
    string? Notice => null;

    /// <summary>Batches in one pass over the pictures.</summary>
    /// <param name="batchSize">Pictures in a batch.</param>
    /// <param name="dropLast">Whether a last, smaller batch is left out.</param>
    int StepsPerPass(int batchSize, bool dropLast);

    /// <summary>The batches of one pass; training order and augmentation derive from the source's seed and the pass only.</summary>
    /// <param name="pass">Number of the pass, from 0.</param>
    /// <param name="batchSize">Pictures in a batch.</param>
    /// <param name="imageSize">Side of the square pictures in pixels.</param>
    /// <param name="training">True: shuffled, augmented, last small batch left out. False: in order, plain, complete.</param>
    /// <param name="skipBatches">Batches of the pass that were consumed before an interruption.</param>
    /// <param name="ct">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    IEnumerable<Batch> ReadPass(int pass, int batchSize, int imageSize, bool training, int skipBatches, CancellationToken ct);

    /// <summary>[N, K]: size of the largest object of the class in the picture (paper, Table 7): 0 absent, 1 small, 2 medium, 3 large; null if unknown.</summary>
    byte[,]? Sizes { get; }

    /// <summary>[N, K]: 1 present, 0 absent, -1 unknown.</summary>
    sbyte[,] Labels { get; }
}
