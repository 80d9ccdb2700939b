using MlTr.Abstractions.Datasets;

namespace MlTr.Grains.Datasets.Decoded;

/// <summary>Decodes pictures for all trials of a machine. Implemented over the model; safe to call from several processes.</summary>
public interface IPictureDecoder
{
    /// <summary>What so many pictures of a height and width in pixels take on disk, bytes.</summary>
    long BytesOf(int pictures, int imageSize);

    /// <summary>Decodes what one shard does not have yet. Blocking.</summary>
    /// <param name="dataset">The registered dataset.</param>
    /// <param name="split">The shard's split.</param>
    /// <param name="shard">Its number, from 0.</param>
    /// <param name="shards">How many there are.</param>
    /// <param name="imageSize">Height and width to decode to, pixels.</param>
    /// <param name="progress">Takes how many of how many pictures are done.</param>
    /// <exception cref="OperationCanceledException">Stopped; what is done stays.</exception>
    void Decode(DatasetSnapshot dataset, string split, int shard, int shards, int imageSize, Action<int, int> progress, CancellationToken cancellationToken);
}
