using MlTr.Abstractions.Datasets;

namespace MlTr.Grains.Datasets.Decoded;

/// <summary>The working side of a dataset's decoded pictures, for workers. Implemented by the grain that shows them.</summary>
[Alias("mltr.IDecodingRequests")]
internal interface IDecodingRequests : IGrainWithStringKey
{
    /// <summary>Has the pictures decoded in a place, and answers once that has ended or got further than the caller knows, or after a while.</summary>
    /// <param name="place">The machine and folder that need them.</param>
    /// <param name="imageSize">Height and width, pixels.</param>
    /// <param name="knownDone">How many pictures the caller knows to be done; null for one that has found some missing and now asks for the first time.</param>
    [Alias("Ensure")]
    Task<DecodedPicturesSnapshot> EnsureAsync(string place, int imageSize, int? knownDone);
}
