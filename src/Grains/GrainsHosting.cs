using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MlTr.Grains.Datasets;
using MlTr.Grains.Datasets.Decoded;
using MlTr.Grains.Evaluations;
using MlTr.Grains.Notifications;
using MlTr.Grains.Placement;
using MlTr.Grains.Scheduling;
using MlTr.Grains.Storage;
using MlTr.Grains.Sweeps;
using MlTr.Grains.Workers;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace MlTr.Grains;

/// <summary>Adds the grains to a silo.</summary>
public static class GrainsHosting
{
    /// <summary>
    /// Makes a silo a control silo. The host adds an <c>IExperimentStore</c>, an <see cref="IDatasetSource"/> and an <see cref="IEvaluationPlanner"/>; unfinished sweeps go on once it has started.
    /// </summary>
    public static ISiloBuilder AddMlTrGrains(this ISiloBuilder silo)
    {
        silo.UseSiloMetadata(new Dictionary<string, string> { [SiloRoles.RoleKey] = SiloRoles.Control });
        silo.Services.AddSiloRolePlacement();
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services.AddOptionsWithValidateOnStart<SchedulerOptions, SchedulerOptionsValidator>().BindConfiguration("Scheduler");
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, BuiltInDatasets>();
        silo.Services.TryAddSingleton(new WebhookQueue(isOn: false));
        silo.Services.AddHostedService<SweepResumption>();
        return silo;
    }

    /// <summary>Makes a silo the home of one worker. The host adds an <c>ITrialRunner</c>, an <see cref="IPartEvaluator"/> and an <see cref="IPictureDecoder"/>.</summary>
    public static ISiloBuilder AddMlTrWorker(this ISiloBuilder silo, WorkerOptions worker)
    {
        silo.UseSiloMetadata(new Dictionary<string, string> { [SiloRoles.RoleKey] = SiloRoles.Worker, [SiloRoles.WorkerKey] = worker.Id, [SiloRoles.PlaceKey] = worker.Place });
        silo.Services.AddSiloRolePlacement();
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services.TryAddSingleton(Options.Create(worker));
        silo.Services.AddSingleton<WorkerLifetime>();
        silo.Services.AddHostedService(services => services.GetRequiredService<WorkerLifetime>());
        return silo;
    }
}

/// <summary>Registers the built-in datasets before any grain can be called.</summary>
internal sealed class BuiltInDatasets(IExperimentStore store, IDatasetSource source) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(nameof(BuiltInDatasets), ServiceLifecycleStage.RuntimeInitialize, RegisterAsync);

    private async Task RegisterAsync(CancellationToken cancellationToken)
    {
        foreach (var dataset in source.BuiltIn)
        {
            var known = await store.LoadDatasetAsync(dataset.Id, cancellationToken);
            if (known is null || known.Folder != dataset.Folder)
            {
                await store.SaveDatasetAsync(dataset, cancellationToken);
            }
        }
    }
}

/// <summary>Wakes the sweeps and evaluations that a stop or a crash left unfinished: when this silo starts, and when the cluster has lost another control silo.</summary>
internal sealed partial class SweepResumption(
    IGrainFactory grains, IExperimentStore store, IClusterMembershipService membership, ILogger<SweepResumption> logger) : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var lost = LostControlSilos(membership.CurrentSnapshot);
        await WakeAllAsync(await ListAsync(stoppingToken), stoppingToken);
        await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(stoppingToken))
        {
            var now = LostControlSilos(snapshot);
            if (!now.IsSubsetOf(lost))
            {
                await WakeAllAsync(await ListAgainAsync(stoppingToken), stoppingToken);
            }

            lost = now;
        }
    }

    private static ImmutableHashSet<SiloAddress> LostControlSilos(ClusterMembershipSnapshot snapshot) =>
    [
        .. snapshot.Members.Values
            .Where(member => member.Status == SiloStatus.Dead && member.Name.StartsWith(SiloRoles.ControlNamePrefix, StringComparison.Ordinal))
            .Select(member => member.SiloAddress),
    ];

    private async Task<ImmutableArray<string>> ListAsync(CancellationToken cancellationToken) =>
    [
        .. await store.ListUnfinishedSweepsAsync(cancellationToken),
        .. (await store.ListUnfinishedEvaluationsAsync(cancellationToken)).Select(evaluation => evaluation.Id),
    ];

    /// <summary>A store that several processes share may itself be away for a moment.</summary>
    private async Task<ImmutableArray<string>> ListAgainAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await ListAsync(cancellationToken);
            }
            catch (StoreUnavailableException error)
            {
                LogListFailed(error);
                await Task.Delay(RetryDelay, cancellationToken);
            }
        }
    }

    private async Task WakeAllAsync(ImmutableArray<string> left, CancellationToken stoppingToken)
    {
        while (!left.IsEmpty && !stoppingToken.IsCancellationRequested)
        {
            var again = ImmutableArray.CreateBuilder<string>();
            foreach (var id in left)
            {
                try
                {
                    await (PartWork.IsEvaluation(id) ? grains.GetGrain<IEvaluationReports>(id).WakeAsync() : grains.GetGrain<ISweepReports>(id).WakeAsync());
                    LogResumed(id);
                }
                catch (Exception error) when (!stoppingToken.IsCancellationRequested)
                {
                    LogResumeFailed(error, id);
                    again.Add(id);
                }
            }

            left = again.ToImmutable();
            if (!left.IsEmpty)
            {
                await Task.Delay(RetryDelay, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The unfinished sweeps and evaluations cannot be listed yet")]
    private partial void LogListFailed(Exception error);

    [LoggerMessage(LogLevel.Information, "{Id} goes on")]
    private partial void LogResumed(string id);

    [LoggerMessage(LogLevel.Warning, "{Id} could not be resumed yet")]
    private partial void LogResumeFailed(Exception error, string id);
}
