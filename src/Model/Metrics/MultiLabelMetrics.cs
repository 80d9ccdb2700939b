using MlTr.Model.Data;

namespace MlTr.Model.Metrics;

/// <summary>
/// Scores of a whole set, collected batch by batch and mergeable, then evaluated in double precision. Scores lie in 0..1; labels are 1, 0 or -1,
/// and -1 leaves the entry out of everything for that class. A score that is no number ranks last, is never predicted, and is counted in
/// <see cref="MultiLabelReport.NanScores"/>. The figures are those of the set: neither the order of the images nor a split into shards changes a bit.
/// </summary>
public sealed class MultiLabelMetrics
{
    private const double Threshold = 0.5;

    private readonly List<double[]> scores = [];
    private readonly List<sbyte[]> labels = [];
    private readonly List<byte[]?> sizes = [];
    private long nanScores;

    /// <summary>Starts empty, for the given number of classes.</summary>
    public MultiLabelMetrics(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        Classes = classes;
    }

    /// <summary>Number of classes, K.</summary>
    public int Classes { get; }

    /// <summary>Number of images so far.</summary>
    public int Count => scores.Count;

    /// <summary>1 small, 2 medium, 3 large, for an object's area in square pixels of the original image (Table 7).</summary>
    public static byte SizeOf(double area) => SizeLimits.Coco.SizeOf(area);

    /// <summary>Adds one image; <see cref="ArgumentException"/> for lists that are not K long.</summary>
    /// <param name="imageScores">K scores.</param>
    /// <param name="imageLabels">K labels.</param>
    /// <param name="imageSizes">K sizes of the classes' largest objects, 0 absent, 1 to 3; empty if unknown.</param>
    public void Append(ReadOnlySpan<double> imageScores, ReadOnlySpan<sbyte> imageLabels, ReadOnlySpan<byte> imageSizes = default)
    {
        if (imageScores.Length != Classes || imageLabels.Length != Classes || (imageSizes.Length != 0 && imageSizes.Length != Classes))
        {
            throw new ArgumentException($"An image needs {Classes} scores and labels; these are {imageScores.Length} and {imageLabels.Length}.");
        }

        foreach (var score in imageScores)
        {
            nanScores += double.IsNaN(score) ? 1 : 0;
        }

        scores.Add(imageScores.ToArray());
        labels.Add(imageLabels.ToArray());
        sizes.Add(imageSizes.Length == 0 ? null : imageSizes.ToArray());
    }

    /// <summary>Adds the images of another collection.</summary>
    public void Merge(MultiLabelMetrics other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Classes != Classes)
        {
            throw new ArgumentException($"{other.Classes} classes do not merge with {Classes}.", nameof(other));
        }

