using MlTr.Abstractions.Client;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Testing;

namespace MlTr.EndToEnd.Tests.Cluster;

/// <summary>The same program as a cluster: PostgreSQL, two control processes, three workers, a dashboard of its own, and this process as the client.</summary>
public sealed class ClusterTests : IAsyncLifetime
{
    private const int Trials = 6;

    // What every process of the cluster is told; nothing else makes it one.
    private static readonly (string Name, string Value)[] Settings = [("MLTR__Scheduler__LeaseDuration", "00:00:06")];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mltr-cluster-");
    private readonly List<PlatformProcess> _processes = [];
    private PostgresServer _postgres = null!;
    private string _store = "";

    private string Data => Path.Combine(_folder.FullName, "data");

    public async ValueTask InitializeAsync()
    {
        _postgres = await PostgresServer.StartAsync();
        _store = _postgres.CreateDatabase();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        await _postgres.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact(Timeout = 240_000)]
    public async Task ControlSiloAndWorkerKilled_InTheMiddleOfASweep_EveryTrialHasItsResultOnceAndNoPointIsMissingOrDouble()
    {
        Pictures.Write(Path.Combine(_folder.FullName, "mine"));
        PlatformProcess[] controls = [Start("--roles", "control"), Start("--roles", "control")];
        var workers = Enumerable.Range(1, 3).ToDictionary(number => $"w{number}", number => Start("--roles", "worker", "--worker-id", $"w{number}", "--threads", "1"));
        var dashboard = Start("--roles", "dashboard");
        await Task.WhenAll(controls.Select(control => control.AddressAsync()));
        await using var platform = await PlatformConnection.OpenAsync(await dashboard.AddressAsync(), TestContext.Current.CancellationToken);
        await UntilAsync(async () => (await platform.Client.GetSchedulerAsync()).Workers.Length == workers.Count);
        await platform.Client.RegisterDatasetAsync(new DatasetRegistration("mine", Path.Combine(_folder.FullName, "mine")));
        var sweep = await platform.Client.StartSweepAsync(SweepBuilder.Named("cluster").On("mine").Random(Trials, seed: 1)
            .Range("learning_rate", 1e-4, 1e-2, log: true).Fixed("passes", 6).Fixed("batch_size", 4).Fixed("image_size", 32).Build());
        await UntilAsync(async () => (await platform.Client.GetSweepAsync(sweep)).Counts.GetValueOrDefault(TrialState.Completed) >= 1);

        var scheduling = controls.Single(control => control.Output.Contains(" goes to w", StringComparison.Ordinal));
        var busy = await HoldOneAsync(platform.Client, sweep, workers);
        PlatformProcess.Signal("-KILL", workers[busy.Worker!].Id);
        PlatformProcess.Signal("-KILL", scheduling.Id);

        await UntilAsync(async () => (await platform.Client.GetSweepAsync(sweep)).IsFinal);
        var end = await platform.Client.GetSweepAsync(sweep);
        Assert.Equal(SweepState.Completed, end.State);
        Assert.All(await platform.Client.GetTrialsAsync(sweep), trial => Assert.Equal((TrialState.Completed, trial.TotalSteps), (trial.State, trial.Step)));
        Assert.Contains((await platform.Client.GetTrialAsync(busy.Id)).Attempts, attempt => attempt.State == AttemptState.Lost);
        AssertNothingLostOrDouble();
    }

    /// <summary>Stops a worker in the first half of a trial, and looks again: on a fast machine the trial can have ended between the look and the signal.</summary>
    private static async Task<TrialSnapshot> HoldOneAsync(IMlTrClient client, string sweep, Dictionary<string, PlatformProcess> workers)
    {
        while (true)
        {
            TrialSnapshot? early = null;
            await UntilAsync(async () => (early = (await client.GetTrialsAsync(sweep)).FirstOrDefault(IsEarly)) is not null);
            PlatformProcess.Signal("-STOP", workers[early!.Worker!].Id);
            if ((await client.GetTrialsAsync(sweep)).Any(trial => trial.Id == early.Id && trial.Worker == early.Worker && IsEarly(trial)))
            {
                return early;
            }

            PlatformProcess.Signal("-CONT", workers[early.Worker!].Id);
        }
    }

    private static bool IsEarly(TrialSnapshot trial) => trial.State == TrialState.Running && trial.Step > 0 && trial.Step * 2 < trial.TotalSteps;

    private void AssertNothingLostOrDouble()
    {
        const string valid = "FROM metrics m JOIN metric_names n USING (name_key) WHERE m.superseded_by IS NULL";
        Assert.Equal([$"{Trials}"], Rows("SELECT count(*) FROM trials WHERE state = 'Completed'"));
        Assert.Equal([$"{Trials}|{Trials}"], Rows("SELECT count(*), count(DISTINCT trial_key) FROM attempts WHERE state = 'Completed'"));
        Assert.Empty(Rows($"SELECT 1 {valid} GROUP BY m.trial_key, m.name_key, m.step HAVING count(*) > 1"));
        // Every trial takes the same steps, and so has as many points of the loss as every other.
        Assert.Single(Rows($"SELECT DISTINCT seen FROM (SELECT count(DISTINCT m.step) AS seen {valid} AND n.name = 'train/loss' GROUP BY m.trial_key) AS trial"));
    }

    private string[] Rows(string sql) => _postgres.Rows(_store, sql);

    private PlatformProcess Start(params string[] arguments)
    {
        var process = PlatformProcess.StartWith([.. Settings, ("MLTR__Platform__Store", _store)], [.. arguments, "--data", Data, "--port", "0"]);
        _processes.Add(process);
        return process;
    }

    /// <summary>Asks until it is so; while the cluster changes over, a question may fail.</summary>
    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (true)
        {
            try
            {
                if (await condition())
                {
                    return;
                }
            }
            catch (Exception error) when (error is not OperationCanceledException || !Token.IsCancellationRequested)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"asked in vain: {error.GetType().Name}: {error.Message}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), Token);
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
