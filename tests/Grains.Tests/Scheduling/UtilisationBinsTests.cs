using MlTr.Grains.Scheduling;
using MlTr.Grains.Storage;

namespace MlTr.Grains.Tests.Scheduling;

public sealed class UtilisationBinsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_SpansOverBins_AreSharesOfEachBin_AndOfTheWhole()
    {
        // Three minutes that begin in the middle of a bin of two, and one that still runs since a minute.
        var worker = UtilisationBins.Of("w", [new("w", Now.AddMinutes(-59), Now.AddMinutes(-56)), new("w", Now.AddMinutes(-1), null)], Now);

        Assert.Equal((Now.AddHours(-1), TimeSpan.FromMinutes(2)), (worker.Hour.From, worker.Hour.Bin));
        Assert.Equal(30, worker.Hour.Bins.Length);
        Assert.Equal([0.5, 1, 0], worker.Hour.Bins[..3], (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Equal(0.5, worker.Hour.Bins[^1], 9);
        Assert.Equal(4.0 / 60, worker.Hour.Share, 9);
        Assert.Equal(4.0 / 1_440, worker.Day.Share, 9);
    }

    [Fact]
    public void Of_OverlapsAndWhatLiesOutside_CountOnce_AndNotAtAll()
    {
        var spans = new WorkSpan[]
        {
            new("w", Now.AddDays(-3), Now.AddMinutes(-30)), // began long before
            new("w", Now.AddMinutes(-50), Now.AddMinutes(-40)), // within the first
            new("w", Now.AddMinutes(-31), Now.AddMinutes(-15)), // overlaps it
            new("w", Now.AddMinutes(-10), Now.AddMinutes(-10)), // no time at all
        };

        var worker = UtilisationBins.Of("w", spans, Now);

        Assert.Equal(0.75, worker.Hour.Share, 9);
        Assert.Equal(1 - (15.0 / 1_440), worker.Day.Share, 9);
        Assert.All(worker.Hour.Bins, share => Assert.InRange(share, 0, 1));
    }

    [Fact]
    public void Of_NoWork_IsZero() => Assert.All(UtilisationBins.Of("w", [], Now).Day.Bins, share => Assert.Equal(0, share));
}
