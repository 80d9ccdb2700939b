using MlTr.Abstractions.Client;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Testing;

namespace MlTr.EndToEnd.Tests.Cluster;

/// <summary>A PostgreSQL server, a data folder with a dataset, and the processes that make a cluster of them.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    /// <summary>The dataset.</summary>
    public const string Dataset = "mine";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mltr-cluster-");
    private readonly List<PlatformProcess> _processes = [];

    private TestCluster(PostgresServer postgres)
    {
        Postgres = postgres;
        Store = postgres.CreateDatabase();
        Pictures.Write(Path.Combine(_folder.FullName, Dataset));
    }

    public PostgresServer Postgres { get; }

    /// <summary>The connection string of the cluster's database.</summary>
    public string Store { get; }

    /// <summary>What every process is told besides the store.</summary>
    public List<(string Name, string Value)> Settings { get; } = [("MLTR__Scheduler__LeaseDuration", "00:00:06")];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<TestCluster> StartAsync(CancellationToken cancellationToken) => new(await PostgresServer.StartAsync().WaitAsync(cancellationToken));

    public PlatformProcess Start(params string[] arguments) => StartWith([], arguments);

    /// <summary>With settings of its own, which override the cluster's.</summary>
    public PlatformProcess StartWith((string Name, string Value)[] settings, params string[] arguments)
    {
        var process = PlatformProcess.StartWith(
            [.. Settings, ("MLTR__Platform__Store", Store), .. settings], ["--data", Path.Combine(_folder.FullName, "data"), .. arguments, "--port", "0"]);
        _processes.Add(process);
        return process;
    }

    /// <summary>A data folder that no other process has.</summary>
    public string NewFolder() => _folder.CreateSubdirectory($"data-{Guid.NewGuid():N}").FullName;

    /// <summary>A client, once there are so many workers; the dataset is registered then.</summary>
    public async Task<PlatformConnection> ConnectAsync(PlatformProcess process, int workers)
    {
        var platform = await PlatformConnection.OpenAsync(await process.AddressAsync(), Token);
        await UntilAsync(async () => (await platform.Client.GetSchedulerAsync()).Workers.Length == workers);
        await platform.Client.RegisterDatasetAsync(new DatasetRegistration(Dataset, Path.Combine(_folder.FullName, Dataset)));
        return platform;
    }

    /// <summary>Trials of equal length on the dataset.</summary>
    public static SweepBuilder Sweep(string name, int trials, int passes) => SweepBuilder.Named(name).On(Dataset).Random(trials, seed: 1)
        .Range("learning_rate", 1e-4, 1e-2, log: true).Fixed("passes", passes).Fixed("batch_size", 4).Fixed("image_size", 32);

    /// <summary>Asks until it is so; while the cluster changes over, a question may fail.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition)
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

            await Task.Delay(TimeSpan.FromMilliseconds(50), Token);
        }
    }

    /// <summary>A running trial that its worker has begun and not half done, with the worker's process stopped so that it stays there.</summary>
    /// <param name="worker">The process of the worker of an id; null for one that shall not be taken.</param>
    public static async Task<TrialSnapshot> StopInATrialAsync(IMlTrClient client, string sweep, Func<string, PlatformProcess?> worker)
    {
        TrialSnapshot? stopped = null;
        await UntilAsync(async () =>
        {
            if ((await client.GetTrialsAsync(sweep)).FirstOrDefault(trial => IsEarly(trial) && worker(trial.Worker!) is not null) is not { } found)
            {
                return false;
            }

            var process = worker(found.Worker!)!.Id;
            PlatformProcess.Signal("-STOP", process);
            var now = await client.GetTrialAsync(found.Id); // what it said before the signal has come by now, or is early as well
            if (!IsEarly(now.Trial) || now.Trial.Worker != found.Worker)
            {
                PlatformProcess.Signal("-CONT", process);
                return false;
            }

            stopped = now.Trial;
            return true;
        });
        return stopped!;
    }

    /// <summary>Every trial has its result once, and no point is missing or double.</summary>
    /// <param name="trials">How many there are in all.</param>
    public void AssertNothingLostOrDouble(int trials)
    {
        const string valid = "FROM metrics m JOIN metric_names n USING (name_key) JOIN trials t USING (trial_key) WHERE m.superseded_by IS NULL";
        Assert.Equal([$"{trials}"], Rows("SELECT count(*) FROM trials WHERE state = 'Completed'"));
        Assert.Equal([$"{trials}|{trials}"], Rows("SELECT count(*), count(DISTINCT trial_key) FROM attempts WHERE state = 'Completed'"));
        Assert.Empty(Rows($"SELECT 1 {valid} GROUP BY m.trial_key, m.name_key, m.step HAVING count(*) > 1"));
        Assert.Equal([$"{trials}"], Rows($"SELECT count(DISTINCT m.trial_key) {valid} AND n.name = 'train/loss'"));
        // The trials of a sweep take the same steps, and so have as many points of the loss as each other.
        Assert.Empty(Rows($"SELECT sweep_id FROM (SELECT t.sweep_id, count(DISTINCT m.step) AS seen {valid} AND n.name = 'train/loss' GROUP BY t.sweep_id, m.trial_key) AS trial GROUP BY sweep_id HAVING count(DISTINCT seen) > 1"));
    }

    public string[] Rows(string sql) => Postgres.Rows(Store, sql);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        await Postgres.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static bool IsEarly(TrialSnapshot trial) => trial.State == TrialState.Running && trial.Step > 0 && trial.Step * 2 < trial.TotalSteps;
}
