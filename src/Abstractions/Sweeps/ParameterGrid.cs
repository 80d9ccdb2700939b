using System.Collections.Immutable;

namespace MlTr.Abstractions.Sweeps;

/// <summary>The points of a grid, in the one order that the search numbers trials by and the form shows.</summary>
public static class ParameterGrid
{
    /// <summary>
    /// Every combination of the axes' grid values once, the last axis turning fastest, without the parameters that are not active in it and without those that
    /// the constraints forbid. Lazy: take as many as needed.
    /// </summary>
    public static IEnumerable<ImmutableSortedDictionary<string, ParameterValue>> Points(SweepSpec spec)
    {
        var rules = new ConfigurationRules(spec);
        var axes = spec.Parameters.Select(axis => axis.GridValues).ToList(); // once: a range computes its values anew each time
        var size = Combinations(spec);
        for (long number = 0; number < size; number++)
        {
            var rest = number;
            var digits = new int[axes.Count];
            var values = ImmutableSortedDictionary.CreateBuilder<string, ParameterValue>(StringComparer.Ordinal);
            for (var axis = axes.Count - 1; axis >= 0; axis--)
            {
                (rest, var digit) = Math.DivRem(rest, axes[axis].Length);
                digits[axis] = (int)digit;
                values[spec.Parameters[axis].Name] = axes[axis][digits[axis]];
            }

            // Combinations that differ in inactive parameters alone are one configuration: the one of their first values.
            var point = rules.Active(values.ToImmutable());
            if (digits.Index().All(digit => digit.Item == 0 || point.ContainsKey(spec.Parameters[digit.Index].Name)) && rules.Allows(point))
            {
                yield return point;
            }
        }
    }

    /// <summary>The number of combinations, before conditions and constraints; 0 if some axis has no grid values.</summary>
    public static long Combinations(SweepSpec spec) => spec.Parameters.IsDefault
        ? 1
        : spec.Parameters.Aggregate(1L, (size, axis) => Math.Min(size * axis.GridValues.Length, long.MaxValue / SweepValidator.MaxTrials));
}
