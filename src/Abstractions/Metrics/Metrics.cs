using System.Collections.Immutable;

namespace MlTr.Abstractions.Metrics;

/// <summary>The metric names that the platform itself speaks of. All are fractions (0..1) unless their unit is said.</summary>
public static class MetricNames
{
    /// <summary>Mean average precision over the classes that have a positive.</summary>
    public const string MeanAveragePrecision = "val/mAP";

    /// <summary>Harmonic mean of class-wise precision and recall.</summary>
    public const string ClassF1 = "val/CF1";

    /// <summary>F1 over all predictions.</summary>
    public const string OverallF1 = "val/OF1";

    /// <summary>Training loss, mean per image since the last report.</summary>
    public const string TrainLoss = "train/loss";

    /// <summary>Learning rate of the step.</summary>
    public const string LearningRate = "train/learning_rate";

    /// <summary>Training throughput, images per second.</summary>
    public const string ImagesPerSecond = "train/images_per_second";

    /// <summary>CPU cores that the worker's process used on average since the point before.</summary>
    public const string ProcessorCores = "system/cpu_cores";

    /// <summary>Memory of the worker's process, GiB.</summary>
    public const string MemoryGibibytes = "system/memory_gib";

    /// <summary>Share of the time in which the GPU computed, for whomever.</summary>
    public const string GpuShare = "system/gpu_share";

    /// <summary>Memory of the GPU in use, by whomever, GiB.</summary>
    public const string GpuMemoryGibibytes = "system/gpu_memory_gib";

    /// <summary>Average precision of one class.</summary>
    public const string ClassPrefix = "val/AP/";
}

/// <summary>One value of one metric. Unique by (trial, attempt, name, step).</summary>
/// <param name="Name">For example <c>train/loss</c>.</param>
/// <param name="Step">Optimiser steps done.</param>
/// <param name="Value">The value; may be NaN only for a failed loss.</param>
[GenerateSerializer, Immutable, Alias("mltr.MetricPoint")]
public readonly record struct MetricPoint([property: Id(0)] string Name, [property: Id(1)] long Step, [property: Id(2)] double Value);

/// <summary>One metric of one trial over its steps.</summary>
/// <param name="Name">The metric.</param>
/// <param name="Points">The valid points by step: neither gaps nor doubles across attempts.</param>
/// <param name="Superseded">Points of earlier attempts after the step that a later attempt resumed from: history.</param>
[GenerateSerializer, Immutable, Alias("mltr.Curve")]
public sealed record Curve([property: Id(0)] string Name, [property: Id(1)] ImmutableArray<CurvePoint> Points, [property: Id(2)] ImmutableArray<CurvePoint> Superseded)
{
    /// <summary>True if valid points were left out: only the lowest and the highest of each stretch are here.</summary>
    [Id(3)]
    public bool IsThinned { get; init; }
}

/// <summary>Which part of curves is asked for, and how finely.</summary>
/// <param name="MaxPoints">A curve with more points in the window is thinned to at most so many: the lowest and the highest of each stretch stay. 4 or more.</param>
/// <param name="FromStep">The first step.</param>
/// <param name="ToStep">The last step.</param>
[GenerateSerializer, Immutable, Alias("mltr.CurveWindow")]
public sealed record CurveWindow([property: Id(0)] int MaxPoints, [property: Id(1)] long FromStep = 0, [property: Id(2)] long ToStep = long.MaxValue);

/// <summary>One point of a curve.</summary>
[GenerateSerializer, Immutable, Alias("mltr.CurvePoint")]
public readonly record struct CurvePoint([property: Id(0)] long Step, [property: Id(1)] double Value, [property: Id(2)] int Attempt);
