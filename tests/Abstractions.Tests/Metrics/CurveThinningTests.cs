using MlTr.Abstractions.Metrics;

namespace MlTr.Abstractions.Tests.Metrics;

public sealed class CurveThinningTests
{
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
