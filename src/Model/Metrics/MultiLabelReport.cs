namespace MlTr.Model.Metrics;

/// <summary>The figures of the paper, section 4.1, as fractions; null where undefined.</summary>
public sealed record MultiLabelReport
{
    /// <summary>Average precision of each class; null for a class without positives.</summary>
    public required IReadOnlyList<double?> ClassAp { get; init; }

    /// <summary>For each class the threshold of its highest F1; null for a class none of whose positives has a score.</summary>
    public required IReadOnlyList<ClassThreshold?> BestThresholds { get; init; }

    /// <summary>Precision and recall at threshold 0.5.</summary>
    public required LabelFigures Labels { get; init; }

    /// <summary>Mean of the classes' average precisions.</summary>
    public double? Map { get; init; }

    /// <summary>Mean precision of the classes at threshold 0.5.</summary>
    public double? Cp => Labels.Cp;

    /// <summary>Mean recall of the classes at threshold 0.5.</summary>
    public double? Cr => Labels.Cr;

    /// <summary>Harmonic mean of <see cref="Cp"/> and <see cref="Cr"/>.</summary>
    public double? Cf1 => Labels.Cf1;

    /// <summary>Mean of the classes' own F1; the paper's CF1 looks like this one.</summary>
    public double? Cf1ClassMean => Labels.Cf1ClassMean;

    /// <summary>Precision over all labels at threshold 0.5.</summary>
    public double? Op => Labels.Op;

    /// <summary>Recall over all labels at threshold 0.5.</summary>
    public double? Or => Labels.Or;

    /// <summary>Harmonic mean of <see cref="Op"/> and <see cref="Or"/>.</summary>
    public double? Of1 => Labels.Of1;

    /// <summary>How many classes the means are over.</summary>
    public int Classes => Labels.Classes;

    /// <summary>How many scores were no number: ranked behind all others, and never predicted.</summary>
    public long NanScores { get; init; }
}

/// <summary>A threshold for one class: what scores above it is predicted.</summary>
/// <param name="Threshold">Half way between the lowest predicted score and the next one below, so that it moves little with a single picture.</param>
/// <param name="F1">F1 of the class at that threshold, the highest there is; of several such thresholds the highest.</param>
public sealed record ClassThreshold(double Threshold, double F1);

/// <summary>Mean AP for small, medium and large objects (paper, Table 7), with the number of classes in each mean; null where no class has such objects.</summary>
public sealed record SizeReport(double? Small, int SmallClasses, double? Medium, int MediumClasses, double? Large, int LargeClasses);

/// <summary>How well the count head counts: share of exact counts, and mean absolute error in classes.</summary>
public sealed record CountReport(double Accuracy, double MeanAbsoluteError);
