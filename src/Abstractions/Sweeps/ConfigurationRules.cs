using System.Collections.Immutable;
using NCalc;
using NCalc.Exceptions;

namespace MlTr.Abstractions.Sweeps;

/// <summary>Which parameters of a configuration are active, and which configurations a sweep may run. Not safe for use by several threads at once.</summary>
public sealed class ConfigurationRules
{
    private readonly ImmutableArray<ParameterSpec> _axes;
    private readonly ImmutableDictionary<string, ParameterCondition> _conditions;
    private readonly ImmutableArray<(string Text, Expression Expression)> _constraints;

    /// <summary>The rules of a spec whose conditions and constraints have no errors.</summary>
    public ConfigurationRules(SweepSpec spec)
    {
        _axes = spec.Parameters;
        _conditions = spec.Parameters.Where(axis => axis.When is not null).ToImmutableDictionary(axis => axis.Name, axis => axis.When!);
        _constraints = [.. spec.Constraints.Select(text => (text, new Expression(text)))];
    }

    /// <summary>Whether every combination is allowed and sets every parameter.</summary>
    public bool AreNone => _conditions.IsEmpty && _constraints.IsEmpty;

    /// <summary>The configuration without the parameters that are not active in it.</summary>
    public ImmutableSortedDictionary<string, ParameterValue> Active(ImmutableSortedDictionary<string, ParameterValue> values) =>
        _conditions.IsEmpty ? values : values.RemoveRange(_conditions.Keys.Where(name => !IsActive(name, values)));

    /// <summary>A configuration with each axis drawn for itself, whether the constraints allow it or not.</summary>
    public ImmutableSortedDictionary<string, ParameterValue> Draw(Random random) =>
        Active(_axes.ToImmutableSortedDictionary(axis => axis.Name, axis => axis.At(random.NextDouble()), StringComparer.Ordinal));

    /// <summary>Whether a configuration meets every constraint; a parameter that it does not set counts with its default.</summary>
    /// <exception cref="InvalidOperationException">A constraint has no answer for these values.</exception>
    public bool Allows(ImmutableSortedDictionary<string, ParameterValue> configuration)
    {
        if (_constraints.IsEmpty)
        {
            return true;
        }

        var all = HyperParameters.Complete(configuration);
        return _constraints.All(constraint => Evaluate(constraint.Text, constraint.Expression, all));
    }

    /// <summary>What is wrong with a constraint, in a sentence; null if nothing is.</summary>
    public static string? CheckConstraint(string text)
    {
        try
        {
            var expression = new Expression(text);
            var unknown = expression.GetParameterNames().Where(name => HyperParameters.Find(name) is null).ToList();
            if (unknown.Count > 0)
            {
                return $"'{text}' names {string.Join(", ", unknown)}, which is no hyper-parameter. Known: {string.Join(", ", HyperParameters.All.Select(one => one.Name))}.";
            }

            Evaluate(text, expression, HyperParameters.Complete(ImmutableSortedDictionary<string, ParameterValue>.Empty));
            return null;
        }
        catch (NCalcParserException error)
        {
            return $"'{text}' is no expression ({(error.InnerException ?? error).Message.TrimEnd('.')}): write one like learning_rate * batch_size < 0.1 or variant = 'mltr-n'.";
        }
        catch (InvalidOperationException error)
        {
            return error.Message;
        }
    }

    private bool IsActive(string name, ImmutableSortedDictionary<string, ParameterValue> values) =>
        !_conditions.TryGetValue(name, out var condition)
        || (values.TryGetValue(condition.Name, out var value) && condition.Values.Any(wanted => wanted.CompareTo(value) == 0) && IsActive(condition.Name, values));

    private static bool Evaluate(string text, Expression expression, ImmutableSortedDictionary<string, ParameterValue> values)
    {
        foreach (var (name, value) in values)
        {
            expression.Parameters[name] = value.Type switch
            {
                ParameterType.Float => value.AsFloat,
                ParameterType.Int => value.AsInt,
                ParameterType.Bool => value.AsBool,
                _ => value.AsText,
            };
        }

        object? answer;
        try
        {
            answer = expression.Evaluate();
        }
        catch (Exception error) when (error is NCalcEvaluationException or FormatException or InvalidCastException or ArithmeticException or ArgumentException)
        {
            throw new InvalidOperationException($"'{text}' cannot be evaluated: {error.Message}", error);
        }

        return answer as bool? ?? throw new InvalidOperationException($"'{text}' gives {answer ?? "nothing"}, not true or false: compare it with something.");
    }
}
