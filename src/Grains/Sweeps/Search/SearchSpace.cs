using System.Collections.Immutable;
using MlTr.Abstractions.Sweeps;

namespace MlTr.Grains.Sweeps.Search;

/// <summary>A spec's parameters as a unit cube: one dimension for each axis that varies.</summary>
internal sealed class SearchSpace
{
    private readonly ImmutableArray<ParameterSpec> varying;
    private readonly ImmutableSortedDictionary<string, ParameterValue> @fixed;
    private readonly ConfigurationRules rules;

    public SearchSpace(SweepSpec spec)
    {
        rules = new ConfigurationRules(spec);
        varying = [.. spec.Parameters.Where(axis => axis.Varies(spec.Search.Kind))];
        @fixed = spec.Parameters.Where(axis => !axis.Varies(spec.Search.Kind)).ToImmutableSortedDictionary(axis => axis.Name, axis => axis.At(0), StringComparer.Ordinal);
    }

    public int Dimensions => varying.Length;

    /// <summary>How many values a dimension has if they have no order (a list of names, of truths, or of chosen numbers); 0 for a range.</summary>
    public int Choices(int dimension) => varying[dimension] is ChoiceParameter choice ? choice.Values.Length : 0;

    /// <summary>The configuration at a point of the cube.</summary>
    public ImmutableSortedDictionary<string, ParameterValue> At(ReadOnlySpan<double> point)
    {
        var values = @fixed.ToBuilder();
        for (var axis = 0; axis < varying.Length; axis++)
        {
            values[varying[axis].Name] = varying[axis].At(point[axis]);
        }

        return rules.Active(values.ToImmutable());
    }

    /// <summary>Whether the constraints allow a configuration.</summary>
    public bool Allows(ImmutableSortedDictionary<string, ParameterValue> configuration) => rules.Allows(configuration);

    /// <summary>For each dimension, whether its parameter is active at a point of the cube: where it is not, the coordinate means nothing.</summary>
    public ImmutableArray<bool> ActiveAt(ReadOnlySpan<double> point)
    {
        var configuration = At(point);
        return [.. varying.Select(axis => configuration.ContainsKey(axis.Name))];
    }

    /// <summary>The same text for the same configuration.</summary>
    public static string Key(ImmutableSortedDictionary<string, ParameterValue> point) => string.Join(';', point.Select(pair => $"{pair.Key}={pair.Value}"));
}
