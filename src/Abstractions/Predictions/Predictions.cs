using System.Collections.Immutable;
using MlTr.Abstractions.Datasets;

namespace MlTr.Abstractions.Predictions;

/// <summary>How far a trial's predictions are.</summary>
public enum PredictionsState
{
    /// <summary>Nobody has asked for them yet.</summary>
    None,

    /// <summary>Another trial's are computed first.</summary>
    Waiting,

    /// <summary>Being computed.</summary>
    Running,

    /// <summary>There.</summary>
    Ready,

    /// <summary>Could not be computed; the problem says why.</summary>
    Failed,
}

/// <summary>What a trial's best checkpoint says about the validation split.</summary>
/// <param name="State">How far it is.</param>
/// <param name="Progress">Share of the pictures done, 0..1.</param>
/// <param name="Problem">Why it failed.</param>
/// <param name="Step">The checkpoint's optimiser step; 0 until it is known.</param>
/// <param name="Dataset">The dataset.</param>
/// <param name="Split">The split whose pictures these are.</param>
/// <param name="Pictures">How many pictures were looked at.</param>
/// <param name="Classes">Class names in label order.</param>
/// <param name="Thresholds">From which score on a class counts as found, for each class.</param>
[GenerateSerializer, Immutable, Alias("mltr.PredictionsSnapshot")]
public sealed record PredictionsSnapshot(
    [property: Id(0)] PredictionsState State,
    [property: Id(1)] double Progress,
    [property: Id(2)] string? Problem,
    [property: Id(3)] long Step,
    [property: Id(4)] string Dataset,
    [property: Id(5)] string Split,
    [property: Id(6)] int Pictures,
    [property: Id(7)] ImmutableArray<string> Classes,
    [property: Id(8)] ImmutableArray<double> Thresholds)
{
    /// <summary>Nothing asked for yet.</summary>
    public static PredictionsSnapshot Nothing { get; } = new(PredictionsState.None, 0, null, 0, "", "", 0, [], []);
}

/// <summary>Which predictions are wanted.</summary>
public enum PredictionFilter
{
    /// <summary>All of them.</summary>
    All,

    /// <summary>Pictures with a class too many or too few.</summary>
    Mistakes,

    /// <summary>Pictures with a class found that their labels deny.</summary>
    FalsePositives,

    /// <summary>Pictures with a labelled class not found.</summary>
    FalseNegatives,
}

/// <summary>Which pictures are wanted, the worst mistake first.</summary>
/// <param name="Class">Only what concerns this class (by index); null for every class.</param>
/// <param name="Filter">Which kind.</param>
/// <param name="Skip">How many to pass over.</param>
/// <param name="Take">How many are wanted, at most <see cref="PictureQuery.MaxTake"/>.</param>
[GenerateSerializer, Immutable, Alias("mltr.PredictionQuery")]
public sealed record PredictionQuery(
    [property: Id(0)] int? Class = null, [property: Id(1)] PredictionFilter Filter = PredictionFilter.All, [property: Id(2)] int Skip = 0, [property: Id(3)] int Take = 24);

/// <summary>One class in one picture.</summary>
/// <param name="Class">Its index.</param>
/// <param name="Score">What the network says, 0..1.</param>
/// <param name="Threshold">Above which score the class counts as found.</param>
/// <param name="Truth">What the labels say; null if they do not.</param>
[GenerateSerializer, Immutable, Alias("mltr.ClassVerdict")]
public readonly record struct ClassVerdict([property: Id(0)] int Class, [property: Id(1)] float Score, [property: Id(2)] float Threshold, [property: Id(3)] bool? Truth)
{
    /// <summary>Whether the score is above the threshold.</summary>
    public bool Found => Score > Threshold;

    /// <summary>Found and denied by the labels.</summary>
    public bool IsFalsePositive => Found && Truth == false;

    /// <summary>Labelled and not found.</summary>
    public bool IsFalseNegative => !Found && Truth == true;

    /// <summary>How sure the mistake is: the share of the way from the threshold to a score of 1 (found) or 0 (missed); 0 without one.</summary>
    public double Mistake => IsFalsePositive ? (Score - Threshold) / (1.0 - Threshold) : IsFalseNegative ? (Threshold - Score) / Math.Max(1e-9, Threshold) : 0;
}

/// <summary>One picture with what was found in it and what is labelled.</summary>
/// <param name="Index">Its place in the split, as in <see cref="PictureSnapshot"/>.</param>
/// <param name="Path">Its file, relative to the dataset.</param>
/// <param name="Verdicts">The classes that are found or labelled, the highest score first.</param>
/// <param name="Mistake">The surest mistake, 0..1; 0 without one.</param>
[GenerateSerializer, Immutable, Alias("mltr.PredictedPicture")]
public sealed record PredictedPicture(
    [property: Id(0)] int Index, [property: Id(1)] string Path, [property: Id(2)] ImmutableArray<ClassVerdict> Verdicts, [property: Id(3)] double Mistake);

/// <summary>Some predictions, and how many there are in all.</summary>
[GenerateSerializer, Immutable, Alias("mltr.PredictionPage")]
public sealed record PredictionPage([property: Id(0)] int Total, [property: Id(1)] ImmutableArray<PredictedPicture> Pictures);

