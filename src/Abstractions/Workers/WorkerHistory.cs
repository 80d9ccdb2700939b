using System.Collections.Immutable;
using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Trials;

namespace MlTr.Abstractions.Workers;

/// <summary>What can happen to a worker, besides work.</summary>
public enum WorkerEventKind
{
    /// <summary>A person asked that it gets no new trial.</summary>
    Drained,

    /// <summary>A person asked that it gets trials again.</summary>
    Resumed,

    /// <summary>Its process ended, or it fell silent.</summary>
    Lost,

    /// <summary>The supervisor started it again.</summary>
    Restarted,
}

/// <summary>Something that happened to a worker: what, when and why.</summary>
[GenerateSerializer, Immutable, Alias("mltr.WorkerEvent")]
public sealed record WorkerEvent(
    [property: Id(0)] DateTimeOffset Time,
    [property: Id(1)] string WorkerId,
    [property: Id(2)] WorkerEventKind Kind,
    [property: Id(3)] string Reason,
    [property: Id(4)] string By);

/// <summary>An attempt at a trial, or a part of an evaluation, that a worker had.</summary>
/// <param name="Trial">The trial; for a part the one whose checkpoint is evaluated.</param>
/// <param name="Part">The part; null for an attempt.</param>
/// <param name="Attempt">The number of the attempt; 0 for a part.</param>
/// <param name="State">How it stands or ended. A part that waits for another worker was given back or lost.</param>
/// <param name="StartedAt">When the worker began.</param>
/// <param name="EndedAt">When it ended; null while it runs.</param>
/// <param name="Reason">Why it ended, in words.</param>
[GenerateSerializer, Immutable, Alias("mltr.WorkerRun")]
public sealed record WorkerRun(
    [property: Id(0)] TrialId Trial,
    [property: Id(1)] PartId? Part,
    [property: Id(2)] int Attempt,
    [property: Id(3)] AttemptState State,
    [property: Id(4)] DateTimeOffset StartedAt,
    [property: Id(5)] DateTimeOffset? EndedAt,
    [property: Id(6)] string? Reason);

/// <summary>Resident memory at a moment: the highest of its half minute.</summary>
[GenerateSerializer, Immutable, Alias("mltr.MemorySample")]
public sealed record MemorySample([property: Id(0)] DateTimeOffset Time, [property: Id(1)] long Bytes);

/// <summary>What a worker did.</summary>
/// <param name="Runs">Attempts and parts of evaluations, newest first, at most <see cref="MaxRuns"/>.</param>
/// <param name="Events">Drains, losses and restarts, newest first.</param>
/// <param name="Memory">Its memory, oldest first: what the running scheduler has heard, of at most the last twelve hours.</param>
[GenerateSerializer, Immutable, Alias("mltr.WorkerHistory")]
public sealed record WorkerHistory(
    [property: Id(0)] ImmutableArray<WorkerRun> Runs,
    [property: Id(1)] ImmutableArray<WorkerEvent> Events,
    [property: Id(2)] ImmutableArray<MemorySample> Memory)
{
    /// <summary>How many runs are told.</summary>
    public const int MaxRuns = 200;
}

/// <summary>The share of time with work, in bins of one length.</summary>
/// <param name="From">When the first bin begins.</param>
/// <param name="Bin">How long a bin is.</param>
/// <param name="Bins">The share of each, 0 to 1, oldest first.</param>
/// <param name="Share">The share of the whole, 0 to 1.</param>
[GenerateSerializer, Immutable, Alias("mltr.Utilisation")]
public sealed record Utilisation(
    [property: Id(0)] DateTimeOffset From,
    [property: Id(1)] TimeSpan Bin,
    [property: Id(2)] ImmutableArray<double> Bins,
    [property: Id(3)] double Share);

/// <summary>How much of the last hour and of the last day a worker had work.</summary>
[GenerateSerializer, Immutable, Alias("mltr.WorkerUtilisation")]
public sealed record WorkerUtilisation([property: Id(0)] string WorkerId, [property: Id(1)] Utilisation Hour, [property: Id(2)] Utilisation Day);
