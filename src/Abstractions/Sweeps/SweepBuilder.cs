using System.Collections.Immutable;

namespace MlTr.Abstractions.Sweeps;

/// <summary>Builds a spec in code. Every call returns a new builder; <see cref="Build"/> checks the whole.</summary>
/// <example><code>
/// var spec = SweepBuilder.Named("Learning rate").On("marks").Tpe(trials: 30, seed: 1)
///     .Range("learning_rate", 1e-4, 1e-2, log: true)
///     .Choice("cross_window", true, false)
///     .Fixed("passes", 4)
///     .StopByAsha(minPasses: 1)
///     .Build();
/// </code></example>
public sealed record SweepBuilder
{
    private readonly SweepSpec _spec;

    private SweepBuilder(SweepSpec spec) => _spec = spec;

    /// <summary>A grid on the built-in dataset, ranked by mAP, without parameters so far.</summary>
    public static SweepBuilder Named(string name) => new(new SweepSpec(name, SweepTemplates.BuiltInDataset, [], new SearchSpec(SearchKind.Grid), new Objective()));

    /// <summary>Another dataset, by its id.</summary>
    public SweepBuilder On(string dataset) => new(_spec with { Dataset = dataset });

    /// <summary>Every combination once.</summary>
    public SweepBuilder Grid() => new(_spec with { Search = new SearchSpec(SearchKind.Grid) });

    /// <summary>Independent draws.</summary>
    public SweepBuilder Random(int trials, int seed = 0) => new(_spec with { Search = new SearchSpec(SearchKind.Random, trials, seed) });

    /// <summary>A scrambled Sobol sequence.</summary>
    public SweepBuilder Sobol(int trials, int seed = 0) => new(_spec with { Search = new SearchSpec(SearchKind.Sobol, trials, seed) });

    /// <summary>A tree-structured Parzen estimator.</summary>
    public SweepBuilder Tpe(int trials, int seed = 0) => new(_spec with { Search = new SearchSpec(SearchKind.Tpe, trials, seed) });

    /// <summary>One value in all trials.</summary>
    public SweepBuilder Fixed(string name, ParameterValue value) => Choice(name, value);

    /// <summary>One of the values in each trial.</summary>
    public SweepBuilder Choice(string name, params ImmutableArray<ParameterValue> values) => Add(new ChoiceParameter(name, [.. values.Select(value => Typed(name, value))]));

    /// <summary>A number between two, both included; whole if the hyper-parameter is.</summary>
    /// <param name="name">The hyper-parameter.</param>
    /// <param name="min">The lowest value.</param>
    /// <param name="max">The highest value.</param>
    /// <param name="log">Even in the logarithm.</param>
    /// <param name="gridPoints">How many values a grid takes.</param>
    public SweepBuilder Range(string name, double min, double max, bool log = false, int gridPoints = 0) => Add(
        HyperParameters.Find(name)?.Type == ParameterType.Int && double.IsInteger(min) && double.IsInteger(max)
            ? new IntParameter(name, (long)min, (long)max, log, gridPoints)
            : new FloatParameter(name, min, max, log, gridPoints));

    /// <summary>Makes the parameter that was added last active only where another one has one of the values.</summary>
    /// <exception cref="InvalidOperationException">No parameter was added yet.</exception>
    public SweepBuilder OnlyWhen(string name, params ImmutableArray<ParameterValue> values) => _spec.Parameters is [.. var before, var last]
        ? new(_spec with { Parameters = [.. before, last with { When = new ParameterCondition(name, [.. values.Select(value => Typed(name, value))]) }] })
        : throw new InvalidOperationException("Add the parameter before the condition.");

    /// <summary>An expression over hyper-parameters that every configuration must meet.</summary>
    public SweepBuilder Require(string constraint) => new(_spec with { Constraints = _spec.Constraints.Add(constraint) });

    /// <summary>Ranks by a metric of which more is better.</summary>
    public SweepBuilder Maximize(string metric) => new(_spec with { Objective = new Objective(metric) });

    /// <summary>Ranks by a metric of which less is better.</summary>
    public SweepBuilder Minimize(string metric) => new(_spec with { Objective = new Objective(metric, Maximize: false) });

    /// <summary>Ends trials that fall behind the median of the others.</summary>
    public SweepBuilder StopByMedian(int minPasses = 1, int minTrials = 5) => new(_spec with { Stopping = new StoppingSpec(StoppingKind.Median, minPasses, MinTrials: minTrials) });

    /// <summary>Asynchronous successive halving.</summary>
    public SweepBuilder StopByAsha(int minPasses = 1, int reduction = 3) => new(_spec with { Stopping = new StoppingSpec(StoppingKind.Asha, minPasses, reduction) });

    /// <summary>As <see cref="StopByAsha"/>, with brackets of trials that are judged later: safer where the best learn slowly.</summary>
    public SweepBuilder StopByHyperband(int minPasses = 1, int reduction = 3) => new(_spec with { Stopping = new StoppingSpec(StoppingKind.Hyperband, minPasses, reduction) });

    /// <summary>How often a failed trial is tried again by itself, and whether with a split batch when memory was short.</summary>
    public SweepBuilder Retry(int max = 2, bool splitBatch = false) => new(_spec with { Retries = new RetrySpec(max, splitBatch) });

    /// <summary>How many trials may run at once.</summary>
    public SweepBuilder AtMost(int parallelTrials) => new(_spec with { MaxParallelTrials = parallelTrials });

    /// <summary>Only workers with these labels run its trials, such as <c>gpu=h100, site=north</c>.</summary>
    public SweepBuilder OnWorkers(string labels) => new(_spec with { WorkerLabels = labels });

    /// <summary>Higher ones get workers first.</summary>
    public SweepBuilder Priority(int priority) => new(_spec with { Priority = priority });

    /// <summary>The spec.</summary>
    /// <exception cref="SweepSpecException">It has errors; all of them are listed.</exception>
    public SweepSpec Build() => SweepValidator.Check(_spec) is { IsEmpty: false } errors ? throw new SweepSpecException(errors) : _spec;

    private SweepBuilder Add(ParameterSpec axis) => new(_spec with { Parameters = _spec.Parameters.Add(axis) });

    /// <summary>In code a whole number may stand for a real one.</summary>
    private static ParameterValue Typed(string name, ParameterValue value) =>
        value.Type == ParameterType.Int && HyperParameters.Find(name)?.Type == ParameterType.Float ? ParameterValue.Of(value.AsFloat) : value;
}