/// <summary>A picture that looks alike to the network (paper, Fig. 5).</summary>
/// <param name="Picture">The picture.</param>
/// <param name="Cosine">Cosine between its features and those of the picture asked about.</param>
[GenerateSerializer, Immutable, Alias("mltr.SimilarPicture")]
public sealed record SimilarPicture([property: Id(0)] PredictedPicture Picture, [property: Id(1)] double Cosine);

/// <summary>Two classes that the network takes for each other.</summary>
/// <param name="Missed">The class that is labelled and not found.</param>
/// <param name="Instead">The class that is found in its place and not labelled.</param>
/// <param name="Pictures">In how many pictures.</param>
[GenerateSerializer, Immutable, Alias("mltr.Confusion")]
public sealed record Confusion([property: Id(0)] int Missed, [property: Id(1)] int Instead, [property: Id(2)] int Pictures);

/// <summary>Average precision of a class by the size of its largest instance in a picture; positives of another size are left out.</summary>
/// <param name="Class">Its index.</param>
/// <param name="Small">Over pictures in which that is small, against those without the class; null without such a picture. So are the others.</param>
/// <param name="Medium">In which it is medium.</param>
/// <param name="Large">In which it is large.</param>
[GenerateSerializer, Immutable, Alias("mltr.SizePrecision")]
public sealed record SizePrecision([property: Id(0)] int Class, [property: Id(1)] double? Small, [property: Id(2)] double? Medium, [property: Id(3)] double? Large);

/// <summary>In how many pictures two classes are together; only pictures whose labels tell of both count.</summary>
/// <param name="Predicted">K x K, row by row: both are found; on the diagonal the one class.</param>
/// <param name="True">K x K, row by row: both are labelled.</param>
[GenerateSerializer, Immutable, Alias("mltr.CoPredictions")]
public sealed record CoPredictions([property: Id(0)] ImmutableArray<int> Predicted, [property: Id(1)] ImmutableArray<int> True);

/// <summary>What the network says about a picture from elsewhere.</summary>
/// <param name="Thumbnail">The picture as it was read.</param>
/// <param name="Verdicts">Every class, the highest score first.</param>
/// <param name="Expected">How many classes the count head expects; null without one.</param>
[GenerateSerializer, Immutable, Alias("mltr.OwnPrediction")]
public sealed record OwnPrediction([property: Id(0)] PictureFile Thumbnail, [property: Id(1)] ImmutableArray<ClassVerdict> Verdicts, [property: Id(2)] int? Expected)
{
    /// <summary>Most bytes of a picture from elsewhere.</summary>
    public const int MaxBytes = 10 * 1024 * 1024;
}

/// <summary>What was asked about predictions cannot be answered; the message says why and what to do.</summary>
[GenerateSerializer, Alias("mltr.PredictionsException")]
public sealed class PredictionsException(string message) : Exception(message);

/// <summary>The predictions of one trial's best checkpoint. Keyed by <see cref="Trials.TrialId.ToString"/>.</summary>
[Alias("mltr.IPredictionsGrain")]
public interface IPredictionsGrain : IGrainWithStringKey
{
    /// <summary>How far they are.</summary>
    /// <exception cref="KeyNotFoundException">There is no such trial.</exception>
    [Alias("Get")]
    Task<PredictionsSnapshot> GetAsync();

    /// <summary>Begins to compute them, unless those of the best checkpoint are there, and returns at once.</summary>
    [Alias("Start")]
    Task<PredictionsSnapshot> StartAsync();

    /// <summary>Some of them.</summary>
    /// <exception cref="PredictionsException">They are not there yet.</exception>
    [Alias("GetPage")]
    Task<PredictionPage> GetPageAsync(PredictionQuery query);

    /// <summary>One picture's.</summary>
    [Alias("GetPicture")]
    Task<PredictedPicture> GetPictureAsync(int index);

    /// <summary>The pairs of classes that are taken for each other, the most frequent first.</summary>
    [Alias("GetConfusions")]
    Task<ImmutableArray<Confusion>> GetConfusionsAsync(int count);

    /// <summary>Each class's average precision by size; empty where the dataset does not tell how large things are.</summary>
    /// <exception cref="PredictionsException">They are not there yet.</exception>
    [Alias("GetSizePrecision")]
    Task<ImmutableArray<SizePrecision>> GetSizePrecisionAsync();

    /// <summary>How often two classes are found together, and how often they are.</summary>
    /// <exception cref="PredictionsException">They are not there yet.</exception>
    [Alias("GetCoPredictions")]
    Task<CoPredictions> GetCoPredictionsAsync();

    /// <summary>The pictures that look most alike to the network.</summary>
    [Alias("GetSimilar")]
    Task<ImmutableArray<SimilarPicture>> GetSimilarAsync(int index, int count);

    /// <summary>Where in a picture a class is seen, as the picture under its heat (paper, Appendix A).</summary>
    [Alias("GetHeatMap")]
    Task<PictureFile> GetHeatMapAsync(int index, int classIndex, bool onlyHottest);

    /// <summary>What the best checkpoint says about a picture from elsewhere: the bytes of a PNG, JPEG or WebP file.</summary>
    [Alias("Predict")]
    Task<OwnPrediction> PredictAsync(ImmutableArray<byte> picture);

    /// <summary>How far they are now, then whenever that changes, until cancelled.</summary>
    /// <exception cref="KeyNotFoundException">There is no such trial.</exception>
    [Alias("Watch")]
    IAsyncEnumerable<PredictionsSnapshot> WatchAsync(CancellationToken cancellationToken = default);
}
