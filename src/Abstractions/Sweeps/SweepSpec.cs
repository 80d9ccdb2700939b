using System.Collections.Immutable;

namespace MlTr.Abstractions.Sweeps;

/// <summary>How configurations are proposed.</summary>
public enum SearchKind
{
    /// <summary>Every combination of the listed values, exactly once.</summary>
    Grid,

    /// <summary>Independent draws from the ranges, from one seed.</summary>
    Random,

    /// <summary>Draws that fill the ranges evenly: a scrambled Sobol sequence, from one seed.</summary>
    Sobol,

    /// <summary>Draws that learn from the trials that have ended: a multivariate tree-structured Parzen estimator.</summary>
    Tpe,
}

/// <summary>The search of a sweep.</summary>
/// <param name="Kind">Which strategy proposes the configurations.</param>
/// <param name="TrialBudget">How many trials. Grid: ignored, its size follows from the space.</param>
/// <param name="Seed">The seed of all draws. Grid: ignored.</param>
[GenerateSerializer, Immutable, Alias("mltr.SearchSpec")]
public sealed record SearchSpec([property: Id(0)] SearchKind Kind, [property: Id(1)] int TrialBudget = 0, [property: Id(2)] int Seed = 0);

/// <summary>Which trials are not trained to their end.</summary>
public enum StoppingKind
{
    /// <summary>Every trial is trained to its end.</summary>
    None,

    /// <summary>A trial ends early once its best objective so far is worse than the median of the others' at the same pass.</summary>
    Median,

    /// <summary>
    /// Asynchronous successive halving (Li et al. 2020): after min_passes, and after each reduction-fold more, only the best of every
    /// reduction trials go on; the others leave a checkpoint and wait, and go on from it if later results make them one of the best.
    /// </summary>
    Asha,

    /// <summary>
    /// Hyperband (Li et al. 2018) without its barriers: ASHA in several brackets side by side, of which each judges its trials one rung later
    /// than the one before, and the last not at all. Safer than ASHA where the best configurations learn slowly.
    /// </summary>
    Hyperband,
}

/// <summary>When trials end before their last pass.</summary>
/// <param name="Kind">The rule.</param>
/// <param name="MinPasses">No trial is judged before so many passes.</param>
/// <param name="Reduction">Asha and Hyperband: one in so many goes on (eta).</param>
/// <param name="MinTrials">Median: so many others must have been seen at the same pass.</param>
[GenerateSerializer, Immutable, Alias("mltr.StoppingSpec")]
public sealed record StoppingSpec(
    [property: Id(0)] StoppingKind Kind = StoppingKind.None,
    [property: Id(1)] int MinPasses = 1,
    [property: Id(2)] int Reduction = 3,
    [property: Id(3)] int MinTrials = 5)
{
    /// <summary>True for the rules that let one in <see cref="Reduction"/> go on at each rung.</summary>
    public bool Halves => Kind is StoppingKind.Asha or StoppingKind.Hyperband;
}

/// <summary>When a trial that failed is tried again by itself. One whose worker was lost always is, up to a limit of the platform.</summary>
/// <param name="Max">How often one trial is tried again, where that can help: a full or silent disk, after a delay that grows.</param>
/// <param name="SplitBatch">
/// Also tries again when memory was short, each time with the batch in twice as many parts (accumulation_parts doubled): the same gradients with half the memory.
/// </param>
[GenerateSerializer, Immutable, Alias("mltr.RetrySpec")]
public sealed record RetrySpec([property: Id(0)] int Max = 2, [property: Id(1)] bool SplitBatch = false);

/// <summary>What makes one trial better than another.</summary>
/// <param name="Metric">The name of a validation metric, such as <c>val/mAP</c>.</param>
/// <param name="Maximize">True if more is better.</param>
[GenerateSerializer, Immutable, Alias("mltr.Objective")]
public sealed record Objective([property: Id(0)] string Metric = Metrics.MetricNames.MeanAveragePrecision, [property: Id(1)] bool Maximize = true);

/// <summary>What a person asks for: one search over hyper-parameters of MlTr on one dataset. Fixed once started.</summary>
/// <param name="Name">A name for people; need not be unique.</param>
/// <param name="Dataset">The id of a registered dataset.</param>
/// <param name="Parameters">The axes; a hyper-parameter that is not listed keeps its default.</param>
/// <param name="Search">The strategy.</param>
/// <param name="Objective">What the leaderboard ranks by.</param>
/// <param name="MaxParallelTrials">How many trials may run at once; 0 for as many as there are workers.</param>
/// <param name="Priority">Sweeps of a higher priority get workers first, and take them from lower ones, whose trials leave a checkpoint and wait.</param>
/// <param name="Stopping">Which trials end early; null for none.</param>
[GenerateSerializer, Immutable, Alias("mltr.SweepSpec")]
public sealed record SweepSpec(
    [property: Id(0)] string Name,
    [property: Id(1)] string Dataset,
    [property: Id(2)] ImmutableArray<ParameterSpec> Parameters,
    [property: Id(3)] SearchSpec Search,
    [property: Id(4)] Objective Objective,
    [property: Id(5)] int MaxParallelTrials = 0,
    [property: Id(6)] int Priority = 0,
    [property: Id(7)] StoppingSpec? Stopping = null)
{
    /// <summary>What a configuration must meet, as expressions over hyper-parameters such as <c>learning_rate * batch_size &lt; 0.1</c>; one that is not set has its default.</summary>
    [Id(8)] public ImmutableArray<string> Constraints { get; init; } = [];

    /// <summary>When a failed trial is tried again by itself; null for the standard.</summary>
    [Id(9)] public RetrySpec? Retries { get; init; }

    /// <summary>The labels that a worker must have to run its trials, as <see cref="Workers.WorkerLabels"/> reads them, such as <c>gpu=h100</c>; empty for any worker.</summary>
    [Id(10)] public string WorkerLabels { get; init; } = "";

    /// <summary>The parameters that may take more than one value: what tells trials apart.</summary>
    public ImmutableArray<string> VaryingParameters() => [.. Parameters.Where(axis => axis.Varies(Search.Kind)).Select(axis => axis.Name)];

    /// <summary>The most passes that one of its trials is trained for.</summary>
    public int MaxPasses() => (int)(Parameters.FirstOrDefault(axis => axis.Name == HyperParameters.Passes) switch
    {
        IntParameter range => Math.Min(range.Max, int.MaxValue),
        { GridValues: { IsEmpty: false } values } => values.Max(value => value.AsInt),
        _ => HyperParameters.All.Single(known => known.Name == HyperParameters.Passes).Default.AsInt,
    });

    /// <summary>How many trials it asks for; 0 for a grid of which some axis has no grid values.</summary>
    public long CountTrials() => Search.Kind == SearchKind.Grid ? SweepValidator.GridSize(this) : Search.TrialBudget;
}
