using System.Collections.Immutable;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Trials;

namespace MlTr.Grains.Trials;

/// <summary>What a worker must do with its trial.</summary>
public enum TrialDirective
{
    /// <summary>Go on.</summary>
    Continue,

    /// <summary>Stop at the next step and end the attempt as cancelled.</summary>
    Stop,

    /// <summary>Stop at the next step, leave a checkpoint and end the attempt as yielded: the trial waits again.</summary>
    Yield,

    /// <summary>The trial is not this worker's any more: stop and write nothing.</summary>
    Refused,
}

/// <summary>A batch of what a runner said. Every part may arrive twice.</summary>
[GenerateSerializer, Immutable, Alias("mltr.TrialReport")]
public sealed record TrialReport([property: Id(0)] long Epoch)
{
    /// <summary>Optimiser steps done; 0 if the report does not say.</summary>
    [Id(1)] public long Step { get; init; }

    /// <summary>Set by the first report of an attempt.</summary>
    [Id(2)] public AttemptStart? Start { get; init; }

    [Id(3)] public ImmutableArray<MetricPoint> Points { get; init; } = [];

    [Id(4)] public ImmutableArray<LogLine> LogLines { get; init; } = [];

    [Id(5)] public ImmutableArray<CheckpointSnapshot> Checkpoints { get; init; } = [];

    [Id(6)] public ImmutableArray<string> RemovedCheckpointPaths { get; init; } = [];

    /// <summary>What the runner waits for; empty if it goes on, null if the report does not say.</summary>
    [Id(7)] public string? WaitsFor { get; init; }
}

/// <summary>How an attempt began.</summary>
[GenerateSerializer, Immutable, Alias("mltr.AttemptStart")]
public sealed record AttemptStart([property: Id(0)] long ResumedFromStep, [property: Id(1)] long TotalSteps, [property: Id(2)] string Environment);

/// <summary>How an attempt ended.</summary>
[GenerateSerializer, Immutable, Alias("mltr.AttemptEnd")]
public sealed record AttemptEnd([property: Id(0)] AttemptState Outcome, [property: Id(1)] string Reason, [property: Id(2)] FailureKind? Failure = null);

/// <summary>What becomes of a trial whose attempt has ended.</summary>
/// <param name="IsRefused">The attempt was not this worker's any more.</param>
/// <param name="WaitsAgainAfter">The trial waits for a worker again after so long; null if it has ended.</param>
[GenerateSerializer, Immutable, Alias("mltr.EndAnswer")]
public sealed record EndAnswer([property: Id(0)] bool IsRefused, [property: Id(1)] TimeSpan? WaitsAgainAfter = null);

/// <summary>The writing side of a trial, for workers and the scheduler. Implemented by the trial's grain.</summary>
[Alias("mltr.ITrialReports")]
internal interface ITrialReports : IGrainWithStringKey
{
    /// <summary>Begins an attempt. Null if the epoch is not newer than the last one, or the trial has ended.</summary>
    [Alias("Begin")]
    Task<TrialAssignment?> BeginAsync(long epoch, string worker, string device);

    /// <summary>Makes a report durable, then answers.</summary>
    [Alias("Report")]
    Task<TrialDirective> ReportAsync(TrialReport report);

    /// <summary>Ends the attempt. The trial waits again if it yielded, or if it failed in a way that to try again can help.</summary>
    [Alias("End")]
    Task<EndAnswer> EndAsync(long epoch, AttemptEnd end);

    /// <summary>The lease of an epoch is gone; the trial waits again, or has ended if it must not run again. An older epoch, or another worker's, changes nothing.</summary>
    /// <param name="epoch">The lease's epoch.</param>
    /// <param name="worker">Who had it.</param>
    /// <param name="reason">Why it is gone, in words.</param>
    /// <param name="stopReason">Why the trial was to stop, if it was.</param>
    /// <param name="kind">Whose loss it was: of the worker, which counts against a trial that loses one after another, or of the control process.</param>
    /// <returns>True if the trial waits.</returns>
    [Alias("Lose")]
    Task<bool> LoseAsync(long epoch, string worker, string reason, string? stopReason, FailureKind kind);
}
