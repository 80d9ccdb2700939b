using System.Globalization;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Sweeps;
using MlTr.Testing;

namespace MlTr.EndToEnd.Tests.Cluster;

/// <summary>Parts of a cluster that are stopped in order and started again while sweeps run, as for an update or for a backup.</summary>
public sealed class RestartTests
{
    [Fact(Timeout = 240_000)]
    public async Task EveryControlProcessStoppedAndStartedAgainInTurn_SweepsGoOnAndEveryResultIsRight()
    {
        await using var cluster = await TestCluster.StartAsync(TestContext.Current.CancellationToken);
        (int Silo, int Gateway)[] ports = [(FreePort.Next(), FreePort.Next()), (FreePort.Next(), FreePort.Next())];
        PlatformProcess[] controls = [StartControl(cluster, ports[0]), StartControl(cluster, ports[1])];
        cluster.Start("--roles", "worker", "--worker-id", "w1", "--threads", "1");
        cluster.Start("--roles", "worker", "--worker-id", "w2", "--threads", "1");
        await Task.WhenAll(controls.Select(control => control.AddressAsync()));
        await using var platform = await cluster.ConnectAsync(controls[0], workers: 2);
        List<string> sweeps = [await platform.Client.StartSweepAsync(TestCluster.Sweep("before", trials: 2, passes: 12).Build())];
        await TestCluster.UntilAsync(async () => (await platform.Client.GetTrialsAsync(sweeps[0])).Any(trial => trial.Step > 0));

        for (var index = 0; index < controls.Length; index++)
        {
            PlatformProcess.Signal("-TERM", controls[index].Id);
            Assert.Equal(0, await controls[index].ExitAsync());
            await TestCluster.UntilAsync(async () => (await platform.Client.GetSchedulerAsync()).Workers.Length == 2);
            sweeps.Add(await platform.Client.StartSweepAsync(TestCluster.Sweep($"without-{index}", trials: 1, passes: 2).Build()));
            await EndAsync(platform.Client, sweeps[^1]); // the other one goes on alone
            controls[index] = StartControl(cluster, ports[index]);
            await controls[index].AddressAsync();
        }

        await EndAsync(platform.Client, sweeps[0]);
        cluster.AssertNothingLostOrDouble(trials: 4);
    }

    [Fact(Timeout = 180_000)]
    public async Task PostgresStoppedAndStartedAgain_InTheMiddleOfASweep_NothingIsLost()
    {
        await using var cluster = await TestCluster.StartAsync(TestContext.Current.CancellationToken);
        var control = cluster.Start("--roles", "control");
        var workers = new[] { "w1", "w2" }.ToDictionary(id => id, id => cluster.Start("--roles", "worker", "--worker-id", id, "--threads", "1"));
        await using var platform = await cluster.ConnectAsync(control, workers.Count);
        var sweep = await platform.Client.StartSweepAsync(TestCluster.Sweep("restart", trials: 3, passes: 12).Build());

        // One worker is held in the middle of its trial; the other reports while the database goes.
        var held = await TestCluster.StopInATrialAsync(platform.Client, sweep, workers.GetValueOrDefault);
        await cluster.Postgres.RestartAsync();
        PlatformProcess.Signal("-CONT", workers[held.Worker!].Id);

        await EndAsync(platform.Client, sweep);
        cluster.AssertNothingLostOrDouble(trials: 3);
    }

    private static async Task EndAsync(IMlTrClient client, string sweep)
    {
        await TestCluster.UntilAsync(async () => (await client.GetSweepAsync(sweep)).IsFinal);
        Assert.Equal(SweepState.Completed, (await client.GetSweepAsync(sweep)).State);
    }

    // Fixed ports, so that a client finds it again.
    private static PlatformProcess StartControl(TestCluster cluster, (int Silo, int Gateway) ports) => cluster.StartWith(
        [
            ("MLTR__Platform__SiloPort", ports.Silo.ToString(CultureInfo.InvariantCulture)),
            ("MLTR__Platform__GatewayPort", ports.Gateway.ToString(CultureInfo.InvariantCulture)),
        ],
        "--roles",
        "control");
}
