using System.Collections.Immutable;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Trials;

namespace MlTr.Grains.Evaluations;

/// <summary>What an evaluation is planned from: the request with its dataset filled in, the trial's recorded checkpoints, and the dataset.</summary>
/// <param name="Spec">The request.</param>
/// <param name="Checkpoints">The trial's recorded checkpoints.</param>
/// <param name="Dataset">The dataset as it is registered.</param>
/// <param name="KeepFor">The evaluation's id if the trial still trains and may delete the checkpoint: then a copy is evaluated.</param>
public sealed record EvaluationSource(EvaluationSpec Spec, ImmutableArray<CheckpointSnapshot> Checkpoints, DatasetSnapshot Dataset, string? KeepFor = null);

/// <summary>How an evaluation is done, fixed when it starts.</summary>
/// <param name="Checkpoint">The checkpoint's folder, in that of the trial.</param>
/// <param name="Step">Its optimiser step.</param>
/// <param name="ImageSize">Side of the pictures in pixels.</param>
/// <param name="Classes">The dataset's classes.</param>
/// <param name="Parts">Number of pictures of each part; they depend on the pictures alone.</param>
public sealed record EvaluationPlan(string Checkpoint, long Step, int ImageSize, ImmutableArray<string> Classes, ImmutableArray<int> Parts);

/// <summary>The figures of a whole evaluation.</summary>
/// <param name="Metrics">By name, as fractions.</param>
/// <param name="ClassAveragePrecision">Of each class that has a positive.</param>
public sealed record EvaluationFigures(ImmutableSortedDictionary<string, double> Metrics, ImmutableSortedDictionary<string, double> ClassAveragePrecision)
{
    /// <summary>None yet.</summary>
    public static EvaluationFigures None { get; } = new(ImmutableSortedDictionary<string, double>.Empty, ImmutableSortedDictionary<string, double>.Empty);
}

/// <summary>The control side of evaluations: what is evaluated, and what comes of it. Implemented over the model.</summary>
public interface IEvaluationPlanner
{
    /// <summary>Finds the checkpoint and the pictures.</summary>
    /// <exception cref="EvaluationException">They do not fit; the message says what to do.</exception>
    Task<EvaluationPlan> PlanAsync(EvaluationSource source);

    /// <summary>The figures of all parts together.</summary>
    /// <exception cref="EvaluationException">They cannot be merged; the message says why.</exception>
    Task<EvaluationFigures> MergeAsync(string evaluationId, EvaluationPlan plan, ImmutableArray<string> files);

    /// <summary>Deletes what the parts have left.</summary>
    void Delete(string evaluationId);
}

/// <summary>Computes parts of evaluations on a worker. Implemented over the model; called on the worker's training thread.</summary>
public interface IPartEvaluator
{
    /// <summary>Computes one part. Blocking.</summary>
    /// <param name="part">What to compute.</param>
    /// <param name="progress">Takes the number of pictures done, from any thread.</param>
    /// <param name="cancellationToken">Cancelled to stop.</param>
    /// <returns>The name of the file with what the network gave; no other attempt at the part writes into it.</returns>
    /// <exception cref="OperationCanceledException">Stopped on request.</exception>
    /// <exception cref="TrialFailedException">It cannot be computed; the message says why and what to do.</exception>
    string Run(PartAssignment part, Action<int> progress, CancellationToken cancellationToken);
}

/// <summary>So many of a part's pictures are computed.</summary>
internal sealed record PartProgress(int Done) : RunnerReport;
