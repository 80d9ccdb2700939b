using MlTr.Model.Metrics;

namespace MlTr.Model.Training;

/// <summary>Something a running trainer has to say: a point, a line, or that a checkpoint is on the disk.</summary>
public abstract record TrainerReport
{
    private TrainerReport()
    {
    }

    /// <summary>A value of a named series (<c>train/loss</c>, <c>val/mAP</c>, <c>val/AP/&lt;class&gt;</c>, ..) after so many steps.</summary>
    public sealed record Point(string Name, long Step, double Value) : TrainerReport;

    /// <summary>A line for the log.</summary>
    public sealed record Line(string Text) : TrainerReport;

    /// <summary>A complete checkpoint folder after so many steps; its size, and the SHA-256 (hex) of its manifest.</summary>
    public sealed record CheckpointWritten(string Path, long Step, long Bytes, string Sha256) : TrainerReport;
}

/// <summary>One set of weights evaluated on the whole validation set.</summary>
/// <param name="Metrics">The figures.</param>
/// <param name="Sizes">AP by object size; null where the set knows no sizes.</param>
/// <param name="Top3">Precision and recall of the three likeliest classes; null with three classes or fewer.</param>
/// <param name="Count">How well the count head counts; null without one.</param>
/// <param name="Scores">[N, K] scores in 0..1.</param>
public sealed record Evaluation(MultiLabelReport Metrics, SizeReport? Sizes, LabelFigures? Top3, CountReport? Count, float[,] Scores)
{
    /// <summary>The figures by their short names, but for the classes' own; null where undefined.</summary>
    public IReadOnlyList<(string Name, double? Value)> Figures() =>
    [
        ("mAP", Metrics.Map), ("CP", Metrics.Cp), ("CR", Metrics.Cr), ("CF1", Metrics.Cf1), ("CF1_class_mean", Metrics.Cf1ClassMean), ("OP", Metrics.Op), ("OR", Metrics.Or),
        ("OF1", Metrics.Of1), ("CF1_top3", Top3?.Cf1), ("OF1_top3", Top3?.Of1), ("count_accuracy", Count?.Accuracy), ("count_mae", Count?.MeanAbsoluteError),
        ("AP_small", Sizes?.Small), ("AP_medium", Sizes?.Medium), ("AP_large", Sizes?.Large),
    ];
}

/// <summary>How a run ended.</summary>
/// <param name="Step">Steps made.</param>
/// <param name="TotalSteps">Steps planned; the same unless the run was stopped.</param>
/// <param name="Raw">The last weights, evaluated.</param>
/// <param name="Averaged">Their running mean, evaluated; null where none is kept.</param>
/// <param name="BestMap">Highest mAP of any evaluation of the run.</param>
/// <param name="BestStep">After how many steps that was.</param>
/// <param name="Checkpoint">Folder of the last checkpoint.</param>
public sealed record TrainerResult(long Step, long TotalSteps, Evaluation Raw, Evaluation? Averaged, double? BestMap, long BestStep, string Checkpoint)
{
    /// <summary>Whether the averaged weights are the better ones.</summary>
    public bool AveragedIsBetter => Averaged is not null && (Averaged.Metrics.Map ?? 0) >= (Raw.Metrics.Map ?? 0);

    /// <summary>The better of the two.</summary>
    public Evaluation Best => AveragedIsBetter ? Averaged! : Raw;
}

/// <summary>Training cannot go on: a loss or gradient is no number, or a checkpoint cannot be written.</summary>
public sealed class TrainingFailedException : Exception
{
    /// <summary>Names the step, counted from 0, and what happened in it.</summary>
    public TrainingFailedException(long step, string cause, Exception? inner = null)
        : base($"Training failed in step {step}: {cause}", inner)
    {
        Step = step;
        Cause = cause;
    }

    /// <summary>The step, counted from 0.</summary>
    public long Step { get; }

    /// <summary>What happened.</summary>
    public string Cause { get; }
}
