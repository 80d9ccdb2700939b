using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Sweeps;
using MlTr.Grains.Datasets;
using MlTr.Grains.Evaluations;
using MlTr.Grains.Models;
using MlTr.Grains.Notifications;
using MlTr.Grains.Predictions;
using MlTr.Grains.Scheduling;
using MlTr.Grains.Storage;
using MlTr.Grains.Sweeps;
using MlTr.Grains.Tests;
using MlTr.Grains.Tests.Fakes;
using MlTr.Grains.Trials;
using MlTr.Grains.Workers;
using Orleans.TestingHost;

[assembly: AssemblyFixture(typeof(PlatformFixture))]

namespace MlTr.Grains.Tests;

/// <summary>One in-process cluster for the assembly: a control silo and two worker silos. Each test uses sweeps of its own.</summary>
public sealed class PlatformFixture : IAsyncLifetime
{
    private InProcessTestCluster? _cluster;
    private DirectoryInfo? _folder;

    internal TimeProvider Clock { get; init; } = TimeProvider.System;

    internal FakeTrialRunner Runner { get; } = new();

    internal FakeSweepFiles Files { get; } = new();

    internal FakeModelFiles Models { get; } = new();

    internal FakeTrialPredictor Predictor { get; } = new();

    internal FakeEvaluator Evaluator { get; } = new();

    internal SqliteExperimentStore Store { get; private set; } = null!;

    internal IMlTrClient Client { get; private set; } = null!;

    /// <summary>What Orleans says of streams.</summary>
    internal StreamWarnings Streams { get; } = new();

    internal IGrainFactory Grains => _cluster!.Client;

    public async ValueTask InitializeAsync()
    {
        _folder = Directory.CreateTempSubdirectory("mltr-grains-");
        var options = new StoreOptions { DatabasePath = Path.Combine(_folder.FullName, "mltr.db") };
        Store = SqliteExperimentStore.Open(options, Clock, await StoreStartup.MigrateAsync(options, Clock));
        var builder = new InProcessTestClusterBuilder(initialSilosCount: 3);
        var started = 0;
        builder.ConfigureSilo((_, silo) =>
        {
            var number = Interlocked.Increment(ref started) - 1;
            silo.Services.AddSingleton<ILoggerProvider>(Streams);
            silo.Services.AddSingleton(Clock).AddSingleton<IExperimentStore>(Store).AddSingleton<ITrialRunner>(Runner).AddSingleton<ISweepFiles>(Files).AddSingleton<ITrialPredictor>(Predictor).AddSingleton<IModelFiles>(Models).AddSingleton(new WebhookQueue(isOn: true))
                .AddSingleton<IEvaluationPlanner>(Evaluator).AddSingleton<IPartEvaluator>(Evaluator)
                .AddSingleton<IDatasetSource>(new FakeDatasetSource()).AddSingleton<IDatasetBrowser, FakeDatasetBrowser>();
            silo.Services.Configure<SchedulerOptions>(options => (options.AskDuration, options.RetryDelay) = (TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(50)));
            if (number == 0)
            {
                silo.AddMlTrGrains();
            }
            else
            {
                silo.AddMlTrWorker(new WorkerOptions { Id = $"w{number}", ReportInterval = TimeSpan.FromMilliseconds(20), RenewInterval = TimeSpan.FromMilliseconds(100) });
            }
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
        Client = new MlTrClient(_cluster.Client, Clock);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        await Store.DisposeAsync();
        _folder?.Delete(recursive: true);
    }

    /// <summary>Follows a sweep until its snapshot satisfies the condition.</summary>
    internal async Task<SweepSnapshot> UntilAsync(string sweepId, Func<SweepSnapshot, bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        await foreach (var change in Client.WatchSweepAsync(sweepId, limit.Token))
        {
            if (change.Sweep is { } sweep && condition(sweep))
            {
                return sweep;
            }
        }

        throw new InvalidOperationException("The stream of the sweep ended.");
    }
}
