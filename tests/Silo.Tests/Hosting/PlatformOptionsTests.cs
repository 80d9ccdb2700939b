using Microsoft.Extensions.Configuration;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Tests.Hosting;

public sealed class PlatformOptionsTests
{
    private const string Store = "Host=db;Database=mltr;Username=mltr";

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
    [InlineData("Webhook:Url", "elsewhere", "Platform:Webhook:Url")]
    [InlineData("Webhook:Url", "https://elsewhere.example/", "Platform:Webhook:Secret")]
    public void Read_AWrongSetting_NamesItInOneLine(string name, string value, string named)
    {
        var error = Assert.Throws<PlatformException>(() => Read(new() { [$"Platform:{name}"] = value }));

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("control", "", true, false)]
    [InlineData("dashboard", "", false, true)]
    [InlineData("worker", "w1", false, false)]
    public void Read_AStore_MakesAProcessOfACluster(string roles, string workerId, bool isControl, bool isDashboard)
    {
        var options = Read(new() { ["Platform:Store"] = Store, ["Platform:Roles"] = roles, ["Platform:WorkerId"] = workerId });

        Assert.True(options.IsShared);
        Assert.Equal((isControl, isDashboard), (options.IsControl, options.IsDashboard));
    }

    [Fact]
    public void Read_AWorkerOfAClusterWithoutAnId_HasOneOfItsOwnByMachineAndDevice()
    {
        var options = Read(new() { ["Platform:Store"] = Store, ["Platform:Roles"] = "worker", ["Platform:Device"] = "cuda:1" });

        Assert.Equal($"{Environment.MachineName}-cuda-1".ToLowerInvariant(), options.WorkerName);
    }

    [Theory]
    [InlineData("worker")]
    [InlineData("dashboard")]
    public void Read_RedisAlone_MakesAProcessOfACluster_UnlessItIsControl(string roles)
    {
        var options = Read(new() { ["Platform:Membership"] = "redis:6379", ["Platform:Roles"] = roles });
        var error = Assert.Throws<PlatformException>(() => Read(new() { ["Platform:Membership"] = "redis:6379", ["Platform:Roles"] = "control" }));

        Assert.True(options.IsShared);
        Assert.IsType<RedisMembership>(Membership.Of(options));
        Assert.Contains("SQLite cannot be shared", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not a connection", "Roles", "control", "is no PostgreSQL connection string")]
    [InlineData("Host=db", "Roles", "control", "names no database")]
    [InlineData(Store, "Roles", "dashboard,worker", "process of its own")]
    [InlineData(Store, "Device", "gpu", "cuda:0")]
    [InlineData("", "Address", "10.0.0.1", "Platform:Store")]
    [InlineData(Store, "Membership", "redis:6379,colour=red", "redis:6379,password=...")]
    [InlineData(Store, "Membership", ",", "names no server")]
    [InlineData(Store, "Artifacts", "gs://bucket", "s3://bucket/prefix")]
    [InlineData("", "Listen", "0.0.0.0", "Platform:Store")]
    [InlineData(Store, "Listen", "anywhere", "0.0.0.0")]
    [InlineData(Store, "Listen", "0.0.0.0:11111", "Platform:SiloPort")]
    public void Read_AWrongSettingOfACluster_SaysWhatToDoInOneLine(string store, string name, string value, string says)
    {
        var error = Assert.Throws<PlatformException>(() => Read(new()
        {
            ["Platform:Store"] = store,
            ["Platform:Roles"] = name == "Device" ? "worker" : "control",
            [$"Platform:{name}"] = value,
        }));

        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void HostAddress_AutoAndLoopback_AreAddressesOfThisMachine()
    {
        Assert.Equal(System.Net.IPAddress.Loopback, HostAddress.Of(new() { Store = Store }));
        Assert.NotNull(HostAddress.Of(new() { Store = Store, Address = "localhost" }));
        Assert.Throws<PlatformException>(() => HostAddress.Of(new() { Store = Store, Address = "no.such.name.invalid" }));
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
