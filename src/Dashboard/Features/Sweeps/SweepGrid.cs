using System.Collections.Immutable;
using MlTr.Abstractions.Sweeps;

namespace MlTr.Dashboard.Features.Sweeps;

/// <summary>What a spec will run, for the preview under the form.</summary>
internal static class SweepGrid
{
    /// <summary>The sizes of the axes that vary, as in <c>3 x 2</c>; empty if there is at most one trial.</summary>
    public static string Shape(SweepSpec spec) => string.Join(" × ", spec.Parameters.Where(axis => axis.Varies(spec.Search.Kind)).Select(axis => axis.GridValues.Length));

    public static long Count(SweepSpec spec) => spec.CountTrials();

    /// <summary>The axes that may take more than one value: what tells trials apart.</summary>
    public static ImmutableArray<string> Varying(SweepSpec spec) => spec.VaryingParameters();

    /// <summary>The first configurations of the grid.</summary>
    public static IEnumerable<ImmutableSortedDictionary<string, ParameterValue>> First(SweepSpec spec, int limit) => ParameterGrid.Points(spec).Take(limit);
}
