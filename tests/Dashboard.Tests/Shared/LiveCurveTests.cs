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
}
