using MlTr.Abstractions.Metrics;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Tests.Shared;

public sealed class LiveCurveTests
{
    [Fact]
    public void Add_TheSamePointTwice_CountsOnce()
    {
        var curve = new LiveCurve();

        Assert.True(curve.Add(new(1, 0.5, 1)));
        Assert.False(curve.Add(new(1, 0.5, 1)));

        Assert.Single(curve.Points);
    }

    [Fact]
    public void Add_ALaterAttempt_SupersedesWhatCameAfterItsResume()
    {
        var curve = new LiveCurve(new Curve("train/loss", [new(1, 3, 1), new(2, 2, 1), new(3, 1, 1)], []));

        curve.Add(new(2, 2.5, 2));

        Assert.Equal([new CurvePoint(1, 3, 1), new CurvePoint(2, 2.5, 2)], curve.Points);
        Assert.Equal([new CurvePoint(3, 1, 1), new CurvePoint(2, 2, 1)], curve.Superseded);
    }

    [Fact]
    public void Add_ALatePointOfAnOldAttempt_IsIgnored()
    {
        var curve = new LiveCurve(new Curve("train/loss", [new(1, 3, 1), new(2, 2, 2)], []));

        Assert.False(curve.Add(new(5, 9, 1)));

        Assert.Equal(2, curve.Points.Count);
    }

    [Fact]
    public void Thin_ManyPoints_KeepsTheEnds()
    {
        CurvePoint[] points = [.. Enumerable.Range(1, 1_000).Select(step => new CurvePoint(step, step, 1))];

        var thin = CurveThinning.Thin(points, 100);

        Assert.Equal(100, thin.Length);
        Assert.Equal((1L, 1_000L), (thin[0].Step, thin[^1].Step));
    }
    [Fact]
    public void Thin_ASpike_IsNotLost()
    {
        CurvePoint[] points = [.. Enumerable.Range(1, 100_000).Select(step => new CurvePoint(step, step == 77_777 ? 50 : step == 33_333 ? -50 : step == 5 ? double.NaN : 1, 1))];

        var thin = CurveThinning.Thin(points, 400);

        Assert.InRange(thin.Length, 200, 400);
        Assert.Contains(thin, point => point.Step == 77_777);
        Assert.Contains(thin, point => point.Step == 33_333);
        Assert.Equal(thin.Select(point => point.Step).Order(), thin.Select(point => point.Step));
    }
}
