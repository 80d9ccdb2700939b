using System.Collections.Immutable;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Predictions;
using MlTr.Abstractions.Trials;

namespace MlTr.Silo.Hosting;

internal sealed partial class StoppingClient
{
    public Task<PredictionsSnapshot> GetPredictionsAsync(TrialId id) => client.GetPredictionsAsync(id);

    public Task<PredictionsSnapshot> StartPredictionsAsync(TrialId id) => client.StartPredictionsAsync(id);

    public Task<PredictionPage> GetPredictedPicturesAsync(TrialId id, PredictionQuery query) => client.GetPredictedPicturesAsync(id, query);

    public Task<PredictedPicture> GetPredictedPictureAsync(TrialId id, int index) => client.GetPredictedPictureAsync(id, index);

    public Task<ImmutableArray<Confusion>> GetConfusionsAsync(TrialId id, int count = 10) => client.GetConfusionsAsync(id, count);

    public Task<ImmutableArray<SizePrecision>> GetSizePrecisionAsync(TrialId id) => client.GetSizePrecisionAsync(id);

    public Task<CoPredictions> GetCoPredictionsAsync(TrialId id) => client.GetCoPredictionsAsync(id);

    public Task<ImmutableArray<SimilarPicture>> GetSimilarPicturesAsync(TrialId id, int index, int count = 5) => client.GetSimilarPicturesAsync(id, index, count);

    public Task<PictureFile> GetHeatMapAsync(TrialId id, int index, int classIndex, bool onlyHottest = false) => client.GetHeatMapAsync(id, index, classIndex, onlyHottest);

    public Task<OwnPrediction> PredictPictureAsync(TrialId id, ImmutableArray<byte> picture) => client.PredictPictureAsync(id, picture);

    public IAsyncEnumerable<PredictionsSnapshot> WatchPredictionsAsync(TrialId id, CancellationToken cancellationToken = default) =>
        UntilStop(token => client.WatchPredictionsAsync(id, token), cancellationToken);
}
