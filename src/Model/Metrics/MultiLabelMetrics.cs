using MlTr.Model.Data;

namespace MlTr.Model.Metrics;

/// <summary>The figures of the paper, section 4.1, as fractions; null where undefined.</summary>
public sealed record MultiLabelReport
{
    /// <summary>Average precision of each class; null for a class without positives.</summary>
    public required IReadOnlyList<double?> ClassAp { get; init; }

    /// <summary>Mean of the classes' average precisions.</summary>
    public double? Map { get; init; }

    /// <summary>Mean precision of the classes at threshold 0.5.</summary>
    public double? Cp { get; init; }

    /// <summary>Mean recall of the classes at threshold 0.5.</summary>
    public double? Cr { get; init; }

    /// <summary>Harmonic mean of <see cref="Cp"/> and <see cref="Cr"/>.</summary>
    public double? Cf1 { get; init; }

    /// <summary>Mean of the classes' own F1; the paper's CF1 looks like this one.</summary>
    public double? Cf1ClassMean { get; init; }

    /// <summary>Precision over all labels at threshold 0.5.</summary>
    public double? Op { get; init; }

    /// <summary>Recall over all labels at threshold 0.5.</summary>
    public double? Or { get; init; }

    /// <summary>Harmonic mean of <see cref="Op"/> and <see cref="Or"/>.</summary>
    public double? Of1 { get; init; }

    /// <summary>How many classes the means are over.</summary>
    public int Classes { get; init; }
}

/// <summary>Mean AP for small, medium and large objects (paper, Table 7), with the number of classes in each mean; null where no class has such objects.</summary>
public sealed record SizeReport(double? Small, int SmallClasses, double? Medium, int MediumClasses, double? Large, int LargeClasses);

/// <summary>How well the count head counts: share of exact counts, and mean absolute error in classes.</summary>
public sealed record CountReport(double Accuracy, double MeanAbsoluteError);

/// <summary>
/// Scores of a whole set, collected batch by batch and mergeable, then evaluated in double precision. Scores lie in 0..1; labels are 1, 0 or -1,
/// and -1 leaves the entry out of everything for that class.
/// </summary>
public sealed class MultiLabelMetrics
{
    private const double Threshold = 0.5;

    private readonly List<double[]> scores = [];
    private readonly List<sbyte[]> labels = [];
    private readonly List<byte[]?> sizes = [];

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

