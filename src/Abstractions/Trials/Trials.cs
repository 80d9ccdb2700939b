using System.Collections.Immutable;
using System.Globalization;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;

namespace MlTr.Abstractions.Trials;

/// <summary>Names one trial: its sweep and its number, counted from 1.</summary>
[GenerateSerializer, Immutable, Alias("mltr.TrialId")]
public readonly record struct TrialId([property: Id(0)] string SweepId, [property: Id(1)] int Number)
{
    /// <summary>The grain key and the text on the screen: <c>sweep/number</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{SweepId}/{Number}");

    /// <summary>Reads <see cref="ToString"/> back.</summary>
    /// <exception cref="FormatException">The text has no <c>/number</c> at its end.</exception>
    public static TrialId Parse(string text)
    {
        var slash = text.LastIndexOf('/');
        return slash > 0 && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new TrialId(text[..slash], number)
            : throw new FormatException($"'{text}' is not a trial id: expected SWEEP/NUMBER.");
    }
}

/// <summary>Where a trial is in its life. Queued, Running, Paused -> Completed, Stopped, Failed or Cancelled.</summary>
public enum TrialState
{
    /// <summary>Waits for a worker, for the first time or again after a worker was lost.</summary>
    Queued,

    /// <summary>A worker holds a live lease on it.</summary>
    Running,

    /// <summary>Trained to its end; its result is final.</summary>
    Completed,

    /// <summary>Ended without a result; the reason says why.</summary>
    Failed,

    /// <summary>Stopped because a person asked for it.</summary>
    Cancelled,

    /// <summary>Held by the sweep's stopping rule with a checkpoint: goes on if later results make it one of the best.</summary>
    Paused,

    /// <summary>Ended early by the sweep's stopping rule; its result is that of its last evaluation.</summary>
    Stopped,
}

/// <summary>How one try at running a trial stands.</summary>
public enum AttemptState
{
    /// <summary>Under way.</summary>
    Running,

    /// <summary>Reached the end of the trial.</summary>
    Completed,

    /// <summary>Training itself failed.</summary>
    Failed,

    /// <summary>Its worker died or fell silent.</summary>
    Lost,

    /// <summary>Its worker was stopped in good order and left a checkpoint.</summary>
    Yielded,

    /// <summary>Stopped on request.</summary>
    Cancelled,
}

/// <summary>What kind of thing ended an attempt without a result: it decides whether to try again can help.</summary>
public enum FailureKind
{
    /// <summary>The configuration cannot work; the same again fails again.</summary>
    Configuration,

    /// <summary>Memory was short; a smaller batch may fit.</summary>
    OutOfMemory,

    /// <summary>A loss or a gradient was no number; the same again fails again.</summary>
    NotFinite,

    /// <summary>The dataset cannot be read.</summary>
    Data,

    /// <summary>A disk was full or did not answer; it may do so later.</summary>
    Disk,

    /// <summary>The worker's process or machine was lost.</summary>
    WorkerLost,

    /// <summary>Something that nobody foresaw; the log has the details.</summary>
    Unexpected,

    /// <summary>The control process ended and took its workers with it; says nothing of the trial.</summary>
    ControlLost,
}

/// <summary>One try at running a trial.</summary>
[GenerateSerializer, Immutable, Alias("mltr.AttemptSnapshot")]
public sealed record AttemptSnapshot(
    [property: Id(0)] int Number,
    [property: Id(1)] long Epoch,
    [property: Id(2)] string Worker,
    [property: Id(3)] AttemptState State,
    [property: Id(4)] DateTimeOffset StartedAt,
    [property: Id(5)] DateTimeOffset? EndedAt,
    [property: Id(6)] long ResumedFromStep,
    [property: Id(7)] string? Reason,
    [property: Id(8)] string? Environment,
    [property: Id(9)] FailureKind? Failure = null);

/// <summary>One trial as lists and leaderboards show it.</summary>
/// <param name="Id">Sweep and number.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="Parameters">Its configuration: the sweep's axes only.</param>
/// <param name="Step">Optimiser steps done.</param>
/// <param name="TotalSteps">Optimiser steps in all; 0 until the first report.</param>
/// <param name="Objective">Best value of the sweep's objective so far.</param>
/// <param name="Metrics">Last value of each metric (without the per-class ones).</param>
/// <param name="Attempts">How many tries so far.</param>
/// <param name="Worker">Who runs it, or ran it last.</param>
/// <param name="Reason">Why it is in this state, in words.</param>
/// <param name="QueuedAt">When the sweep proposed it, or a person last let it run again.</param>
/// <param name="StartedAt">When its first attempt began.</param>
/// <param name="EndedAt">When it reached its final state.</param>
[GenerateSerializer, Immutable, Alias("mltr.TrialSnapshot")]
public sealed record TrialSnapshot(
    [property: Id(0)] TrialId Id,
    [property: Id(1)] TrialState State,
    [property: Id(2)] ImmutableSortedDictionary<string, ParameterValue> Parameters,
    [property: Id(3)] long Step,
    [property: Id(4)] long TotalSteps,
    [property: Id(5)] double? Objective,
    [property: Id(6)] ImmutableSortedDictionary<string, double> Metrics,
    [property: Id(7)] int Attempts,
    [property: Id(8)] string? Worker,
    [property: Id(9)] string? Reason,
    [property: Id(10)] DateTimeOffset QueuedAt,
    [property: Id(11)] DateTimeOffset? StartedAt,
    [property: Id(12)] DateTimeOffset? EndedAt)
{
    /// <summary>What people sort it by.</summary>
    [Id(13)]
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>How the reason of a running trial begins that waits for its data.</summary>
    public const string WaitsPrefix = "waits for ";

    /// <summary>True if a worker has it but cannot train yet; the reason says what it waits for.</summary>
    public bool IsWaiting => State == TrialState.Running && Reason?.StartsWith(WaitsPrefix, StringComparison.Ordinal) == true;

    /// <summary>True once the state can no longer change.</summary>
    public bool IsFinal => State is TrialState.Completed or TrialState.Stopped or TrialState.Failed or TrialState.Cancelled;

    /// <summary>True if it ended with a result.</summary>
    public bool HasResult => State is TrialState.Completed or TrialState.Stopped;
}

