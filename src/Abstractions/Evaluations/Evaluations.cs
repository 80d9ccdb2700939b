using System.Collections.Immutable;
using System.Globalization;
using MlTr.Abstractions.Trials;

namespace MlTr.Abstractions.Evaluations;

/// <summary>Which of a trial's checkpoints is meant.</summary>
public enum CheckpointKind
{
    /// <summary>The one that was best on the validation split, or the newest where that is gone.</summary>
    Best,

    /// <summary>The newest.</summary>
    Last,

    /// <summary>The one after so many optimiser steps.</summary>
    Step,
}

/// <summary>Names one of a trial's checkpoints: <c>best</c>, <c>last</c>, or its step.</summary>
[GenerateSerializer, Immutable, Alias("mltr.CheckpointChoice")]
public readonly record struct CheckpointChoice([property: Id(0)] CheckpointKind Kind, [property: Id(1)] long Step = 0)
{
    /// <summary>The one after so many optimiser steps.</summary>
    public static CheckpointChoice At(long step) => new(CheckpointKind.Step, step);

    /// <summary><c>best</c>, <c>last</c>, or the step.</summary>
    public override string ToString() => Kind == CheckpointKind.Step ? Step.ToString(CultureInfo.InvariantCulture) : Kind.ToString().ToLowerInvariant();

    /// <summary>Reads <see cref="ToString"/> back.</summary>
    public static bool TryParse(string text, out CheckpointChoice choice)
    {
        choice = text == "last" ? new(CheckpointKind.Last)
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? At(step)
            : new(CheckpointKind.Best);
        return choice.Kind != CheckpointKind.Best || text == "best";
    }
}

/// <summary>A checkpoint that is to be evaluated, and on what.</summary>
/// <param name="Trial">The trial that the checkpoint belongs to.</param>
/// <param name="Dataset">The dataset; null for the trial's own. Its classes are found by name among those of the trial.</param>
/// <param name="Split">The split.</param>
/// <param name="ImageSize">Side of the pictures in pixels; null for that of the training.</param>
/// <param name="Checkpoint">Which checkpoint; the best one if not said.</param>
[GenerateSerializer, Immutable, Alias("mltr.EvaluationSpec")]
public sealed record EvaluationSpec(
    [property: Id(0)] TrialId Trial,
    [property: Id(1)] string? Dataset = null,
    [property: Id(2)] string Split = "validation",
    [property: Id(3)] int? ImageSize = null,
    [property: Id(4)] CheckpointChoice Checkpoint = default)
{
    /// <summary>The largest side that is taken.</summary>
    public const int MaxImageSize = 4_096;
}

/// <summary>Where an evaluation is in its life. Queued -> Running -> Completed, Failed or Cancelled.</summary>
public enum EvaluationState
{
    /// <summary>Waits for a first worker.</summary>
    Queued,

    /// <summary>Some of its parts are under way or done.</summary>
    Running,

    /// <summary>Its figures are there.</summary>
    Completed,

    /// <summary>It has none; the reason says why.</summary>
    Failed,

    /// <summary>A person stopped it.</summary>
    Cancelled,
}

/// <summary>Where a part of an evaluation is.</summary>
public enum PartState
{
    /// <summary>Waits for a worker.</summary>
    Waiting,

    /// <summary>A worker holds a live lease on it.</summary>
    Running,

    /// <summary>Its pictures count.</summary>
    Done,
}

/// <summary>One part of an evaluation: a fixed share of the split's pictures, one or more to a shard.</summary>
/// <param name="Number">From 1.</param>
/// <param name="State">Where it is.</param>
/// <param name="Pictures">How many pictures it has.</param>
/// <param name="Done">How many of them are computed.</param>
/// <param name="Worker">Who computes it, or did so last.</param>
[GenerateSerializer, Immutable, Alias("mltr.PartSnapshot")]
public sealed record PartSnapshot(
    [property: Id(0)] int Number,
    [property: Id(1)] PartState State,
    [property: Id(2)] int Pictures,
    [property: Id(3)] int Done,
    [property: Id(4)] string? Worker);