    /// <summary>Adds one image; <see cref="ArgumentException"/> for lists that are not K long or a score that is no number.</summary>
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
            if (double.IsNaN(score))
            {
                throw new ArgumentException("A score is not a number.");
            }
        }

        scores.Add(imageScores.ToArray());
        labels.Add(imageLabels.ToArray());
        sizes.Add(imageSizes.Length == 0 ? null : imageSizes.ToArray());
    }

    /// <summary>Adds the images of another collection behind these.</summary>
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
    }

    /// <summary>Evaluates everything so far.</summary>
    /// <param name="strict">Whether a class without positives counts as 0 in the means instead of being left out.</param>
    public MultiLabelReport Evaluate(bool strict = false)
    {
        var ap = new double?[Classes];
        double cp = 0, cr = 0, f1 = 0, mapSum = 0;
        long hitsAll = 0, predictedAll = 0, positivesAll = 0;
        var withPositives = 0;
        var (order, keys) = (new int[Count], new double[Count]);
        for (var k = 0; k < Classes; k++)
        {
            var (hits, predicted, positives) = CountAtThreshold(k);
            (hitsAll, predictedAll, positivesAll) = (hitsAll + hits, predictedAll + predicted, positivesAll + positives);
            if (positives == 0)
            {
                continue;
            }

            withPositives++;
            var ranked = Rank(k, order, keys);
            ap[k] = AveragePrecision(k, ranked, i => labels[i][k] == 1);
            mapSum += ap[k]!.Value;
            var (precision, recall) = (Ratio(hits, predicted), (double)hits / positives);
            (cp, cr, f1) = (cp + precision, cr + recall, f1 + Harmonic(precision, recall));
        }

        var defined = withPositives > 0;
        var classes = strict ? Classes : withPositives;
        double? Mean(double sum) => defined ? sum / classes : null;
        var op = Ratio(hitsAll, predictedAll);
        double? or = defined ? (double)hitsAll / positivesAll : null;
        return new MultiLabelReport
        {
            ClassAp = ap,
            Map = Mean(mapSum),
            Cp = Mean(cp),
            Cr = Mean(cr),
            Cf1 = defined ? Harmonic(cp / classes, cr / classes) : null,
            Cf1ClassMean = Mean(f1),
            Op = op,
            Or = or,
            Of1 = or is null ? null : Harmonic(op, or.Value),
            Classes = defined ? classes : 0,
        };
    }

    /// <summary>
    /// AP by object size. Positives of another size are left out; images without an object of the class are the negatives, those with an
    /// unknown label among them, as in the recorded numbers. Images appended without sizes are left out.
    /// </summary>
    public SizeReport EvaluateSizes()
    {
        var (sums, counts) = (new double[4], new int[4]);
        var (order, keys) = (new int[Count], new double[Count]);
        for (var k = 0; k < Classes; k++)
        {
            var ranked = Rank(k, order, keys, unknownToo: true);
            for (byte size = 1; size <= 3; size++)
            {
                // Hits are images with that size; what is present in another size is skipped in the ranking.
                var ap = AveragePrecision(k, ranked, i => sizes[i]![k] == size, i => sizes[i] is not null && (labels[i][k] != 1 || sizes[i]![k] == size));
                if (ap is not null)
                {
                    sums[size] += ap.Value;
                    counts[size]++;
                }
            }
        }

        double? Mean(int size) => counts[size] == 0 ? null : sums[size] / counts[size];
        return new SizeReport(Mean(1), counts[1], Mean(2), counts[2], Mean(3), counts[3]);
    }

    private (long Hits, long Predicted, long Positives) CountAtThreshold(int k)
    {
        long hits = 0, predicted = 0, positives = 0;
        for (var i = 0; i < Count; i++)
        {
            var label = labels[i][k];
            if (label < 0)
            {
                continue;
            }

            var says = scores[i][k] > Threshold;
            predicted += says ? 1 : 0;
            positives += label;
            hits += says ? label : 0;
        }

        return (hits, predicted, positives);
    }

    /// <summary>Images by falling score.</summary>
    private ReadOnlySpan<int> Rank(int k, int[] order, double[] keys, bool unknownToo = false)
    {
        var known = 0;
        for (var i = 0; i < Count; i++)
        {
            if (unknownToo || labels[i][k] >= 0)
            {
                keys[known] = -scores[i][k];
                order[known++] = i;
            }
        }

        Array.Sort(keys, order, 0, known);
        return order.AsSpan(0, known);
    }

    // Equal scores are one threshold, so the order of the images does not matter.
    private double? AveragePrecision(int k, ReadOnlySpan<int> ranked, Func<int, bool> isHit, Func<int, bool>? counts = null)
    {
        long positives = 0;
        foreach (var i in ranked)
        {
            positives += (counts is null || counts(i)) && isHit(i) ? 1 : 0;
        }

        if (positives == 0)
        {
            return null;
        }

        long seen = 0, hits = 0, reached = 0;
        var sum = 0.0;
        for (var r = 0; r < ranked.Length; r++)
        {
            var i = ranked[r];
            if (counts is null || counts(i))
            {
                seen++;
                hits += isHit(i) ? 1 : 0;
            }

            var lastOfItsScore = r + 1 == ranked.Length || scores[ranked[r + 1]][k] != scores[i][k];
            if (lastOfItsScore && hits > reached)
            {
                sum += (double)(hits - reached) / positives * ((double)hits / seen);
                reached = hits;
            }
        }

        return sum;
    }

    private static double Ratio(long part, long whole) => whole == 0 ? 0 : (double)part / whole;

    private static double Harmonic(double a, double b) => a + b == 0 ? 0 : 2 * a * b / (a + b);
}

/// <summary>Collects what the count head says: how many classes are present.</summary>
public sealed class CountMetrics
{
    private long exact, error, images;

    /// <summary>Adds one image by its predicted and true number of present classes.</summary>
    public void Append(int predicted, int actual)
    {
        exact += predicted == actual ? 1 : 0;
        error += Math.Abs(predicted - actual);
        images++;
    }

    /// <summary>Accuracy and mean absolute error; null before the first image.</summary>
    public CountReport? Evaluate() => images == 0 ? null : new CountReport((double)exact / images, (double)error / images);
}
