using System.Globalization;
using MlTr.Abstractions.Sweeps;
using MlTr.Testing;

namespace MlTr.EndToEnd.Tests.Cluster;

/// <summary>A worker whose network is cut for longer than its lease while its process goes on, and healed.</summary>
public sealed class NetworkCutTests
{
    private const string OfTheFirstAttempt = "FROM metrics WHERE attempt = 1 AND trial_key = (SELECT trial_key FROM attempts WHERE state = 'Lost')";

    [Fact(Timeout = 180_000)]
    public async Task CutFromControlAlone_LosesItsTrialAfterTheLease_AndWorksOnOnceHealed()
    {
        await using var cluster = await TestCluster.StartAsync(TestContext.Current.CancellationToken);
        await using var network = new CutNetwork(cluster);
        await network.StartAsync();

        await network.CutInATrialAsync(network.CutFromControl);
        var taken = await network.UntilTakenOverAsync();
        network.Heal();
        await network.Worker.LineAsync(line => line.Contains("Worker cut lost trial", StringComparison.Ordinal));

        Assert.Equal("stays", taken);
        await network.AssertWorksAgainAsync(network.Worker);
    }

    [Fact(Timeout = 180_000)]
    public async Task CutFromEverything_IsDeclaredDead_EndsOnceHealed_AndWorksWhenStartedAgain()
    {
        await using var cluster = await TestCluster.StartAsync(TestContext.Current.CancellationToken);
        await using var network = new CutNetwork(cluster);
        await network.StartAsync();

        await network.CutInATrialAsync(network.CutFromAll);
        var taken = await network.UntilTakenOverAsync();
        await TestCluster.UntilAsync(() => Task.FromResult(cluster.Rows("SELECT 1 FROM orleansmembershiptable WHERE siloname LIKE 'worker-%' AND status = 6").Length == 1));
        network.Heal();
        await network.Worker.LineAsync(line => line.EndsWith("it ends here, to be started again.", StringComparison.Ordinal));
        var code = await network.Worker.ExitAsync();

        Assert.Equal("stays", taken);
        Assert.NotEqual(0, code);
        await network.AssertWorksAgainAsync(network.StartWorker());
    }

    /// <summary>A control process and two workers, one of them behind wires.</summary>
    private sealed class CutNetwork(TestCluster cluster) : IAsyncDisposable
    {
        private const int Trials = 2;

        private readonly Wire _toControl = new(FreePort.Next()), _toOther = new(FreePort.Next()), _toWorker = new(FreePort.Next()), _toStore = new(cluster.Postgres.Port);
        private PlatformProcess _control = null!;
        private Abstractions.Client.PlatformConnection _platform = null!;
        private string _sweep = "";
        private string _pointsWhenLost = "";

        public PlatformProcess Worker { get; private set; } = null!;

        public async Task StartAsync()
        {
            _control = Start(_toControl, [], "--roles", "control");
            Worker = StartWorker();
            Start(_toOther, [], "--roles", "worker", "--worker-id", "stays", "--threads", "1");
            _platform = await cluster.ConnectAsync(_control, workers: 2);
            _sweep = await _platform.Client.StartSweepAsync(TestCluster.Sweep("cut", Trials, passes: 12).Build());
        }

        public PlatformProcess StartWorker() => Start(
            _toWorker,
            [("MLTR__Platform__Store", cluster.Store.Replace($"Port={cluster.Postgres.Port}", $"Port={_toStore.Port}", StringComparison.Ordinal))],
            "--roles", "worker", "--worker-id", "cut", "--threads", "1", "--labels", "name=cut");

        /// <summary>Cuts the network when the worker is early in a trial.</summary>
        public async Task CutInATrialAsync(Action cut)
        {
            await TestCluster.StopInATrialAsync(_platform.Client, _sweep, id => id == "cut" ? Worker : null);
            cut();
            PlatformProcess.Signal("-CONT", Worker.Id);
        }

        public void CutFromControl()
        {
            _toControl.Cut(Worker.Id);
            _toWorker.Cut(_control.Id);
        }

        public void CutFromAll()
        {
            _toControl.Cut(Worker.Id);
            _toOther.Cut(Worker.Id);
            _toWorker.Cut();
            _toStore.Cut();
        }

        public void Heal()
        {
            foreach (var wire in (Wire[])[_toControl, _toOther, _toWorker, _toStore])
            {
                wire.Heal();
            }
        }

        /// <summary>Waits until another worker has begun with the trial.</summary>
        /// <returns>The other worker.</returns>
        public async Task<string> UntilTakenOverAsync()
        {
            string[] second = [];
            await TestCluster.UntilAsync(() => Task.FromResult((second = cluster.Rows("SELECT worker FROM attempts WHERE number = 2 AND environment IS NOT NULL")).Length == 1));
            _pointsWhenLost = cluster.Rows($"SELECT count(*), max(step) {OfTheFirstAttempt}").Single();
            return second.Single();
        }

        /// <summary>The worker that was cut gets a trial that only it may have, and all of the sweep's results are right.</summary>
        public async Task AssertWorksAgainAsync(PlatformProcess worker)
        {
            var own = await _platform.Client.StartSweepAsync(TestCluster.Sweep("own", trials: 1, passes: 2).OnWorkers("name=cut").Build());
            foreach (var sweep in (string[])[own, _sweep])
            {
                await TestCluster.UntilAsync(async () => (await _platform.Client.GetSweepAsync(sweep)).IsFinal);
                Assert.Equal(SweepState.Completed, (await _platform.Client.GetSweepAsync(sweep)).State);
            }

            Assert.Equal(["1|Lost|WorkerLost|cut"], cluster.Rows("SELECT number, state, failure, worker FROM attempts WHERE state <> 'Completed'"));
            Assert.Equal(_pointsWhenLost, cluster.Rows($"SELECT count(*), max(step) {OfTheFirstAttempt}").Single());
            cluster.AssertNothingLostOrDouble(Trials + 1);
            PlatformProcess.Signal("-TERM", worker.Id);
            Assert.Equal(0, await worker.ExitAsync());
        }

        public async ValueTask DisposeAsync()
        {
            await _platform.DisposeAsync();
            foreach (var wire in (Wire[])[_toControl, _toOther, _toWorker, _toStore])
            {
                await wire.DisposeAsync();
            }
        }

        private PlatformProcess Start(Wire wire, (string Name, string Value)[] settings, params string[] arguments) => cluster.StartWith(
            [
                ("MLTR__Platform__SiloPort", wire.Port.ToString(CultureInfo.InvariantCulture)),
                ("MLTR__Platform__Listen", $"127.0.0.1:{wire.Target.ToString(CultureInfo.InvariantCulture)}"),
                .. settings,
            ],
            arguments);
    }
}
