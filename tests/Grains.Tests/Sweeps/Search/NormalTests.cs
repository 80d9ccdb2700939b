using MlTr.Grains.Sweeps.Search;

namespace MlTr.Grains.Tests.Sweeps.Search;

public sealed class NormalTests
{
    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1, 0.84134474606854295)]
    [InlineData(-1.96, 0.024997895148220435)]
    [InlineData(3, 0.99865010196836990)]
    [InlineData(-8, 6.220960574271785e-16)]
    public void Cumulative_MatchesTables_AndQuantileTurnsItBack(double x, double p)
    {
        Assert.Equal(p, Normal.Cumulative(x), 1e-13);
        Assert.Equal(x, Normal.Quantile(p), 1e-6);
    }
}
