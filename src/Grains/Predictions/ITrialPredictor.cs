using System.Collections.Immutable;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Predictions;
using MlTr.Abstractions.Trials;

namespace MlTr.Grains.Predictions;

/// <summary>What predictions are made of: a trial, its recorded checkpoints, and its dataset.</summary>
public sealed record PredictionSource(TrialId Trial, ImmutableArray<CheckpointSnapshot> Checkpoints, DatasetSnapshot Dataset);

/// <summary>What one checkpoint says about every picture of the validation split.</summary>
/// <param name="Step">The checkpoint's optimiser step.</param>
/// <param name="Classes">Class names, K of them.</param>
/// <param name="Thresholds">From which score on a class counts as found, K of them.</param>
/// <param name="Paths">The pictures, N of them.</param>
/// <param name="Labels">N x K, row by row: 1 present, 0 absent, -1 unknown.</param>
/// <param name="Scores">N x K, row by row, 0..1.</param>
/// <param name="Features">N x D, row by row.</param>
/// <param name="Unread">Places of the pictures that could not be decoded.</param>
public sealed record TrialScores(
    long Step,
    ImmutableArray<string> Classes,
    ImmutableArray<double> Thresholds,
    ImmutableArray<string> Paths,
    ImmutableArray<sbyte> Labels,
    ImmutableArray<float> Scores,
    ImmutableArray<float> Features,
    ImmutableHashSet<int> Unread)
{
    /// <summary>Each class's average precision by size; empty where the dataset does not tell how large things are.</summary>
    public ImmutableArray<SizePrecision> SizePrecision { get; init; } = [];
}

/// <summary>
/// Computes predictions for the grains, one thing at a time and on a thread of its own. Implemented over the model. What cannot be done is a
/// <see cref="PredictionsException"/> whose message says what to do.
/// </summary>
public interface ITrialPredictor
{
    /// <summary>The split whose pictures are predicted.</summary>
    string Split { get; }

    /// <summary>What was computed before for the best checkpoint; null if nothing was, or it no longer fits.</summary>
    Task<TrialScores?> LoadAsync(PredictionSource source);

    /// <summary>Computes the scores of the best checkpoint and keeps them; takes them from the disk if they are there.</summary>
    /// <param name="source">The trial.</param>
    /// <param name="progress">Takes the share done, 0..1; the first call says that others are done.</param>
    Task<TrialScores> ScoreAsync(PredictionSource source, Action<double> progress, CancellationToken cancellationToken);

    /// <summary>The pictures nearest to one by their features, best first.</summary>
    Task<ImmutableArray<(int Index, double Cosine)>> NearestAsync(TrialScores scores, int index, int count);

    /// <summary>A picture of the split under the heat of a class.</summary>
    Task<PictureFile> HeatMapAsync(PredictionSource source, int index, int classIndex, bool onlyHottest);

    /// <summary>What the best checkpoint says about a picture file.</summary>
    Task<OwnPrediction> PredictAsync(PredictionSource source, ImmutableArray<byte> picture);
}
