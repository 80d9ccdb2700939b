using System.Globalization;
using MlTr.Abstractions.Metrics;

namespace MlTr.Dashboard.Shared;

internal enum MetricUnit
{
    Number,
    Fraction,
    Rate,
    Seconds,
    Cores,
    Gibibytes,
}

/// <summary>How one metric is named and explained on screens.</summary>
/// <param name="Name">Its name in the store.</param>
/// <param name="Label">Its name on screens.</param>
/// <param name="Unit">How its values are written.</param>
/// <param name="Tooltip">What it measures, in a sentence.</param>
/// <param name="MoreIsBetter">Which of two values is the better one: the higher, the lower, or, if null, none as such.</param>
internal sealed record MetricInfo(string Name, string Label, MetricUnit Unit, string Tooltip, bool? MoreIsBetter = null)
{
    private static readonly MetricInfo[] Known =
    [
        new(MetricNames.MeanAveragePrecision, "mAP", MetricUnit.Fraction, "Mean average precision over the classes that have a positive; higher is better.", MoreIsBetter: true),
        new(MetricNames.ClassF1, "CF1", MetricUnit.Fraction, "F1 of class-wise mean precision and recall; higher is better.", MoreIsBetter: true),
        new(MetricNames.OverallF1, "OF1", MetricUnit.Fraction, "F1 over all predictions together; higher is better.", MoreIsBetter: true),
        new("val/AP_small", "AP small", MetricUnit.Fraction, "Average precision on small objects; higher is better.", MoreIsBetter: true),
        new("val/AP_medium", "AP medium", MetricUnit.Fraction, "Average precision on medium objects; higher is better.", MoreIsBetter: true),
        new("val/AP_large", "AP large", MetricUnit.Fraction, "Average precision on large objects; higher is better.", MoreIsBetter: true),
        new("val/mAP_raw", "mAP, raw weights", MetricUnit.Fraction, "mAP of the weights as trained; mAP is the better one of raw and averaged.", MoreIsBetter: true),
        new("val/mAP_ema", "mAP, averaged weights", MetricUnit.Fraction, "mAP of the moving average of the weights; mAP is the better one of raw and averaged.", MoreIsBetter: true),
        new("val/CP", "CP", MetricUnit.Fraction, "Precision, mean over classes; higher is better.", MoreIsBetter: true),
        new("val/CR", "CR", MetricUnit.Fraction, "Recall, mean over classes; higher is better.", MoreIsBetter: true),
        new("val/OP", "OP", MetricUnit.Fraction, "Precision over all predictions together; higher is better.", MoreIsBetter: true),
        new("val/OR", "OR", MetricUnit.Fraction, "Recall over all predictions together; higher is better.", MoreIsBetter: true),
        new("val/count_accuracy", "count accuracy", MetricUnit.Fraction, "How often the object-aware token tells exactly how many classes are present; higher is better.", MoreIsBetter: true),
        new("val/count_mae", "count error", MetricUnit.Number, "How many classes the object-aware token is off, on average; lower is better.", MoreIsBetter: false),
        new("marks/lookalike_confusion", "lookalike confusion", MetricUnit.Fraction,
            "How often a class is claimed because its lookalike is in the picture; lower is better.", MoreIsBetter: false),
        new("marks/trap_cross_gap", "trap: cross", MetricUnit.Fraction,
            "How much worse triangles are told from their absence beside a cross (AUC lost); near 0 is good: the habit was not learned."),
        new("marks/trap_stars_gap", "trap: stars", MetricUnit.Fraction,
            "Recall of stars that stand alone minus recall of stars that meet; near 0 is good: the habit was not learned."),
        new(MetricNames.TrainLoss, "loss", MetricUnit.Number, "Training loss, mean per image since the last report; lower is better.", MoreIsBetter: false),
        new("train/loss_asl", "asymmetric loss", MetricUnit.Number, "The classification part of the loss (asymmetric); lower is better.", MoreIsBetter: false),
        new("train/loss_bce", "binary cross entropy", MetricUnit.Number, "The classification part of the loss; lower is better.", MoreIsBetter: false),
        new("train/loss_focal", "focal loss", MetricUnit.Number, "The classification part of the loss (focal); lower is better.", MoreIsBetter: false),
        new("train/loss_otl", "object token loss", MetricUnit.Number, "The object-aware token's part of the loss; lower is better.", MoreIsBetter: false),
        new("train/grad_norm", "gradient norm", MetricUnit.Number, "2-norm of the gradient before clipping; a sudden rise warns of divergence."),
        new(MetricNames.LearningRate, "learning rate", MetricUnit.Number, "Learning rate of the step: rises in the warm-up, then falls (one cycle)."),
        new(MetricNames.ImagesPerSecond, "throughput", MetricUnit.Rate, "Training images per second.", MoreIsBetter: true),
        new("train/data_wait_share", "data wait", MetricUnit.Fraction, "Share of the time in which training waited for data; near 0 is good.", MoreIsBetter: false),
        new(MetricNames.ProcessorCores, "processor", MetricUnit.Cores, "CPU cores that the worker used since the point before."),
        new(MetricNames.MemoryGibibytes, "memory", MetricUnit.Gibibytes, "Memory of the worker's process."),
        new(MetricNames.GpuShare, "GPU", MetricUnit.Fraction, "Share of the time in which the GPU computed, for whomever; near 100 % is good."),
        new(MetricNames.GpuMemoryGibibytes, "GPU memory", MetricUnit.Gibibytes, "Memory of the GPU in use, by whomever."),
    ];

