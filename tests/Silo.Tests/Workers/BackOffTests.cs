using MlTr.Silo.Workers;

namespace MlTr.Silo.Tests.Workers;

public sealed class BackOffTests
{
    [Fact]
    public void After_ManyQuickExits_DoublesUpToTheLongest()
    {
        var backOff = new BackOff();

        var waits = Enumerable.Range(0, 12).Select(_ => backOff.After(TimeSpan.FromSeconds(1))).ToList();

        Assert.Equal(BackOff.First, waits[0]);
        Assert.Equal(BackOff.First * 2, waits[1]);
        Assert.Equal(BackOff.Longest, waits[^1]);
        Assert.Equal(waits.Order(), waits);
    }

    [Fact]
    public void After_AStableMinute_StartsOver()
    {
        var backOff = new BackOff();
        _ = Enumerable.Range(0, 5).Select(_ => backOff.After(TimeSpan.Zero)).ToList();

        Assert.Equal(BackOff.First, backOff.After(BackOff.Stable));
    }
}
