using static TorchSharp.torch;

namespace MlTr.Model.Training;

/// <summary>One mini-batch; whoever reads it disposes it.</summary>
/// <param name="Images">Normalised pictures, [B, 3, H, W] float32.</param>
/// <param name="Targets">1 present, 0 absent, -1 unknown, [B, K] float32.</param>
/// <param name="Indices">Where each picture stands in the set.</param>
public sealed record Batch(Tensor Images, Tensor Targets, int[] Indices) : IDisposable
{
    /// <summary>Gives back both tensors.</summary>
    public void Dispose()
    {
        Images.Dispose();
        Targets.Dispose();
    }
}

/// <summary>A set of pictures that can be read in mini-batches, in an order that its seed alone decides.</summary>
public interface IBatchSource
{
    /// <summary>Number of pictures.</summary>
    int Count { get; }

    /// <summary>Number of classes.</summary>
    int NumClasses { get; }

    /// <summary>How many batches one pass yields.</summary>
    int StepsPerPass(int batchSize, bool dropLast);

    /// <summary>Reads one pass; the first <paramref name="skipBatches"/> batches are passed over without being decoded.</summary>
    IEnumerable<Batch> ReadPass(int pass, int batchSize, int imageSize, bool training, int skipBatches, CancellationToken ct);

    /// <summary>Size of every present label: 0 absent, 1 small, 2 medium, 3 large; null where the set knows no sizes.</summary>
    byte[,]? Sizes { get; }

    /// <summary>Labels of every picture: 1 present, 0 absent, -1 unknown.</summary>
    sbyte[,] Labels { get; }
}
