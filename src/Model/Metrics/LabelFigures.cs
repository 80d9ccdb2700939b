namespace MlTr.Model.Metrics;

/// <summary>Precision and recall of predicted labels (paper, section 4.1), as fractions; null where undefined.</summary>
public sealed record LabelFigures
{
    /// <summary>Mean precision of the classes; a class for which nothing is predicted counts with 0.</summary>
    public double? Cp { get; init; }

    /// <summary>Mean recall of the classes.</summary>
    public double? Cr { get; init; }

    /// <summary>Harmonic mean of <see cref="Cp"/> and <see cref="Cr"/>.</summary>
    public double? Cf1 { get; init; }

    /// <summary>Mean of the classes' own F1; the paper's CF1 looks like this one.</summary>
    public double? Cf1ClassMean { get; init; }

    /// <summary>Precision over all labels.</summary>
    public double? Op { get; init; }

    /// <summary>Recall over all labels.</summary>
    public double? Or { get; init; }

    /// <summary>Harmonic mean of <see cref="Op"/> and <see cref="Or"/>.</summary>
    public double? Of1 { get; init; }

    /// <summary>How many classes the means are over: those with a positive, or all if asked to be strict; 0 where nothing is positive.</summary>
    public int Classes { get; init; }
}

/// <summary>Whole numbers from which <see cref="LabelFigures"/> follow, class by class.</summary>
internal sealed class LabelCounts(int classes)
{
    private readonly long[] hits = new long[classes], predicted = new long[classes], positives = new long[classes];

    public bool HasPositives(int k) => positives[k] > 0;

    public int ClassesWithPositives => positives.Count(p => p > 0);

    public void Add(int k, bool isPredicted, bool isPositive)
    {
        hits[k] += isPredicted && isPositive ? 1 : 0;
        predicted[k] += isPredicted ? 1 : 0;
        positives[k] += isPositive ? 1 : 0;
    }

    public LabelFigures Figures(bool strict)
    {
        var op = Rates.Of(hits.Sum(), predicted.Sum());
        var present = ClassesWithPositives;
        if (present == 0)
        {
            return new LabelFigures { Op = op };
        }

        double cp = 0, cr = 0, f1 = 0;
        for (var k = 0; k < classes; k++)
        {
            if (positives[k] > 0)
            {
                var (precision, recall) = (Rates.Of(hits[k], predicted[k]), Rates.Of(hits[k], positives[k]));
                (cp, cr, f1) = (cp + precision, cr + recall, f1 + Rates.Harmonic(precision, recall));
            }
        }

        var over = strict ? classes : present;
        var or = Rates.Of(hits.Sum(), positives.Sum());
        return new LabelFigures
        {
            Cp = cp / over,
            Cr = cr / over,
            Cf1 = Rates.Harmonic(cp / over, cr / over),
            Cf1ClassMean = f1 / over,
            Op = op,
            Or = or,
            Of1 = Rates.Harmonic(op, or),
            Classes = over,
        };
    }
}

/// <summary>Quotients that are 0 where there is nothing to divide by.</summary>
internal static class Rates
{
    public static double Of(long part, long whole) => whole == 0 ? 0 : (double)part / whole;

    public static double Harmonic(double a, double b) => a + b == 0 ? 0 : 2 * a * b / (a + b);
}
