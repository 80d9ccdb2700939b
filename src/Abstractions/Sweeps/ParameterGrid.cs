using System.Collections.Immutable;

namespace MlTr.Abstractions.Sweeps;

/// <summary>The points of a grid, in the one order that the search numbers trials by and the form shows.</summary>
public static class ParameterGrid
{
    /// <summary>
    /// Every combination of the axes' grid values once, the last axis turning fastest; a point lists its values in the order of the axes. Lazy: take as many as needed.
    /// </summary>
    public static IEnumerable<ImmutableArray<ParameterValue>> Points(SweepSpec spec)
    {
        var axes = spec.Parameters.Select(axis => axis.GridValues).ToList(); // once: a range computes its values anew each time
        var size = SweepValidator.GridSize(spec);
        for (long number = 0; number < size; number++)
        {
            var rest = number;
            var point = new ParameterValue[axes.Count];
            for (var axis = axes.Count - 1; axis >= 0; axis--)
            {
                (rest, var digit) = Math.DivRem(rest, axes[axis].Length);
                point[axis] = axes[axis][(int)digit];
            }

            yield return [.. point];
        }
    }
}
