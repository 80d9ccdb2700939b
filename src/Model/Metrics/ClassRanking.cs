namespace MlTr.Model.Metrics;

/// <summary>
/// The scores of one class. Only a positive's score can be where AP grows or F1 is highest, so that the positives are sorted and the negatives,
/// mostly many more, are counted between them. Everything follows from the scores as a set: their order does not matter. Used again for every class.
/// </summary>
internal sealed class ClassRanking(int images)
{
    // Not a number is ranked behind everything.
    private const double Last = double.NegativeInfinity;

    private readonly double[] positives = new double[images], negatives = new double[images];
    private readonly double[] levels = new double[images]; // distinct scores of positives, rising
    private readonly int[] hitsAt = new int[images], below = new int[images + 1]; // positives at a level; negatives from the level before up to it
    private readonly double[] highestBelow = new double[images + 1];
    private int positiveCount, negativeCount, levelCount;

    public void Clear() => positiveCount = negativeCount = 0;

    public void Add(double score, bool positive)
    {
        var value = double.IsNaN(score) ? Last : score;
        if (positive)
        {
            positives[positiveCount++] = value;
        }
        else
        {
            negatives[negativeCount++] = value;
        }
    }

    /// <summary>To be called once all scores are there.</summary>
    public void Rank()
    {
        var sorted = positives.AsSpan(0, positiveCount);
        sorted.Sort();
        levelCount = 0;
        foreach (var score in sorted)
        {
            if (levelCount == 0 || levels[levelCount - 1] != score)
            {
                hitsAt[levelCount] = 0;
                levels[levelCount++] = score;
            }

            hitsAt[levelCount - 1]++;
        }

        below.AsSpan(0, levelCount + 1).Clear();
        highestBelow.AsSpan(0, levelCount + 1).Fill(Last);
        var reached = levels.AsSpan(0, levelCount);
        foreach (var score in negatives.AsSpan(0, negativeCount))
        {
            var level = CountUpTo(reached, score);
            below[level]++;
            if (score > highestBelow[level])
            {
                highestBelow[level] = score;
            }
        }
    }

    /// <summary>Non-interpolated average precision, equal scores being one threshold; null without positives.</summary>
    public double? AveragePrecision()
    {
        if (positiveCount == 0)
        {
            return null;
        }

        long hits = 0, seen = 0;
        var sum = 0.0;
        for (var level = levelCount - 1; level >= 0; level--)
        {
            hits += hitsAt[level];
            seen += hitsAt[level] + below[level + 1];
            sum += (double)hitsAt[level] / positiveCount * ((double)hits / seen);
        }

        return sum;
    }

    /// <summary>The threshold with the highest F1, the highest one where several are equally good; null if no positive has a number for a score.</summary>
    public ClassThreshold? BestThreshold()
    {
        long hits = 0, seen = 0, bestHits = 0, bestSum = 1;
        var best = -1;
        for (var level = levelCount - 1; level >= 0 && levels[level] > Last; level--)
        {
            hits += hitsAt[level];
            seen += hitsAt[level] + below[level + 1];

            // F1 = 2 hits / (seen + positives), compared without rounding.
            if ((Int128)hits * bestSum > (Int128)bestHits * (seen + positiveCount))
            {
                (best, bestHits, bestSum) = (level, hits, seen + positiveCount);
            }
        }

        return best < 0 ? null : new ClassThreshold(JustBelow(best), 2.0 * bestHits / bestSum);
    }

    private double JustBelow(int level)
    {
        var score = levels[level];
        var next = Math.Max(highestBelow[level], level > 0 ? levels[level - 1] : Last);
        var lower = next > Last ? next : Math.Min(0, Math.BitDecrement(score));
        var middle = lower + ((score - lower) / 2);
        return middle < score ? middle : lower; // neighbouring numbers have nothing between them
    }

    /// <summary>How many of the rising levels are at or below the score.</summary>
    private static int CountUpTo(ReadOnlySpan<double> rising, double score)
    {
        var (from, left) = (0, rising.Length);
        while (left > 0)
        {
            var half = left / 2;
            var reached = rising[from + half] <= score;
            from = reached ? from + half + 1 : from;
            left = reached ? left - half - 1 : half;
        }

        return from;
    }
}