    /// <summary>Whether it comes with the steps of training, too often for a dot at each point.</summary>
    public static bool IsDense(string name) => name.StartsWith("train/", StringComparison.Ordinal) || name.StartsWith("system/", StringComparison.Ordinal);

    public bool IsPercent => Unit == MetricUnit.Fraction;

    /// <summary>What its values count, for the axis of a chart.</summary>
    public string? Axis => Unit switch
    {
        MetricUnit.Seconds => "seconds",
        MetricUnit.Cores => "cores",
        MetricUnit.Gibibytes => "GiB",
        MetricUnit.Rate => Name == MetricNames.ImagesPerSecond ? "images per second" : "per second",
        _ => null,
    };

    public static MetricInfo For(string name)
    {
        if (Array.Find(Known, known => known.Name == name) is { } found)
        {
            return found;
        }

        var bare = name[(name.LastIndexOf('/') + 1)..].Replace('_', ' ');
        return name switch
        {
            _ when name.StartsWith(MetricNames.ClassPrefix, StringComparison.Ordinal) =>
                new(name, "AP " + bare, MetricUnit.Fraction, $"Average precision of the class {bare}.", MoreIsBetter: true),
            _ when name.StartsWith("marks/trap_", StringComparison.Ordinal) =>
                new(name, bare, MetricUnit.Fraction, "How often the model falls for this trap of the marks dataset; lower is better.", MoreIsBetter: false),
            _ when name.StartsWith("marks/", StringComparison.Ordinal) => new(name, bare, MetricUnit.Fraction, "A measure of the marks dataset."),
            _ when name.EndsWith("_seconds", StringComparison.Ordinal) => new(name, bare, MetricUnit.Seconds, $"{name}, in seconds."),
            _ when name.Contains("per_second", StringComparison.Ordinal) => new(name, bare, MetricUnit.Rate, $"{name}, per second."),
            _ when name.Contains("loss", StringComparison.Ordinal) => new(name, bare, MetricUnit.Number, $"{name}: a part of the loss; lower is better.", MoreIsBetter: false),
            _ when name.StartsWith("val/", StringComparison.Ordinal) => new(name, bare, MetricUnit.Fraction, $"{name}, measured on the validation split."),
            _ => new(name, bare, MetricUnit.Number, name),
        };
    }

    /// <summary>A value with its unit.</summary>
    public string Show(double? value) => value is not { } number ? Format.None : Unit switch
    {
        _ when double.IsNaN(number) => "NaN",
        MetricUnit.Fraction => Format.Percent(number),
        MetricUnit.Seconds => number.ToString("0.00 s", CultureInfo.InvariantCulture),
        MetricUnit.Cores => number.ToString("0.0 cores", CultureInfo.InvariantCulture),
        MetricUnit.Gibibytes => number.ToString("0.00 GiB", CultureInfo.InvariantCulture),
        MetricUnit.Rate => number.ToString("0.0", CultureInfo.InvariantCulture) + "/s",
        _ => Format.Number(number),
    };
}