/// <summary>A saved state of a trial's training.</summary>
[GenerateSerializer, Immutable, Alias("mltr.CheckpointSnapshot")]
public sealed record CheckpointSnapshot(
    [property: Id(0)] int Attempt,
    [property: Id(1)] long Step,
    [property: Id(2)] string Path,
    [property: Id(3)] long Bytes,
    [property: Id(4)] string Sha256,
    [property: Id(5)] DateTimeOffset CreatedAt);

/// <summary>One line of a trial's log.</summary>
[GenerateSerializer, Immutable, Alias("mltr.LogLine")]
public sealed record LogLine(
    [property: Id(0)] int Attempt,
    [property: Id(1)] int Number,
    [property: Id(2)] DateTimeOffset Time,
    [property: Id(3)] string Level,
    [property: Id(4)] string Text);

/// <summary>A decision about a sweep or a trial: what, when and why.</summary>
[GenerateSerializer, Immutable, Alias("mltr.LifecycleEvent")]
public sealed record LifecycleEvent(
    [property: Id(0)] long Number,
    [property: Id(1)] DateTimeOffset Time,
    [property: Id(2)] string SweepId,
    [property: Id(3)] int? Trial,
    [property: Id(4)] string Kind,
    [property: Id(5)] string Reason,
    [property: Id(6)] string By);

/// <summary>Everything about one trial but its curves and log.</summary>
[GenerateSerializer, Immutable, Alias("mltr.TrialDetails")]
public sealed record TrialDetails(
    [property: Id(0)] TrialSnapshot Trial,
    [property: Id(1)] ImmutableArray<AttemptSnapshot> Attempts,
    [property: Id(2)] ImmutableArray<CheckpointSnapshot> Checkpoints,
    [property: Id(3)] ImmutableArray<LifecycleEvent> Events,
    [property: Id(4)] ImmutableSortedDictionary<string, ParameterValue> AllParameters,
    [property: Id(5)] ImmutableSortedDictionary<string, double> ClassAveragePrecision)
{
    /// <summary>The step with the highest mAP so far, the first of equal ones: its checkpoint is the best one. Null until it was validated.</summary>
    [Id(6)]
    public long? BestStep { get; init; }
}

/// <summary>What was asked of a checkpoint cannot be done; the message says why and what to do.</summary>
[GenerateSerializer, Alias("mltr.CheckpointException")]
public sealed class CheckpointException(string message) : Exception(message);

/// <summary>Shows one trial. Keyed by <see cref="TrialId.ToString"/>.</summary>
[Alias("mltr.ITrialGrain")]
public interface ITrialGrain : IGrainWithStringKey
{
    /// <summary>The trial with its attempts, checkpoints and events.</summary>
    /// <exception cref="KeyNotFoundException">There is no such trial.</exception>
    [Alias("GetDetails")]
    Task<TrialDetails> GetDetailsAsync();

    /// <summary>The trial's curves; all of them if no names are given.</summary>
    [Alias("GetCurves")]
    Task<ImmutableArray<Curve>> GetCurvesAsync(ImmutableArray<string> names);

    /// <summary>A stretch of the trial's curves, thinned where they have more points than can be drawn; all of them if no names are given.</summary>
    [Alias("GetCurvesIn")]
    Task<ImmutableArray<Curve>> GetCurvesInAsync(ImmutableArray<string> names, CurveWindow window);

    /// <summary>The log after a line, oldest first, at most <paramref name="limit"/> lines; attempt and number 0 for the beginning.</summary>
    [Alias("GetLog")]
    Task<ImmutableArray<LogLine>> GetLogAsync(int afterAttempt, int afterNumber, int limit);

    /// <summary>
    /// The log after a line (attempt and number 0 for the beginning), oldest first, a page at a time and perhaps none at first; then each line as soon
    /// as it is durable, until cancelled. No line is left out and none comes twice.
    /// </summary>
    /// <exception cref="KeyNotFoundException">There is no such trial.</exception>
    [Alias("WatchLog")]
    IAsyncEnumerable<ImmutableArray<LogLine>> WatchLogAsync(int afterAttempt, int afterNumber, CancellationToken cancellationToken = default);

    /// <summary>A checkpoint as a ZIP archive, piece by piece: unpacked, it is a folder that <c>predict --model</c> reads.</summary>
    /// <exception cref="KeyNotFoundException">There is no such trial or checkpoint.</exception>
    /// <exception cref="CheckpointException">Its files are gone or damaged.</exception>
    [Alias("ReadCheckpoint")]
    IAsyncEnumerable<ImmutableArray<byte>> ReadCheckpointAsync(int attempt, long step, CancellationToken cancellationToken = default);

    /// <summary>Removes a checkpoint of a trial that has ended, for good. Models that were registered from it are copies, and stay.</summary>
    /// <exception cref="KeyNotFoundException">There is no such trial or checkpoint.</exception>
    /// <exception cref="CheckpointException">The trial may still go on from it, or its files cannot be removed.</exception>
    [Alias("DeleteCheckpoint")]
    Task DeleteCheckpointAsync(int attempt, long step, string by, string reason);
}
