using System.Collections.Immutable;
using MlTr.Abstractions.Sweeps;

namespace MlTr.Grains.Sweeps.Search;

/// <summary>A spec's parameters as a unit cube: one dimension for each axis that varies.</summary>
internal sealed class SearchSpace
{
    private readonly ImmutableArray<ParameterSpec> varying;
    private readonly ImmutableSortedDictionary<string, ParameterValue> @fixed;

    public SearchSpace(SweepSpec spec)
    {
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

        return values.ToImmutable();
    }

    /// <summary>The same text for the same configuration.</summary>
    public static string Key(ImmutableSortedDictionary<string, ParameterValue> point) => string.Join(';', point.Values);
}
