using System.Collections.Immutable;
using MlTr.Abstractions.Workers;

namespace MlTr.Abstractions.Sweeps;

/// <summary>One thing wrong with a sweep's spec.</summary>
/// <param name="Field">Where: <c>name</c>, <c>dataset</c>, <c>search.trial_budget</c>, <c>parameters.learning_rate</c>, ...</param>
/// <param name="Message">What is wrong and what to do, in a sentence.</param>
[GenerateSerializer, Immutable, Alias("mltr.SpecError")]
public sealed record SpecError([property: Id(0)] string Field, [property: Id(1)] string Message);

/// <summary>A sweep's spec has errors; all of them are listed.</summary>
[GenerateSerializer, Alias("mltr.SweepSpecException")]
public sealed class SweepSpecException(ImmutableArray<SpecError> errors)
    : Exception("The sweep cannot be started:" + string.Concat(errors.Select(error => $"\n  {error.Field}: {error.Message}")))
{
    /// <summary>All errors, in the order of the form.</summary>
    [Id(0)] public ImmutableArray<SpecError> Errors { get; } = errors;
}

/// <summary>Checks a spec the same way for the form, the client and the grain.</summary>
public static class SweepValidator
{
    /// <summary>The error if a spec's dataset is none of those known; null if it is one, or if none is named.</summary>
    public static SpecError? CheckDataset(SweepSpec spec, IEnumerable<string> known)
    {
        var names = known.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return string.IsNullOrWhiteSpace(spec.Dataset) || names.Contains(spec.Dataset) ? null : new SpecError(
            "dataset",
            $"There is no dataset '{spec.Dataset}'. {NearNames.Ask(spec.Dataset, names)}Known: {string.Join(", ", names)}.");
    }

    /// <summary>The largest grid or budget that a sweep may have.</summary>
    public const int MaxTrials = 10_000;

    /// <summary>The largest budget of a search that learns, since each proposal looks at all trials before it.</summary>
    public const int MaxLearningTrials = 1_000;

    /// <summary>Priorities lie between this and its negative.</summary>
    public const int MaxPriority = 100;

    /// <summary>The largest number of combinations out of which conditions and constraints may choose a grid.</summary>
    public const int MaxCombinations = 100_000;

    /// <summary>How often a failed trial may be tried again by itself.</summary>
    public const int MaxRetries = 20;

    /// <summary>The longest name of a sweep.</summary>
    public const int MaxNameLength = 120;

    private const int Draws = 2_000, EnoughDraws = 20;

    /// <summary>All errors at once; empty if the sweep can start. Whether the dataset exists is not known here.</summary>
    public static ImmutableArray<SpecError> Check(SweepSpec spec)
    {
        var errors = ImmutableArray.CreateBuilder<SpecError>();
        if (string.IsNullOrWhiteSpace(spec.Name) || spec.Name.Length > MaxNameLength)
        {
            errors.Add(new("name", $"Give the sweep a name of 1 to {MaxNameLength} characters."));
        }

        if (string.IsNullOrWhiteSpace(spec.Dataset))
        {
            errors.Add(new("dataset", "Choose a dataset."));
        }

        if (string.IsNullOrWhiteSpace(spec.Objective?.Metric))
        {
            errors.Add(new("objective", "Name the metric that makes one trial better than another, such as val/mAP."));
        }

        if (spec.MaxParallelTrials < 0)
        {
            errors.Add(new("max_parallel_trials", "Use 0 for no limit, or a number above 0."));
        }

        if (spec.Priority is < -MaxPriority or > MaxPriority)
        {
            errors.Add(new("priority", $"A priority lies between -{MaxPriority} and {MaxPriority}."));
        }

        try
        {
            WorkerLabels.Parse(spec.WorkerLabels);
        }
        catch (FormatException error)
        {
            errors.Add(new("worker_labels", error.Message));
        }

        if (spec.Retries is { Max: < 0 or > MaxRetries })
        {
            errors.Add(new("retries.max", $"A trial is tried again 0 to {MaxRetries} times."));
        }

        if (spec.Stopping is { } stopping)
        {
            if (stopping.MinPasses < 1)
            {
                errors.Add(new("stopping.min_passes", "A trial is judged after 1 pass at the earliest."));
            }

            if (stopping.Reduction < 2)
            {
                errors.Add(new("stopping.reduction", "One in 2 trials goes on at the most: use a reduction of 2 or more."));
            }

            if (stopping.MinTrials < 1)
            {
                errors.Add(new("stopping.min_trials", "Compare with at least 1 other trial."));
            }
        }

        var parameters = spec.Parameters.IsDefault ? [] : spec.Parameters;
        foreach (var twice in parameters.GroupBy(parameter => parameter.Name).Where(group => group.Count() > 1))
        {
            errors.Add(new($"parameters.{twice.Key}", $"{twice.Key} is listed {twice.Count()} times; list it once."));
        }

        foreach (var parameter in parameters)
        {
            errors.AddRange(Check(parameter, spec.Search?.Kind ?? SearchKind.Grid).Select(message => new SpecError($"parameters.{parameter.Name}", message)));
        }

        errors.AddRange(CheckConditions(parameters));
        errors.AddRange(spec.Constraints.Select(ConfigurationRules.CheckConstraint).OfType<string>().Select(message => new SpecError("constraints", message)));
        switch (spec.Search)
        {
            case null:
                errors.Add(new("search", "Choose a search."));
                break;
            case { Kind: SearchKind.Tpe, TrialBudget: < 1 or > MaxLearningTrials }:
                errors.Add(new("search.trial_budget", $"A search that learns takes 1 to {MaxLearningTrials} trials."));
                break;
            case { Kind: not SearchKind.Grid, TrialBudget: < 1 or > MaxTrials }:
                errors.Add(new("search.trial_budget", $"A random search takes 1 to {MaxTrials} trials."));
                break;
            case { } search when errors.Count == 0 && CheckSpace(spec, search.Kind) is { } error:
                errors.Add(error);
                break;
        }

        return errors.ToImmutable();
    }

