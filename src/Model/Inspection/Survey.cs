using MlTr.Model.Training;
using static TorchSharp.torch;

namespace MlTr.Model.Inspection;

/// <summary>What a network says about every picture of a source, in one pass.</summary>
/// <param name="Scores">N x K, row by row, 0 to 1.</param>
/// <param name="Features">N x D, row by row, for <see cref="Neighbours"/>.</param>
/// <param name="FeatureCount">D.</param>
public sealed record Survey(float[] Scores, float[] Features, int FeatureCount)
{
    /// <summary>Looks at every picture; <see cref="ArgumentException"/> if the source has another number of classes.</summary>
    /// <param name="predictor">The network.</param>
    /// <param name="source">The pictures.</param>
    /// <param name="batchSize">Pictures computed at once.</param>
    /// <param name="onPredicted">Takes how many are done.</param>
    /// <param name="ct">Stops with an <see cref="OperationCanceledException"/>.</param>
    public static Survey Of(Predictor predictor, IBatchSource source, int batchSize = 32, Action<int>? onPredicted = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(source);
        if (source.NumClasses != predictor.Config.NumClasses)
        {
            throw new ArgumentException($"The set has {source.NumClasses} classes, the network {predictor.Config.NumClasses}.", nameof(source));
        }

        var (scores, features, width, done) = (new float[source.Count * source.NumClasses], Array.Empty<float>(), 0, 0);
        foreach (var batch in source.ReadPass(0, batchSize, predictor.ImageSize, training: false, skipBatches: 0, ct))
        {
            using var owned = batch;
            using var scope = NewDisposeScope();
            using var output = predictor.Describe(batch.Images);
            width = (int)output.Features.shape[1];
            features = features.Length == 0 ? new float[source.Count * width] : features;
            var found = output.Features.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
            foreach (var (row, (index, answer)) in batch.Indices.Zip(Evaluator.Scores(output)).Index())
            {
                answer.CopyTo(scores, index * source.NumClasses);
                Array.Copy(found, row * width, features, index * width, width);
            }

            done += batch.Indices.Length;
            onPredicted?.Invoke(done);
        }

        return new Survey(scores, features, width);
    }
}
