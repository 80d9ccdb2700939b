using Microsoft.Extensions.Logging;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Tests.Hosting;

public sealed class QuietStopTests
{
    [Fact]
    public void Apply_OnlyWhileStopping_LeavesOutWhatOrleansSays_AndKeepsOtherRules()
    {
        var quiet = new QuietStop();
        var options = new LoggerFilterOptions();
        options.AddFilter("Orleans", LogLevel.Warning);
        options.AddFilter((_, level) => level > LogLevel.Debug);
        quiet.Apply(options);
        var (orleans, others) = (options.Rules[0], options.Rules[1]);

        Assert.Equal(LogLevel.Warning, orleans.LogLevel);
        Assert.True(orleans.Filter!(null, "Orleans.Runtime.Silo", LogLevel.Error));
        Assert.False(others.Filter!(null, "MlTr.Silo", LogLevel.Debug));
        quiet.Begin();

        Assert.False(orleans.Filter!(null, "Orleans.Runtime.Silo", LogLevel.Error));
        Assert.True(orleans.Filter!(null, "Orleans.Runtime.Silo", LogLevel.Critical));
        Assert.True(others.Filter!(null, "MlTr.Silo", LogLevel.Warning));
        Assert.False(others.Filter!(null, "MlTr.Silo", LogLevel.Debug));
    }
}