    private static SpecError? CheckSpace(SweepSpec spec, SearchKind search)
    {
        var isRuled = !new ConfigurationRules(spec).AreNone;
        try
        {
            return search switch
            {
                SearchKind.Grid when isRuled && ParameterGrid.Combinations(spec) > MaxCombinations => new("search",
                    $"Conditions and constraints choose from {ParameterGrid.Combinations(spec):N0} combinations; at most {MaxCombinations:N0} are possible. Take fewer values."),
                SearchKind.Grid => GridSize(spec) switch
                {
                    > MaxTrials and var size => new("search", $"This grid has {size:N0} trials; at most {MaxTrials:N0} are possible. Take fewer values."),
                    0 when isRuled => new("constraints", "No combination of the grid meets the constraints."),
                    _ => null,
                },
                _ when isRuled && CountAllowedDraws(spec) is < EnoughDraws and var allowed => new("constraints",
                    $"Only {allowed} of {Draws:N0} random configurations meet the constraints: narrow the ranges so that most do."),
                _ => null,
            };
        }
        catch (InvalidOperationException error)
        {
            return new("constraints", error.Message);
        }
    }

    private static int CountAllowedDraws(SweepSpec spec)
    {
        var (rules, random) = (new ConfigurationRules(spec), new Random(1));
        return Enumerable.Range(0, Draws).Count(_ => rules.Allows(rules.Draw(random)));
    }

    private static IEnumerable<SpecError> CheckConditions(ImmutableArray<ParameterSpec> parameters)
    {
        var named = parameters.GroupBy(axis => axis.Name).ToDictionary(group => group.Key, group => group.First());
        foreach (var (name, condition) in parameters.Where(axis => axis.When is not null).Select(axis => (axis.Name, axis.When!)))
        {
            if (Problem(name, condition) is { } message)
            {
                yield return new SpecError($"parameters.{name}", message);
            }
        }

        string? Problem(string name, ParameterCondition condition)
        {
            if (!named.ContainsKey(condition.Name) || HyperParameters.Find(condition.Name) is not { } parent)
            {
                return $"{name} depends on {condition.Name}, which the sweep does not list: list it, or drop the condition. {NearNames.Ask(condition.Name, named.Keys)}".TrimEnd();
            }

            var seen = new HashSet<string>(StringComparer.Ordinal) { name };
            for (var next = condition; next is not null; next = named.GetValueOrDefault(next.Name)?.When)
            {
                if (!seen.Add(next.Name))
                {
                    return $"{name} depends on itself, by way of {condition.Name}.";
                }
            }

            return condition.Values.IsDefaultOrEmpty
                ? $"Say with which values of {condition.Name} {name} is active."
                : condition.Values.Select(parent.Check).OfType<string>().FirstOrDefault();
        }
    }