        scores.AddRange(other.scores);
        labels.AddRange(other.labels);
        sizes.AddRange(other.sizes);
        nanScores += other.nanScores;
    }

    /// <summary>Evaluates everything so far.</summary>
    /// <param name="strict">Whether a class without positives counts as 0 in the means instead of being left out.</param>
    public MultiLabelReport Evaluate(bool strict = false)
    {
        var (ap, best) = (new double?[Classes], new ClassThreshold?[Classes]);
        var (ranking, counts) = (new ClassRanking(Count), new LabelCounts(Classes));
        for (var k = 0; k < Classes; k++)
        {
            ranking.Clear();
            for (var i = 0; i < Count; i++)
            {
                var label = labels[i][k];
                if (label >= 0)
                {
                    var score = scores[i][k];
                    ranking.Add(score, label == 1);
                    counts.Add(k, score > Threshold, label == 1);
                }
            }

            if (counts.HasPositives(k))
            {
                ranking.Rank();
                (ap[k], best[k]) = (ranking.AveragePrecision(), ranking.BestThreshold());
            }
        }

        var over = strict ? Classes : counts.ClassesWithPositives;
        return new MultiLabelReport
        {
            ClassAp = ap,
            BestThresholds = best,
            Labels = counts.Figures(strict),
            Map = counts.ClassesWithPositives == 0 ? null : ap.Sum(value => value ?? 0) / over,
            NanScores = nanScores,
        };
    }

    /// <summary>Precision and recall where each class has a threshold of its own, such as <see cref="MultiLabelReport.BestThresholds"/> of a validation set.</summary>
    /// <param name="thresholds">K thresholds; what scores above is predicted.</param>
    /// <param name="strict">Whether a class without positives counts as 0 in the means instead of being left out.</param>
    public LabelFigures EvaluateAt(IReadOnlyList<double> thresholds, bool strict = false)
    {
        ArgumentNullException.ThrowIfNull(thresholds);
        if (thresholds.Count != Classes)
        {
            throw new ArgumentException($"{Classes} classes need as many thresholds; these are {thresholds.Count}.", nameof(thresholds));
        }

        var counts = new LabelCounts(Classes);
        for (var i = 0; i < Count; i++)
        {
            for (var k = 0; k < Classes; k++)
            {
                if (labels[i][k] >= 0)
                {
                    counts.Add(k, scores[i][k] > thresholds[k], labels[i][k] == 1);
                }
            }
        }

        return counts.Figures(strict);
    }

    /// <summary>
    /// Precision and recall where the <paramref name="top"/> classes with the highest scores of each image are predicted, equal scores by lower
    /// index; classes whose label is unknown take no place.
    /// </summary>
    /// <param name="top">How many classes are predicted, at least 1; 3 in most published tables.</param>
    /// <param name="above">
    /// If given, only scores above it are predicted, so that some images get fewer labels: ML-GCN's top-3 figures and those compared with them are
    /// made with 0.5.
    /// </param>
    /// <param name="strict">Whether a class without positives counts as 0 in the means instead of being left out.</param>
    public LabelFigures EvaluateTop(int top, double? above = null, bool strict = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        var counts = new LabelCounts(Classes);
        var order = new int[Math.Min(top, Classes)];
        for (var i = 0; i < Count; i++)
        {
            var predicted = Top(i, above, order);
            for (var k = 0; k < Classes; k++)
            {
                if (labels[i][k] >= 0)
                {
                    counts.Add(k, predicted.Contains(k), labels[i][k] == 1);
                }
            }
        }

        return counts.Figures(strict);
    }

    /// <summary>
    /// AP by object size: positives are the images whose largest object of the class has that size, negatives those without one (size 0). Objects of
    /// another size, objects whose label is unknown, and images appended without sizes are left out.
    /// </summary>
    public SizeReport EvaluateSizes()
    {
        var (sums, counts) = (new double[4], new int[4]);
        var ranking = new ClassRanking(Count);
        for (var k = 0; k < Classes; k++)
        {
            for (byte size = 1; size <= 3; size++)
            {
                if (SizeAveragePrecision(ranking, k, size) is { } ap)
                {
                    sums[size] += ap;
                    counts[size]++;
                }
            }
        }

        double? Mean(int size) => counts[size] == 0 ? null : sums[size] / counts[size];
        return new SizeReport(Mean(1), counts[1], Mean(2), counts[2], Mean(3), counts[3]);
    }

    /// <summary>One class's part of <see cref="EvaluateSizes"/>.</summary>
    /// <param name="k">The class.</param>
    /// <param name="size">1 small, 2 medium, 3 large.</param>
    /// <returns>Null without a positive of that size.</returns>
    public double? SizeAveragePrecision(int k, byte size) => SizeAveragePrecision(new ClassRanking(Count), k, size);

    private double? SizeAveragePrecision(ClassRanking ranking, int k, byte size)
    {
        ranking.Clear();
        for (var i = 0; i < Count; i++)
        {
            if (sizes[i] is { } of && (of[k] == 0 || (of[k] == size && labels[i][k] == 1)))
            {
                ranking.Add(scores[i][k], of[k] == size);
            }
        }

        ranking.Rank();
        return ranking.AveragePrecision();
    }

    /// <summary>The classes predicted for an image, the likeliest first, put into <paramref name="order"/>.</summary>
    private ReadOnlySpan<int> Top(int image, double? above, int[] order)
    {
        var (row, known, lowest) = (scores[image], labels[image], above ?? double.NegativeInfinity);
        var count = 0;
        for (var k = 0; k < Classes; k++)
        {
            var score = row[k];
            if (known[k] < 0 || double.IsNaN(score) || (above is not null && score <= lowest) || (count == order.Length && score <= row[order[^1]]))
            {
                continue;
            }

            var place = count < order.Length ? count++ : count - 1;
            for (; place > 0 && row[order[place - 1]] < score; place--)
            {
                order[place] = order[place - 1];
            }

            order[place] = k;
        }

        return order.AsSpan(0, count);
    }
}
