using Microsoft.Extensions.Configuration;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Tests.Hosting;

public sealed class PlatformOptionsTests
{
    [Fact]
    public void Read_NothingSaid_IsAWholePlatformOnLoopback()
    {
        var options = Read([]);

        Assert.True(options is { IsControl: true, IsDashboard: true, IsWorker: true, Workers: 1 });
        Assert.Equal("http://127.0.0.1:5080", options.Addresses);
    }

    [Theory]
    [InlineData("Roles", "control,boss", "boss")]
    [InlineData("Roles", "dashboard", "--roles")]
    [InlineData("Roles", "worker", "--worker-id")]
    [InlineData("Port", "70000", "65535")]
    [InlineData("Port", "many", "Port")]
    [InlineData("Workers", "-1", "--workers")]
    [InlineData("Threads", "5000", "--threads")]
    [InlineData("Data", " ", "--data")]
    public void Read_AWrongSetting_NamesItInOneLine(string name, string value, string named)
    {
        var error = Assert.Throws<PlatformException>(() => Read(new() { [$"Platform:{name}"] = value }));

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Read_AnUnknownLogLevel_ListsTheKnown()
    {
        var error = Assert.Throws<PlatformException>(() => Read(new() { ["Logging:LogLevel:Default"] = "loud" }));

        Assert.Contains("warning", error.Message, StringComparison.Ordinal);
    }

    private static PlatformOptions Read(Dictionary<string, string?> commandLine)
    {
        var configuration = new ConfigurationBuilder();
        configuration.AddPlatformSettings(commandLine);
        return configuration.Build().ReadPlatform();
    }
}
