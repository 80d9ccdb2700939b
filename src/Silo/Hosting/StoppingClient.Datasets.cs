using System.Collections.Immutable;
using MlTr.Abstractions.Datasets;

namespace MlTr.Silo.Hosting;

internal sealed partial class StoppingClient
{
    public Task<DatasetCheck> CheckDatasetAsync(DatasetRegistration registration) => client.CheckDatasetAsync(registration);

    public Task<SplitStatistics> GetDatasetStatisticsAsync(string datasetId, string split) => client.GetDatasetStatisticsAsync(datasetId, split);

    public Task<PicturePage> GetPicturesAsync(string datasetId, PictureQuery query) => client.GetPicturesAsync(datasetId, query);

    public Task<PictureFile> GetThumbnailAsync(string datasetId, string split, int index, int side = 256) => client.GetThumbnailAsync(datasetId, split, index, side);

    public IAsyncEnumerable<ImmutableArray<DecodedPicturesSnapshot>> WatchDecodedPicturesAsync(string datasetId, CancellationToken cancellationToken = default) =>
        UntilStop(stop => client.WatchDecodedPicturesAsync(datasetId, stop), cancellationToken);

    public IAsyncEnumerable<DatasetSnapshot> WatchDatasetAsync(string datasetId, CancellationToken cancellationToken = default) =>
        UntilStop(stop => client.WatchDatasetAsync(datasetId, stop), cancellationToken);

    public IAsyncEnumerable<ImmutableArray<DatasetSnapshot>> WatchDatasetsAsync(CancellationToken cancellationToken = default) => UntilStop(client.WatchDatasetsAsync, cancellationToken);
}