/// <summary>One evaluation.</summary>
/// <param name="Id">Its key.</param>
/// <param name="Spec">What was asked for, with the dataset and the size of the pictures filled in.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="Reason">Why it is in this state, in words.</param>
/// <param name="Step">The checkpoint's optimiser step.</param>
/// <param name="Parts">Its parts, by number.</param>
/// <param name="Metrics">The figures, by name as in <c>mAP</c>, <c>CF1</c>, <c>OF1</c>; fractions. Empty until it is completed.</param>
/// <param name="ClassAveragePrecision">Average precision of each class that has a positive.</param>
/// <param name="Device">The kind of device that computes it: of one evaluation every part is computed by the same kind.</param>
/// <param name="CreatedBy">Who asked for it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="EndedAt">When it reached its final state.</param>
[GenerateSerializer, Immutable, Alias("mltr.EvaluationSnapshot")]
public sealed record EvaluationSnapshot(
    [property: Id(0)] string Id,
    [property: Id(1)] EvaluationSpec Spec,
    [property: Id(2)] EvaluationState State,
    [property: Id(3)] string Reason,
    [property: Id(4)] long Step,
    [property: Id(5)] ImmutableArray<PartSnapshot> Parts,
    [property: Id(6)] ImmutableSortedDictionary<string, double> Metrics,
    [property: Id(7)] ImmutableSortedDictionary<string, double> ClassAveragePrecision,
    [property: Id(8)] string? Device,
    [property: Id(9)] string CreatedBy,
    [property: Id(10)] DateTimeOffset CreatedAt,
    [property: Id(11)] DateTimeOffset? EndedAt)
{
    /// <summary>True once the state can no longer change.</summary>
    public bool IsFinal => State is EvaluationState.Completed or EvaluationState.Failed or EvaluationState.Cancelled;

    /// <summary>Pictures in all.</summary>
    public int Pictures => Parts.Sum(part => part.Pictures);

    /// <summary>Share of the pictures that are computed, 0..1.</summary>
    public double Progress => Pictures == 0 ? 0 : (double)Parts.Sum(part => part.Done) / Pictures;
}

/// <summary>Names one part of an evaluation.</summary>
[GenerateSerializer, Immutable, Alias("mltr.PartId")]
public readonly record struct PartId([property: Id(0)] string Evaluation, [property: Id(1)] int Number)
{
    /// <summary>The trial whose checkpoint is evaluated.</summary>
    public TrialId Trial => EvaluationIds.TrialOf(Evaluation);

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Evaluation}/{Number}");
}

/// <summary>How evaluations are named: <c>sweep/trial/time-random</c>.</summary>
public static class EvaluationIds
{
    /// <summary>A new one, sorted by time.</summary>
    public static string New(TrialId trial, DateTimeOffset now) => string.Create(CultureInfo.InvariantCulture, $"{trial}/{now:yyyyMMdd-HHmmss}-{Guid.NewGuid().ToString("N")[..4]}");

    /// <summary>The trial whose checkpoint is evaluated.</summary>
    /// <exception cref="FormatException">It is no evaluation's id.</exception>
    public static TrialId TrialOf(string evaluation) => evaluation.LastIndexOf('/') is > 0 and var slash
        ? TrialId.Parse(evaluation[..slash])
        : throw new FormatException($"'{evaluation}' is no evaluation's id: expected SWEEP/NUMBER/TIME.");
}

/// <summary>An evaluation cannot be started; the message says what to do.</summary>
[GenerateSerializer, Alias("mltr.EvaluationException")]
public sealed class EvaluationException(string message) : Exception(message);

/// <summary>One evaluation. Keyed by <see cref="EvaluationIds"/>.</summary>
[Alias("mltr.IEvaluationGrain")]
public interface IEvaluationGrain : IGrainWithStringKey
{
    /// <summary>Starts it. Starting a started one changes nothing.</summary>
    /// <exception cref="EvaluationException">It cannot be; the message says what to do.</exception>
    /// <exception cref="KeyNotFoundException">There is no such trial or dataset.</exception>
    [Alias("Start")]
    Task<EvaluationSnapshot> StartAsync(EvaluationSpec spec, string by);

    /// <summary>The evaluation as it is now.</summary>
    /// <exception cref="KeyNotFoundException">There is no such evaluation.</exception>
    [Alias("GetSnapshot")]
    Task<EvaluationSnapshot> GetSnapshotAsync();

    /// <summary>Stops it; its workers are free at their next picture. One that has ended stays as it is.</summary>
    [Alias("Cancel")]
    Task<EvaluationSnapshot> CancelAsync(string by, string reason);
}

/// <summary>Which evaluations a trial has. Keyed by <see cref="TrialId.ToString"/>.</summary>
[Alias("mltr.IEvaluationDirectoryGrain")]
public interface IEvaluationDirectoryGrain : IGrainWithStringKey
{
    /// <summary>Ids, newest first.</summary>
    [Alias("List")]
    Task<ImmutableArray<string>> ListAsync();

    /// <summary>All of them now, newest first, then those that have changed or are new, until cancelled.</summary>
    [Alias("Watch")]
    IAsyncEnumerable<ImmutableArray<EvaluationSnapshot>> WatchAsync(CancellationToken cancellationToken = default);
}
