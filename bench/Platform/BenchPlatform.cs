using Microsoft.Extensions.DependencyInjection;
using MlTr.Abstractions.Client;
using MlTr.Grains;
using MlTr.Grains.Datasets;
using MlTr.Grains.Evaluations;
using MlTr.Grains.Storage;
using MlTr.Grains.Sweeps;
using MlTr.Grains.Trials;
using MlTr.Grains.Workers;
using Orleans.TestingHost;

namespace MlTr.Bench.Platform;

/// <summary>The whole platform but its web pages in this process: a control silo and worker silos that talk by messages, and the store on disk.</summary>
internal sealed class BenchPlatform : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;
    private readonly SqliteExperimentStore _store;

    private BenchPlatform(InProcessTestCluster cluster, SqliteExperimentStore store) =>
        (_cluster, _store, Client) = (cluster, store, new MlTrClient(cluster.Client, TimeProvider.System));

    public IMlTrClient Client { get; }

    public IGrainFactory Grains => _cluster.Client;

    public IExperimentStore Store => _store;

    public static async Task<BenchPlatform> StartAsync(string database, int workers, Func<ITrialRunner> runner, Func<IDatasetSource>? datasets = null)
    {
        var options = new StoreOptions { DatabasePath = database };
        var store = SqliteExperimentStore.Open(options, TimeProvider.System, await StoreStartup.MigrateAsync(options, TimeProvider.System));
        var builder = new InProcessTestClusterBuilder((short)(workers + 1));
        var started = 0;
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<IExperimentStore>(store).AddSingleton(datasets?.Invoke() ?? new NoPictures()).AddSingleton<ISweepFiles, NoFiles>().AddSingleton(runner())
                .AddSingleton<IEvaluationPlanner, NoEvaluations>().AddSingleton<IPartEvaluator, NoEvaluations>();
            if (Interlocked.Increment(ref started) == 1)
            {
                silo.AddMlTrGrains();
            }
            else
            {
                silo.AddMlTrWorker(new WorkerOptions { Id = $"w{started}" });
            }
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new BenchPlatform(cluster, store);
    }

    /// <summary>Follows a sweep to its end.</summary>
    public async Task UntilEndedAsync(string sweepId)
    {
        await foreach (var change in Client.WatchSweepAsync(sweepId))
        {
            if (change.Sweep?.EndedAt is not null)
            {
                return;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _store.DisposeAsync();
    }
}
