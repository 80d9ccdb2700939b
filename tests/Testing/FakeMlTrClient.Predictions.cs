using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Predictions;
using MlTr.Abstractions.Trials;

namespace MlTr.Testing;

public sealed partial class FakeMlTrClient
{
    /// <summary>How far the predictions of a trial are; none without an entry.</summary>
    public ConcurrentDictionary<TrialId, PredictionsSnapshot> Predictions { get; } = [];

    public ConcurrentDictionary<TrialId, ImmutableArray<PredictedPicture>> Predicted { get; } = [];

    /// <summary>The queries that were asked, in order.</summary>
    public ConcurrentQueue<PredictionQuery> PredictionQueries { get; } = [];

    public ConcurrentDictionary<TrialId, ImmutableArray<SizePrecision>> SizePrecision { get; } = [];

    public ConcurrentDictionary<TrialId, CoPredictions> CoPredictions { get; } = [];

    /// <summary>What a picture from elsewhere is said to show.</summary>
    public OwnPrediction? Own { get; set; }

    public Task<PredictionsSnapshot> GetPredictionsAsync(TrialId id)
    {
        ThrowIfFailing();
        return Task.FromResult(Predictions.GetValueOrDefault(id, PredictionsSnapshot.Nothing));
    }

    public Task<PredictionsSnapshot> StartPredictionsAsync(TrialId id)
    {
        ThrowIfFailing();
        Asked.Add($"predict {id}");
        Publish(id, Predictions.GetValueOrDefault(id, PredictionsSnapshot.Nothing));
        return GetPredictionsAsync(id);
    }

    public async IAsyncEnumerable<PredictionsSnapshot> WatchPredictionsAsync(TrialId id, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ImmutableArray<(TrialId, PredictionsSnapshot)> now = [(id, await GetPredictionsAsync(id))];
        await foreach (var (_, predictions) in WatchAsync<(TrialId Id, PredictionsSnapshot Predictions)>(one => one.Id == id, now, cancellationToken))
        {
            yield return predictions;
        }
    }

    /// <summary>How far the predictions of a trial are now.</summary>
    public void Publish(TrialId id, PredictionsSnapshot predictions)
    {
        Predictions[id] = predictions;
        Tell((id, predictions));
    }

    public Task<PredictionPage> GetPredictedPicturesAsync(TrialId id, PredictionQuery query)
    {
        ThrowIfFailing();
        PredictionQueries.Enqueue(query);
        var all = Predicted.GetValueOrDefault(id, []);
        return Task.FromResult(new PredictionPage(all.Length, [.. all.Skip(query.Skip).Take(query.Take)]));
    }

    public Task<PredictedPicture> GetPredictedPictureAsync(TrialId id, int index)
    {
        ThrowIfFailing();
        return Task.FromResult(Predicted.GetValueOrDefault(id, []).FirstOrDefault(one => one.Index == index) ?? throw new PredictionsException($"There is no picture {index}."));
    }

    public Task<ImmutableArray<Confusion>> GetConfusionsAsync(TrialId id, int count = 10) => Task.FromResult<ImmutableArray<Confusion>>([new(0, 1, 3)]);

    public Task<ImmutableArray<SizePrecision>> GetSizePrecisionAsync(TrialId id) => Task.FromResult(SizePrecision.GetValueOrDefault(id, []));

    public Task<CoPredictions> GetCoPredictionsAsync(TrialId id)
    {
        var zeros = Enumerable.Repeat(0, Predictions[id].Classes.Length * Predictions[id].Classes.Length).ToImmutableArray();
        return Task.FromResult(CoPredictions.GetValueOrDefault(id, new CoPredictions(zeros, zeros)));
    }

    public Task<ImmutableArray<SimilarPicture>> GetSimilarPicturesAsync(TrialId id, int index, int count = 5) =>
        Task.FromResult<ImmutableArray<SimilarPicture>>([.. Predicted.GetValueOrDefault(id, []).Where(one => one.Index != index).Select(one => new SimilarPicture(one, 0.9))]);

    public Task<PictureFile> GetHeatMapAsync(TrialId id, int index, int classIndex, bool onlyHottest = false) => Task.FromResult(new PictureFile([(byte)index, (byte)classIndex], "image/png"));

    public Task<OwnPrediction> PredictPictureAsync(TrialId id, ImmutableArray<byte> picture)
    {
        ThrowIfFailing();
        return Own is null ? throw new PredictionsException("The picture cannot be read: is no PNG, JPEG or WebP picture") : Task.FromResult(Own);
    }
}
