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
}
