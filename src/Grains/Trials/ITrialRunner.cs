using System.Collections.Immutable;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;

namespace MlTr.Grains.Trials;

/// <summary>Trains one trial. Implemented over the model; called on a thread of its own.</summary>
public interface ITrialRunner
{
    /// <summary>
    /// Runs the trial to its end, from the newest complete checkpoint in its folder if there is one. Blocking.
    /// </summary>
    /// <param name="trial">What to run.</param>
    /// <param name="report">Takes reports as they arise; never blocks for long. What it waits for and lines aside, the first report must be <see cref="TrialStarted"/>.</param>
    /// <param name="cancellationToken">Cancelled to stop: the runner leaves a checkpoint and throws.</param>
    /// <exception cref="OperationCanceledException">Stopped on request, with a checkpoint.</exception>
    /// <exception cref="TrialFailedException">Training failed; the message says why and what to do.</exception>
    void Run(TrialAssignment trial, Action<RunnerReport> report, CancellationToken cancellationToken);
}

/// <summary>What a runner needs to know.</summary>
/// <param name="Id">The trial.</param>
/// <param name="Epoch">The fencing number of this assignment.</param>
/// <param name="Attempt">Which try this is, from 1.</param>
/// <param name="Dataset">The dataset's id.</param>
/// <param name="Parameters">The full configuration, defaults included.</param>
/// <param name="Device"><c>cpu</c> or <c>cuda:N</c>.</param>
[GenerateSerializer, Immutable, Alias("mltr.TrialAssignment")]
public sealed record TrialAssignment(
    [property: Id(0)] TrialId Id,
    [property: Id(1)] long Epoch,
    [property: Id(2)] int Attempt,
    [property: Id(3)] string Dataset,
    [property: Id(4)] ImmutableSortedDictionary<string, ParameterValue> Parameters,
    [property: Id(5)] string Device);

/// <summary>What a runner says while it works.</summary>
public abstract record RunnerReport;

/// <summary>Training begins or continues.</summary>
/// <param name="ResumedFromStep">0, or the step of the checkpoint that was loaded.</param>
/// <param name="TotalSteps">Optimiser steps in all.</param>
/// <param name="Environment">Versions, device and threads, as a line of text.</param>
public sealed record TrialStarted(long ResumedFromStep, long TotalSteps, string Environment) : RunnerReport;

/// <summary>Training waits for something, or does no longer.</summary>
/// <param name="For">For what and how far that is, such as "the pictures of marks, 40 %"; null if it goes on.</param>
public sealed record TrialWaits(string? For) : RunnerReport;

/// <summary>Metric values at a step.</summary>
public sealed record TrialProgress(long Step, ImmutableArray<MetricPoint> Points) : RunnerReport;

/// <summary>A line for the trial's log.</summary>
public sealed record TrialLogged(string Level, string Text) : RunnerReport;

/// <summary>A checkpoint is complete on disk.</summary>
public sealed record TrialCheckpointed(long Step, string Path, long Bytes, string Sha256) : RunnerReport;

/// <summary>A checkpoint was deleted.</summary>
public sealed record TrialCheckpointRemoved(string Path) : RunnerReport;

/// <summary>Training failed for a reason that a person can act on.</summary>
public sealed class TrialFailedException : Exception
{
    public TrialFailedException()
    {
    }

    public TrialFailedException(string message)
        : base(message)
    {
    }

    public TrialFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public TrialFailedException(string message, FailureKind kind, Exception? innerException = null)
        : base(message, innerException) => Kind = kind;

    /// <summary>What kind of reason.</summary>
    public FailureKind Kind { get; } = FailureKind.Configuration;
}
