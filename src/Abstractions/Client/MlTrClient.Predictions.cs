using System.Collections.Immutable;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Predictions;
using MlTr.Abstractions.Trials;

namespace MlTr.Abstractions.Client;

public partial interface IMlTrClient
{
    /// <summary>How far the predictions of a trial's best checkpoint on the validation split are.</summary>
    /// <exception cref="KeyNotFoundException">There is no such trial.</exception>
    Task<PredictionsSnapshot> GetPredictionsAsync(TrialId id);

    /// <summary>Begins to compute them, unless those of the best checkpoint are there, and returns at once; <see cref="GetPredictionsAsync"/> tells how far it is.</summary>
    Task<PredictionsSnapshot> StartPredictionsAsync(TrialId id);

    /// <summary>How far the predictions of a trial are, now and after every change.</summary>
    /// <exception cref="KeyNotFoundException">There is no such trial.</exception>
    IAsyncEnumerable<PredictionsSnapshot> WatchPredictionsAsync(TrialId id, CancellationToken cancellationToken = default);

    /// <summary>Some of the predictions, the surest mistake first.</summary>
    /// <exception cref="PredictionsException">They are not there yet; the message says what to do. So do the calls below.</exception>
    Task<PredictionPage> GetPredictedPicturesAsync(TrialId id, PredictionQuery query);

    /// <summary>The prediction for one picture, by its place in the validation split.</summary>
    Task<PredictedPicture> GetPredictedPictureAsync(TrialId id, int index);

    /// <summary>The pairs of classes that are taken for each other, the most frequent first.</summary>
    Task<ImmutableArray<Confusion>> GetConfusionsAsync(TrialId id, int count = 10);

    /// <summary>Each class's average precision by the size of its largest instance; empty where the dataset does not tell how large things are.</summary>
    Task<ImmutableArray<SizePrecision>> GetSizePrecisionAsync(TrialId id);

    /// <summary>How often two classes are found together, and how often they are.</summary>
    Task<CoPredictions> GetCoPredictionsAsync(TrialId id);

    /// <summary>The pictures that look most alike to the network (paper, Fig. 5).</summary>
    Task<ImmutableArray<SimilarPicture>> GetSimilarPicturesAsync(TrialId id, int index, int count = 5);

    /// <summary>Where in a picture a class is seen (paper, Appendix A): under its heat, or with all but the hottest area dimmed.</summary>
    Task<PictureFile> GetHeatMapAsync(TrialId id, int index, int classIndex, bool onlyHottest = false);

    /// <summary>What the best checkpoint says about a picture from elsewhere: a PNG, JPEG or WebP file of at most <see cref="OwnPrediction.MaxBytes"/>.</summary>
    Task<OwnPrediction> PredictPictureAsync(TrialId id, ImmutableArray<byte> picture);
}

public sealed partial class MlTrClient
{
    /// <inheritdoc />
    public Task<PredictionsSnapshot> GetPredictionsAsync(TrialId id) => Predictions(id).GetAsync();

    /// <inheritdoc />
    public Task<PredictionsSnapshot> StartPredictionsAsync(TrialId id) => Predictions(id).StartAsync();

    /// <inheritdoc />
    public IAsyncEnumerable<PredictionsSnapshot> WatchPredictionsAsync(TrialId id, CancellationToken cancellationToken = default) => Predictions(id).WatchAsync(cancellationToken);

    /// <inheritdoc />
    public Task<PredictionPage> GetPredictedPicturesAsync(TrialId id, PredictionQuery query) => Predictions(id).GetPageAsync(query);

    /// <inheritdoc />
    public Task<PredictedPicture> GetPredictedPictureAsync(TrialId id, int index) => Predictions(id).GetPictureAsync(index);

    /// <inheritdoc />
    public Task<ImmutableArray<Confusion>> GetConfusionsAsync(TrialId id, int count = 10) => Predictions(id).GetConfusionsAsync(count);

    /// <inheritdoc />
    public Task<ImmutableArray<SizePrecision>> GetSizePrecisionAsync(TrialId id) => Predictions(id).GetSizePrecisionAsync();

    /// <inheritdoc />
    public Task<CoPredictions> GetCoPredictionsAsync(TrialId id) => Predictions(id).GetCoPredictionsAsync();

    /// <inheritdoc />
    public Task<ImmutableArray<SimilarPicture>> GetSimilarPicturesAsync(TrialId id, int index, int count = 5) => Predictions(id).GetSimilarAsync(index, count);

    /// <inheritdoc />
    public Task<PictureFile> GetHeatMapAsync(TrialId id, int index, int classIndex, bool onlyHottest = false) => Predictions(id).GetHeatMapAsync(index, classIndex, onlyHottest);

    /// <inheritdoc />
    public Task<OwnPrediction> PredictPictureAsync(TrialId id, ImmutableArray<byte> picture) => Predictions(id).PredictAsync(picture);

    private IPredictionsGrain Predictions(TrialId id) => grains.GetGrain<IPredictionsGrain>(id.ToString());
}
