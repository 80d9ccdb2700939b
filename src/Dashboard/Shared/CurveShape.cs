using System.Collections.Immutable;
using MlTr.Abstractions.Metrics;

namespace MlTr.Dashboard.Shared;

/// <summary>How curves are drawn.</summary>
/// <param name="Smoothing">0 for what was measured, up to 1: the weight of the past in a moving average.</param>
/// <param name="LogX">Steps by their logarithm.</param>
/// <param name="LogY">Values by their logarithm.</param>
public sealed record CurveShape(double Smoothing = 0, bool LogX = false, bool LogY = false)
{
    /// <summary>The exponential moving average of the points, without a pull towards 0 at its start; what is no number stays a gap.</summary>
    internal IReadOnlyList<CurvePoint> Smooth(IReadOnlyList<CurvePoint> points)
    {
        if (Smoothing <= 0)
        {
            return points;
        }

        var (past, weight) = (0.0, 0.0);
        var smooth = ImmutableArray.CreateBuilder<CurvePoint>(points.Count);
        foreach (var point in points)
        {
            if (!double.IsFinite(point.Value))
            {
                smooth.Add(point);
                continue;
            }

            past = (Smoothing * past) + ((1 - Smoothing) * point.Value);
            weight = (Smoothing * weight) + (1 - Smoothing);
            smooth.Add(point with { Value = past / weight });
        }

        return smooth.MoveToImmutable();
    }
}
