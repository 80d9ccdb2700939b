using System.Collections.Immutable;

namespace MlTr.Abstractions.Metrics;

/// <summary>Leaves points of a curve out so that it still looks the same.</summary>
public static class CurveThinning
{
    /// <summary>The curve with at most so many valid points; its history is thinned in the same way.</summary>
    public static Curve Thin(Curve curve, int limit) => curve.Points.Length <= limit && curve.Superseded.Length <= limit
        ? curve
        : curve with { Points = Thin(curve.Points, limit), Superseded = Thin(curve.Superseded, limit), IsThinned = curve.IsThinned || curve.Points.Length > limit };

    /// <summary>At most so many points: the first and the last, and of each stretch between them the lowest and the highest, so that no spike is lost.</summary>
    /// <param name="points">The points in their order.</param>
    /// <param name="limit">How many at most, 4 or more.</param>
    public static ImmutableArray<CurvePoint> Thin(IReadOnlyList<CurvePoint> points, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 4);
        if (points.Count <= limit)
        {
            return [.. points];
        }

        var stretches = (limit - 2) / 2;
        var thin = ImmutableArray.CreateBuilder<CurvePoint>(limit);
        thin.Add(points[0]);
        for (var i = 0; i < stretches; i++)
        {
            var (from, to) = (1 + (int)((long)i * (points.Count - 2) / stretches), 1 + (int)((long)(i + 1) * (points.Count - 2) / stretches));
            var (low, high) = (from, from);
            for (var at = from + 1; at < to; at++)
            {
                low = points[at].Value < points[low].Value || double.IsNaN(points[low].Value) ? at : low;
                high = points[at].Value > points[high].Value || double.IsNaN(points[high].Value) ? at : high;
            }

            thin.Add(points[Math.Min(low, high)]);
            if (low != high)
            {
                thin.Add(points[Math.Max(low, high)]);
            }
        }

        thin.Add(points[^1]);
        return thin.ToImmutable();
    }
}