    /// <summary>Why a spec does not extend another: more trials are welcome, other questions are a sweep of their own.</summary>
    public static ImmutableArray<SpecError> CheckExtension(SweepSpec spec, SweepSpec wider)
    {
        var errors = ImmutableArray.CreateBuilder<SpecError>();
        if (spec.Dataset != wider.Dataset)
        {
            errors.Add(new("dataset", $"A sweep stays on its dataset, {spec.Dataset}; start another sweep for {wider.Dataset}."));
        }

        if (spec.Search.Kind != wider.Search.Kind || spec.Search.Seed != wider.Search.Seed || spec.Objective != wider.Objective)
        {
            errors.Add(new("search", "Strategy, seed and objective stay as they are; start another sweep to change them."));
        }

        if (wider.Search.TrialBudget < spec.Search.TrialBudget)
        {
            errors.Add(new("search.trial_budget", $"The budget was {spec.Search.TrialBudget}; it can only grow."));
        }

        if (!spec.Constraints.SequenceEqual(wider.Constraints))
        {
            errors.Add(new("constraints", "Constraints stay as they are; start another sweep to change them."));
        }

        if (!spec.Parameters.Select(axis => axis.Name).Order().SequenceEqual(wider.Parameters.Select(axis => axis.Name).Order()))
        {
            errors.Add(new("parameters", $"A sweep keeps its parameters, {string.Join(", ", spec.Parameters.Select(axis => axis.Name))}; start another sweep for others."));
        }

        errors.AddRange(spec.Parameters.Join(wider.Parameters, axis => axis.Name, other => other.Name, (axis, other) => (axis.Name, Problem: CheckExtension(axis, other, spec.Search.Kind)))
            .Where(one => one.Problem is not null).Select(one => new SpecError($"parameters.{one.Name}", one.Problem!)));
        return errors.ToImmutable();
    }

    /// <summary>Trials that exist have the values that they have: a list may grow, and what a search draws from stays.</summary>
    private static string? CheckExtension(ParameterSpec axis, ParameterSpec wider, SearchKind search)
    {
        var gone = search == SearchKind.Grid ? axis.GridValues.Except(wider.GridValues).ToList() : [];
        return search != SearchKind.Grid ? axis.Equals(wider) ? null : "What a search draws from stays as it is, only its number of trials can grow; start another sweep for another space."
            : !Equals(axis.When, wider.When) ? "Its condition stays as it is; start another sweep to change it."
            : gone.Count > 0 ? $"The sweep has trials with {string.Join(", ", gone)}: values can be added, not taken away."
            : null;
    }

    /// <summary>The number of trials of a grid over the spec's parameters; 0 if some axis has no grid values.</summary>
    public static long GridSize(SweepSpec spec) => spec.Parameters.IsDefault || new ConfigurationRules(spec).AreNone
        ? ParameterGrid.Combinations(spec)
        : ParameterGrid.Points(spec).LongCount();

    private static IEnumerable<string> Check(ParameterSpec parameter, SearchKind search)
    {
        if (HyperParameters.Find(parameter.Name) is not { } known)
        {
            var names = HyperParameters.All.Select(one => one.Name);
            yield return $"There is no hyper-parameter '{parameter.Name}'. {NearNames.Ask(parameter.Name, names)}Known: {string.Join(", ", names)}.";
            yield break;
        }

        var (min, max, log, points) = parameter switch
        {
            FloatParameter axis => (ParameterValue.Of(axis.Min), ParameterValue.Of(axis.Max), axis.Log, axis.GridPoints),
            IntParameter axis => (ParameterValue.Of(axis.Min), ParameterValue.Of(axis.Max), axis.Log, axis.GridPoints),
            _ => default,
        };
        if (parameter is ChoiceParameter choice)
        {
            if (choice.GridValues.IsEmpty)
            {
                yield return $"Give {known.Name} at least one value.";
            }

            foreach (var message in choice.GridValues.Select(known.Check).OfType<string>())
            {
                yield return message;
            }

            if (choice.GridValues.Distinct().Count() < choice.GridValues.Length)
            {
                yield return $"{known.Name} has a value twice; a grid point must be one trial.";
            }

            yield break;
        }

        if (known.Type is not (ParameterType.Float or ParameterType.Int) || (parameter is FloatParameter && known.Type == ParameterType.Int))
        {
            yield return $"{known.Name} takes a list of values, not this kind of range.";
            yield break;
        }

        foreach (var message in new[] { min, max }.Select(known.Check).OfType<string>())
        {
            yield return message;
        }

        if (min > max)
        {
            yield return $"The lowest value of {known.Name} ({min}) is above its highest ({max}).";
        }

        if (log && min.AsFloat <= 0)
        {
            yield return $"A logarithmic range of {known.Name} starts above 0.";
        }

        if (points is < 0 or > MaxTrials)
        {
            yield return $"{known.Name} takes 1 to {MaxTrials} grid points.";
        }
        else if (search == SearchKind.Grid && points < 1)
        {
            yield return $"A grid needs to know how many values of {known.Name} to take: give grid points, or list the values.";
        }
    }
}
