using System.Collections.Immutable;
using MlTr.Abstractions.Datasets;

namespace MlTr.Abstractions.Client;

public partial interface IMlTrClient
{
    /// <summary>Looks at a folder that is to be registered, reads its labels, lists every problem, and changes nothing.</summary>
    Task<DatasetCheck> CheckDatasetAsync(DatasetRegistration registration);

    /// <summary>Counts over one split's labels: classes together, labels for each picture, sizes.</summary>
    /// <exception cref="DatasetContentsException">The dataset has not been read yet, or there is no such split.</exception>
    Task<SplitStatistics> GetDatasetStatisticsAsync(string datasetId, string split);

    /// <summary>Some of a split's pictures with their labels and boxes.</summary>
    /// <exception cref="DatasetContentsException">The dataset has not been read yet, or there is no such split.</exception>
    Task<PicturePage> GetPicturesAsync(string datasetId, PictureQuery query);

    /// <summary>A small copy of one picture, its longer side at most so many pixels.</summary>
    /// <exception cref="DatasetContentsException">There is no such picture, or it cannot be decoded.</exception>
    Task<PictureFile> GetThumbnailAsync(string datasetId, string split, int index, int side = 256);

    /// <summary>A dataset now and after every change.</summary>
    /// <exception cref="KeyNotFoundException">There is no such dataset.</exception>
    IAsyncEnumerable<DatasetSnapshot> WatchDatasetAsync(string datasetId, CancellationToken cancellationToken = default);

    /// <summary>All datasets now, by id, then those that have changed.</summary>
    IAsyncEnumerable<ImmutableArray<DatasetSnapshot>> WatchDatasetsAsync(CancellationToken cancellationToken = default);

    /// <summary>Which machines have the dataset's pictures decoded, and how far those are that do it now; again whenever that changes.</summary>
    IAsyncEnumerable<ImmutableArray<DecodedPicturesSnapshot>> WatchDecodedPicturesAsync(string datasetId, CancellationToken cancellationToken = default);
}

public sealed partial class MlTrClient
{
    /// <inheritdoc />
    public Task<DatasetCheck> CheckDatasetAsync(DatasetRegistration registration) => Contents(registration.Id).CheckAsync(registration);

    /// <inheritdoc />
    public Task<SplitStatistics> GetDatasetStatisticsAsync(string datasetId, string split) => Contents(datasetId).GetStatisticsAsync(split);

    /// <inheritdoc />
    public Task<PicturePage> GetPicturesAsync(string datasetId, PictureQuery query) => Contents(datasetId).GetPicturesAsync(query);

    /// <inheritdoc />
    public Task<PictureFile> GetThumbnailAsync(string datasetId, string split, int index, int side = 256) => Contents(datasetId).GetThumbnailAsync(split, index, side);

    /// <inheritdoc />
    public IAsyncEnumerable<DatasetSnapshot> WatchDatasetAsync(string datasetId, CancellationToken cancellationToken = default) =>
        grains.GetGrain<IDatasetGrain>(datasetId).WatchAsync(cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<ImmutableArray<DatasetSnapshot>> WatchDatasetsAsync(CancellationToken cancellationToken = default) =>
        grains.GetGrain<IDatasetDirectoryGrain>(IDatasetDirectoryGrain.Key).WatchAsync(cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<ImmutableArray<DecodedPicturesSnapshot>> WatchDecodedPicturesAsync(string datasetId, CancellationToken cancellationToken = default) =>
        grains.GetGrain<IDecodedPicturesGrain>(datasetId).WatchAsync(cancellationToken);

    // A grain's key must have a letter; an empty id is answered by the check like any other that cannot be used.
    private IDatasetContentsGrain Contents(string datasetId) => grains.GetGrain<IDatasetContentsGrain>(datasetId.Length == 0 ? "-" : datasetId);
}
