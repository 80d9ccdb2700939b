using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using MlTr.Abstractions.Datasets;

namespace MlTr.Testing;

public sealed partial class FakeMlTrClient
{
    /// <summary>What a check answers; a folder without an answer is fine.</summary>
    public ConcurrentDictionary<string, DatasetCheck> Checks { get; } = [];

    public ConcurrentDictionary<(string Dataset, string Split), SplitStatistics> Statistics { get; } = [];

    public ConcurrentDictionary<(string Dataset, string Split), ImmutableArray<PictureSnapshot>> Pictures { get; } = [];

    public Task<DatasetCheck> CheckDatasetAsync(DatasetRegistration registration)
    {
        ThrowIfFailing();
        return Task.FromResult(Checks.GetValueOrDefault(registration.Folder, new DatasetCheck("coco", ["cup"], [new("train", 3, 0), new("validation", 2, 0)], [], [])));
    }

    public Task<SplitStatistics> GetDatasetStatisticsAsync(string datasetId, string split)
    {
        ThrowIfFailing();
        return Statistics.TryGetValue((datasetId, split), out var known) ? Task.FromResult(known) : throw new DatasetContentsException($"{datasetId} has no split '{split}'.");
    }

    public Task<PicturePage> GetPicturesAsync(string datasetId, PictureQuery query)
    {
        ThrowIfFailing();
        var found = Pictures.GetValueOrDefault((datasetId, query.Split), []).Where(picture => query.Classes.All(k => picture.Present.Contains(k))).ToList();
        return Task.FromResult(new PicturePage(found.Count, [.. found.Skip(query.Skip).Take(query.Take)]));
    }

    public Task<PictureFile> GetThumbnailAsync(string datasetId, string split, int index, int side = 256)
    {
        ThrowIfFailing();
        return Pictures.GetValueOrDefault((datasetId, split), []).Any(picture => picture.Index == index)
            ? Task.FromResult(new PictureFile([1, 2, 3], "image/png"))
            : throw new DatasetContentsException($"There is no picture {index}.");
    }

    /// <summary>What machines have decoded, by the dataset's id.</summary>
    public ConcurrentDictionary<string, ImmutableArray<DecodedPicturesSnapshot>> Decoded { get; } = [];

    public async IAsyncEnumerable<ImmutableArray<DecodedPicturesSnapshot>> WatchDecodedPicturesAsync(string datasetId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ImmutableArray<(string, ImmutableArray<DecodedPicturesSnapshot>)> now = [(datasetId, Decoded.GetValueOrDefault(datasetId, []))];
        await foreach (var (_, decoded) in WatchAsync<(string Dataset, ImmutableArray<DecodedPicturesSnapshot> Decoded)>(one => one.Dataset == datasetId, now, cancellationToken))
        {
            yield return decoded;
        }
    }

    /// <summary>What machines have decoded now.</summary>
    public void PublishDecoded(string datasetId, params ImmutableArray<DecodedPicturesSnapshot> decoded)
    {
        Decoded[datasetId] = decoded;
        Tell((datasetId, decoded));
    }

    public async IAsyncEnumerable<DatasetSnapshot> WatchDatasetAsync(string datasetId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var dataset in WatchAsync<DatasetSnapshot>(one => one.Id == datasetId, [await GetDatasetAsync(datasetId)], cancellationToken))
        {
            yield return dataset;
        }
    }

    public async IAsyncEnumerable<ImmutableArray<DatasetSnapshot>> WatchDatasetsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var datasets in WatchAsync<ImmutableArray<DatasetSnapshot>>(_ => true, [await ListDatasetsAsync()], cancellationToken))
        {
            yield return datasets;
        }
    }

    /// <summary>Makes a dataset, or a change of it, known.</summary>
    public void Publish(DatasetSnapshot dataset)
    {
        Tell(Datasets[dataset.Id] = dataset);
        Tell(ImmutableArray.Create(dataset));
    }
}
