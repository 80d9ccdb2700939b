using MlTr.Model.Metrics;
using MlTr.Model.Native;
using static TorchSharp.torch;

namespace MlTr.Model.Training;

/// <summary>Evaluates the weights a network has now on a whole set.</summary>
internal static class Evaluator
{
    public static Evaluation Run(MlTrClassifier network, IBatchSource source, TrainerOptions options, CancellationToken cancellation)
    {
        var device = new Device(options.Device);
        var classes = source.NumClasses;
        var scores = new float[source.Count, classes];
        var counts = new int[source.Count];
        network.eval();
        try
        {
            using var noGradient = no_grad();
            foreach (var batch in source.ReadPass(0, options.EvaluationBatchSize, options.EffectiveImageSize, training: false, skipBatches: 0, cancellation))
            {
                using var owned = batch;
                using var scope = NewDisposeScope();
                cancellation.ThrowIfCancellationRequested();
                using var output = FreedNumbers.DoAgain(() => Forward(network, batch.Images.to(device), options.Precision, device));
                var batchScores = output.Logits.sigmoid().cpu().contiguous().data<float>();
                var batchCounts = output.CountLogits?.argmax(-1).cpu().data<long>();
                for (var i = 0; i < batch.Indices.Length; i++)
                {
                    for (var k = 0; k < classes; k++)
                    {
                        scores[batch.Indices[i], k] = batchScores[i * classes + k];
                    }

                    counts[batch.Indices[i]] = (int)(batchCounts?[i] ?? 0);
                }
            }
        }
        finally
        {
            network.train();
        }

        return Measure(scores, network.Config.ObjectToken ? counts : null, source);
    }

    private static MlTrOutput Forward(MlTrClassifier network, Tensor images, Precision precision, Device device)
    {
        using var half = Autocast.Of(precision, device);
        return network.call(images);
    }

    public static Evaluation Measure(float[,] scores, int[]? counts, IBatchSource source)
    {
        var classes = source.NumClasses;
        var metrics = new MultiLabelMetrics(classes);
        var counting = new CountMetrics();
        var (row, labels, sizes) = (new double[classes], new sbyte[classes], new byte[source.Sizes is null ? 0 : classes]);
        for (var i = 0; i < source.Count; i++)
        {
            var present = 0;
            for (var k = 0; k < classes; k++)
            {
                (row[k], labels[k]) = (scores[i, k], source.Labels[i, k]);
                present += labels[k] == 1 ? 1 : 0;
                if (sizes.Length > 0)
                {
                    sizes[k] = source.Sizes![i, k];
                }
            }

            metrics.Append(row, labels, sizes);
            if (counts is not null)
            {
                counting.Append(counts[i], present);
            }
        }

        return new Evaluation(
            metrics.Evaluate(), source.Sizes is null ? null : metrics.EvaluateSizes(), classes > 3 ? metrics.EvaluateTop(3) : null, counting.Evaluate(), scores);
    }
}
