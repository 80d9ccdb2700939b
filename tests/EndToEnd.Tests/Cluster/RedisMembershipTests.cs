using System.Globalization;
using MlTr.Abstractions.Sweeps;
using MlTr.Testing;

namespace MlTr.EndToEnd.Tests.Cluster;

/// <summary>A cluster whose processes find each other in Redis and keep everything in PostgreSQL.</summary>
public sealed class RedisMembershipTests
{
    private const string Setting = "MLTR__Platform__Membership";

    [Fact(Timeout = 180_000)]
    public async Task ControlAndWorker_MeetInRedis_AndRunASweepThatPostgresKeeps()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var cluster = await TestCluster.StartAsync(TestContext.Current.CancellationToken);
        cluster.Settings.Add((Setting, $"127.0.0.1:{redis.Port.ToString(CultureInfo.InvariantCulture)},password={RedisServer.Password}"));
        var control = cluster.Start("--roles", "control");
        cluster.StartWith([("MLTR__Platform__Store", "")], "--roles", "worker", "--worker-id", "w1", "--threads", "1"); // needs no database
        var dashboard = cluster.StartWith([("MLTR__Platform__Store", "")], "--roles", "dashboard");
        await control.AddressAsync();
        await using var platform = await cluster.ConnectAsync(dashboard, workers: 1);

        var sweep = await platform.Client.StartSweepAsync(TestCluster.Sweep("redis", trials: 2, passes: 2).Build());
        await TestCluster.UntilAsync(async () => (await platform.Client.GetSweepAsync(sweep)).IsFinal);

        Assert.Equal(SweepState.Completed, (await platform.Client.GetSweepAsync(sweep)).State);
        cluster.AssertNothingLostOrDouble(trials: 2);
        Assert.Contains("\nmltr/members/mltr\r", await redis.AskAsync("KEYS *"), StringComparison.Ordinal);
        Assert.Empty(cluster.Rows("SELECT 1 FROM pg_tables WHERE tablename = 'orleansmembershiptable'"));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("control")]
    [InlineData("worker")]
    public async Task NothingAtTheAddress_EndsWithOneLineThatNamesIt(string roles)
    {
        var data = Directory.CreateTempSubdirectory("mltr-redis-");
        await using var process = PlatformProcess.StartWith(
            [(Setting, $"127.0.0.1:{FreePort.Next().ToString(CultureInfo.InvariantCulture)},password=secret"), ("MLTR__Platform__Store", "Host=127.0.0.1;Database=none")],
            "--roles", roles, "--port", "0", "--data", data.FullName);

        var code = await process.ExitAsync().WaitAsync(TestContext.Current.CancellationToken);

        data.Delete(recursive: true);
        Assert.Equal(1, code);
        var line = Assert.Single(process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("correct Platform:Membership", line, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);
    }
}
