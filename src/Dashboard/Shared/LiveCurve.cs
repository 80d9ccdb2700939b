using System.Collections.Immutable;
using MlTr.Abstractions.Metrics;

namespace MlTr.Dashboard.Shared;

/// <summary>
/// One metric of one trial as it grows. A point may arrive twice, and a later attempt overwrites what earlier attempts did after the
/// step it resumed from; what it overwrites stays as history.
/// </summary>
internal sealed class LiveCurve
{
    private readonly SortedList<long, CurvePoint> points = [];
    private readonly List<CurvePoint> superseded = [];

    public LiveCurve()
    {
    }

    public LiveCurve(Curve curve)
    {
        foreach (var point in curve.Points.IsDefault ? [] : curve.Points)
        {
            Add(point);
        }

        superseded.AddRange(curve.Superseded.IsDefault ? [] : curve.Superseded);
    }

    public IReadOnlyList<CurvePoint> Points => points.Values.AsReadOnly();

    public IReadOnlyList<CurvePoint> Superseded => superseded;

    /// <returns>False if the point was known or is itself history.</returns>
    public bool Add(CurvePoint point)
    {
        if (points.Count > 0 && points.Values[^1].Attempt > point.Attempt)
        {
            var resumed = points.Values.First(other => other.Attempt > point.Attempt).Step;
            if (point.Step >= resumed)
            {
                return false;
            }
        }

        while (points.Count > 0 && points.Values[^1] is var last && last.Step >= point.Step && last.Attempt < point.Attempt)
        {
            superseded.Add(last);
            points.RemoveAt(points.Count - 1);
        }

        return points.TryAdd(point.Step, point);
    }

    /// <summary>At most so many points: the first and the last, and of each stretch between them the lowest and the highest, so that no spike is lost.</summary>
    public static ImmutableArray<CurvePoint> Thin(IReadOnlyList<CurvePoint> points, int limit)
    {
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
