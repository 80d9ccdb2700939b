using System.Runtime.InteropServices;
using MlTr.Model.Metrics;
using static TorchSharp.torch;

namespace MlTr.Model.Training;

/// <summary>Evaluates a network on a whole set.</summary>
internal static class Evaluator
{
    /// <summary>The figures of what <paramref name="answer"/> says about every picture of a source.</summary>
    /// <param name="source">Pictures with labels.</param>
    /// <param name="batchSize">Pictures computed at once.</param>
    /// <param name="imageSize">Side of the pictures in pixels.</param>
    /// <param name="answer">The network: normalised images [B, 3, H, W] on the CPU in, its output out.</param>
    /// <param name="onPredicted">Called after each picture; null for nobody.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    public static Evaluation Run(
        IBatchSource source, int batchSize, int imageSize, Func<Tensor, MlTrOutput> answer, Action? onPredicted, CancellationToken cancellation)
    {
        var scores = new float[source.Count, source.NumClasses];
        int[]? counts = null;
        using var noGradient = no_grad();
        foreach (var batch in source.ReadPass(0, batchSize, imageSize, training: false, skipBatches: 0, cancellation))
        {
            using var owned = batch;
            using var scope = NewDisposeScope();
            cancellation.ThrowIfCancellationRequested();
            using var output = answer(batch.Images);
            foreach (var ((index, row), count) in batch.Indices.Zip(Scores(output)).Zip(Counts(output) ?? new int?[batch.Indices.Length]))
            {
                row.CopyTo(MemoryMarshal.CreateSpan(ref scores[index, 0], row.Length));
                if (count is { } known)
                {
                    (counts ??= new int[source.Count])[index] = known;
                }

                onPredicted?.Invoke();
            }
        }

        return Measure(scores, counts, source);
    }

    /// <summary>The scores of each picture, K long.</summary>
    public static IEnumerable<float[]> Scores(MlTrOutput output) => output.Logits.sigmoid().cpu().data<float>().ToArray().Chunk((int)output.Logits.shape[1]);

    /// <summary>How many classes the count head expects in each picture; null without one.</summary>
    public static int?[]? Counts(MlTrOutput output) =>
        output.CountLogits is null ? null : [.. output.CountLogits.argmax(-1).cpu().data<long>().ToArray().Select(count => (int?)count)];

    /// <summary>The figures of scores [N, K] against a source's labels.</summary>
    public static Evaluation Measure(float[,] scores, int[]? counts, IBatchSource source)
    {
        var classes = source.NumClasses;
        var metrics = new MultiLabelMetrics(classes);
        var counting = new CountMetrics();
        var (row, labels, sizes) = (new double[classes], new sbyte[classes], new byte[source.Sizes is null ? 0 : classes]);
        for (var i = 0; i < source.Count; i++)
        {
            var (present, unknown) = (0, 0);
            for (var k = 0; k < classes; k++)
            {
                (row[k], labels[k]) = (scores[i, k], source.Labels[i, k]);
                present += labels[k] == 1 ? 1 : 0;
                unknown += labels[k] < 0 ? 1 : 0;
                if (sizes.Length > 0)
                {
                    sizes[k] = source.Sizes![i, k];
                }
            }

            var unreadable = unknown == classes; // then nothing is known of its sizes and their number either
            metrics.Append(row, labels, unreadable ? [] : sizes);
            if (counts is not null && !unreadable)
            {
                counting.Append(counts[i], present);
            }
        }

        return new Evaluation(
            metrics.Evaluate(), source.Sizes is null ? null : metrics.EvaluateSizes(), classes > 3 ? metrics.EvaluateTop(3) : null, counting.Evaluate(), scores);
    }
}
