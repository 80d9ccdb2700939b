using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
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
        var (scores, counts) = Gather(source, batchSize, imageSize, answer, onPredicted, cancellation);
        return Measure(scores, counts, source);
    }

    /// <summary>What <paramref name="answer"/> says about every picture of a source: scores [N, K], and the expected numbers of classes [N], null without a count head.</summary>
    /// <inheritdoc cref="Run" path="/param"/>
    /// <param name="columns">For each of the source's classes its column in the answer; null where they are the same.</param>
    /// <param name="threads">How many batches are computed at the same time, each on a thread of its own: then <paramref name="onPredicted"/> is called from any of them.</param>
    public static (float[,] Scores, int[]? Counts) Gather(
        IBatchSource source, int batchSize, int imageSize, Func<Tensor, MlTrOutput> answer, Action? onPredicted, CancellationToken cancellation, int[]? columns = null, int threads = 1)
    {
        var scores = new float[source.Count, source.NumClasses];
        var counts = new int?[source.Count];
        void Take(Batch batch)
        {
            using var owned = batch;
            using var noGradient = no_grad();
            using var scope = NewDisposeScope();
            cancellation.ThrowIfCancellationRequested();
            using var output = answer(batch.Images);
            foreach (var ((index, row), count) in batch.Indices.Zip(Scores(output)).Zip(Counts(output) ?? new int?[batch.Indices.Length]))
            {
                for (var k = 0; k < source.NumClasses; k++)
                {
                    scores[index, k] = row[columns?[k] ?? k];
                }

                counts[index] = count;
                onPredicted?.Invoke();
            }
        }

        var batches = source.ReadPass(0, batchSize, imageSize, training: false, skipBatches: 0, cancellation);
        if (threads > 1)
        {
            SideBySide(batches, Take, threads);
        }
        else
        {
            foreach (var batch in batches)
            {
                Take(batch);
            }
        }

        return (scores, counts.All(count => count is not null) ? [.. counts.Select(count => count!.Value)] : null);
    }

    private static void SideBySide(IEnumerable<Batch> batches, Action<Batch> take, int threads)
    {
        using var rest = batches.GetEnumerator();
        if (!rest.MoveNext())
        {
            return;
        }

        take(rest.Current); // alone: it fills the tables that the network keeps
        try
        {
            Parallel.ForEach(
                Partitioner.Create(Others(rest), EnumerablePartitionerOptions.NoBuffering),
                new ParallelOptions { MaxDegreeOfParallelism = threads },
                batch =>
                {
                    set_num_threads(1); // the setting is the calling thread's own
                    take(batch);
                });
        }
        catch (AggregateException errors)
        {
            ExceptionDispatchInfo.Throw(errors.InnerExceptions[0]);
        }
    }

    private static IEnumerable<Batch> Others(IEnumerator<Batch> rest)
    {
        while (rest.MoveNext())
        {
            yield return rest.Current;
        }
    }

    /// <summary>The scores of each picture, K long.</summary>
    public static IEnumerable<float[]> Scores(MlTrOutput output) => output.Logits.sigmoid().cpu().data<float>().ToArray().Chunk((int)output.Logits.shape[1]);

    /// <summary>How many classes the count head expects in each picture; null without one.</summary>
    public static int?[]? Counts(MlTrOutput output) =>
        output.CountLogits is null ? null : [.. output.CountLogits.argmax(-1).cpu().data<long>().ToArray().Select(count => (int?)count)];

    /// <summary>The figures of scores [N, K] against a source's labels.</summary>
    public static Evaluation Measure(float[,] scores, int[]? counts, IBatchSource source) => Measure(scores, counts, source.Labels, source.Sizes);

    /// <summary>The figures of scores [N, K] against labels [N, K]; sizes [N, K] and counts [N] where they are known.</summary>
    public static Evaluation Measure(float[,] scores, int[]? counts, sbyte[,] truth, byte[,]? objectSizes)
    {
        var (pictures, classes) = (scores.GetLength(0), scores.GetLength(1));
        var metrics = new MultiLabelMetrics(classes);
        var counting = new CountMetrics();
        var (row, labels, sizes) = (new double[classes], new sbyte[classes], new byte[objectSizes is null ? 0 : classes]);
        for (var i = 0; i < pictures; i++)
        {
            var (present, unknown) = (0, 0);
            for (var k = 0; k < classes; k++)
            {
                (row[k], labels[k]) = (scores[i, k], truth[i, k]);
                present += labels[k] == 1 ? 1 : 0;
                unknown += labels[k] < 0 ? 1 : 0;
                if (sizes.Length > 0)
                {
                    sizes[k] = objectSizes![i, k];
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
            metrics.Evaluate(), objectSizes is null ? null : metrics.EvaluateSizes(), classes > 3 ? metrics.EvaluateTop(3) : null, counting.Evaluate(), scores);
    }
}
