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
    [InlineData("", "FirstAdmin", "Ada Lovelace", "no name")]
    [InlineData("", "FirstAdmin", "ada", "Platform:FirstAdminPasswordFile")]
    [InlineData("", "TrustedProxies", "10.0.0.1, proxy", "'proxy' is neither an address nor a network")]
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

    [Theory]
    [InlineData("Platform:Port", "5080", false)]
    [InlineData("Platform:Urls", "http://localhost:5080;http://[::1]:5080", false)]
    [InlineData("Platform:Urls", "http://localhost:5080;http://0.0.0.0:5080", true)]
    [InlineData("Platform:Urls", "http://*:5080", true)]
    [InlineData("Platform:Urls", "https://mltr.example", true)]
    [InlineData("Kestrel:Endpoints:Web:Url", "http://127.0.0.1:5080", false)]
    [InlineData("Kestrel:Endpoints:Web:Url", "http://10.0.0.1:5080", true)]
    [InlineData("Platform:TrustedProxies", "127.0.0.1, 172.16.0.0/12", true)]
    public void WebAddresses_Open_IsWhatOthersReach(string key, string value, bool isOpen)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [key] = value }).Build();

        Assert.Equal(isOpen, WebAddresses.Open(configuration, configuration.ReadPlatform()) is not null);
    }

    [Theory]
    [InlineData("http://0.0.0.0:5080", "http://127.0.0.1:5080/")]
    [InlineData("http://[::]:5080", "http://127.0.0.1:5080/")]
    [InlineData("https://mltr.example/", "https://mltr.example/")]
    public void Nearest_IsAnAddressThatCanBeCalled(string address, string expected) => Assert.Equal(expected, Loopback.Nearest(new Uri(address)).ToString());

    [Fact]
    public async Task FirstAdmin_PasswordFile_IsReadByItsFirstLine_AndWhatIsWrongIsOneLine()
    {
        var file = Path.GetTempFileName();
        try
        {
            var missing = await Assert.ThrowsAsync<PlatformException>(() => FirstAdmin.ReadPasswordAsync(new() { FirstAdminPasswordFile = file + ".none" }, TestContext.Current.CancellationToken));
            var empty = await Assert.ThrowsAsync<PlatformException>(() => FirstAdmin.ReadPasswordAsync(new() { FirstAdminPasswordFile = file }, TestContext.Current.CancellationToken));
            await File.WriteAllTextAsync(file, "correct horse battery\n", TestContext.Current.CancellationToken);

            Assert.Equal("correct horse battery", await FirstAdmin.ReadPasswordAsync(new() { FirstAdminPasswordFile = file }, TestContext.Current.CancellationToken));
            Assert.Contains("cannot be read", missing.Message, StringComparison.Ordinal);
            Assert.Contains("at least 12", empty.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
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
