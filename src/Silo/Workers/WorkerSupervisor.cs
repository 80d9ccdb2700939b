using System.Diagnostics.Metrics;
using MlTr.Abstractions.Workers;
using MlTr.Grains.Placement;
using MlTr.Grains.Scheduling;
using MlTr.Grains.Workers;
using MlTr.Silo.Hosting;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace MlTr.Silo.Workers;

/// <summary>
/// Keeps one worker process per device alive. An exit is told to the cluster and to the scheduler at once, so that the trial waits again
/// without a lease having to run out; then the worker is started again, with growing patience.
/// </summary>
internal sealed partial class WorkerSupervisor(
    WorkerLauncher launcher,
    PlatformOptions options,
    IGrainFactory grains,
    IClusterMembershipService membership,
    ISiloMetadataCache metadata,
    TimeProvider clock,
    PlatformFailure failure,
    ILogger<WorkerSupervisor> logger) : BackgroundService
{
    public const string MeterName = "MlTr.Supervisor";

    // Time for a step, a checkpoint and its report; what is left of ten seconds belongs to the control silo.
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan TellPatience = TimeSpan.FromSeconds(5);

    private static readonly Meter Meter = new(MeterName);
    private static readonly Counter<int> Restarts = Meter.CreateCounter<int>("mltr.workers.restarts", "{restart}", "Worker processes that were started again.");

    private ISchedulerWorkers Scheduler => grains.GetGrain<ISchedulerWorkers>(ISchedulerGrain.DefaultPool);

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var devices = Device.Find(options.Workers, options.Threads, Environment.ProcessorCount, Device.CountCuda());
        if (options.IsShared)
        {
            devices = [.. devices.Select(device => device with { WorkerId = $"{Environment.MachineName}-{device.WorkerId}".ToLowerInvariant() })]; // other hosts have a cpu-0 too
        }

        return Task.WhenAll(devices.Select(device => Task.Run(() => SuperviseAsync(device, stoppingToken), CancellationToken.None)));
    }

    private Task SuperviseAsync(Device device, CancellationToken stopping)
    {
        var log = new WorkerLogFeed(grains.GetGrain<IWorkerLogWriter>(device.WorkerId), clock);
        return Task.WhenAll(KeepAliveAsync(device, log, stopping), log.RunAsync(stopping));
    }

    private async Task KeepAliveAsync(Device device, WorkerLogFeed log, CancellationToken stopping)
    {
        var backOff = new BackOff();
        for (var starts = 1; !stopping.IsCancellationRequested; starts++)
        {
            using var process = launcher.Start(device, log);
            LogStarted(device.WorkerId, process.Id, device.Name, device.Threads);
            if (starts > 1)
            {
                Restarts.Add(1, new KeyValuePair<string, object?>("worker", device.WorkerId));
                await TellAsync(() => Scheduler.WorkerRestartedAsync(device.WorkerId, starts - 1));
            }

            var exit = process.WaitForExitAsync(CancellationToken.None);
            await Task.WhenAny(exit, Task.Delay(Timeout.Infinite, stopping));
            if (!exit.IsCompleted)
            {
                await process.StopAsync(StopPatience);
                LogStopped(device.WorkerId, process.Id);
                await TellAsync(() => Scheduler.WorkerExitedAsync(device.WorkerId, "stopped with the platform", asked: true), isStopping: true); // its open question would hold the silo up
                return;
            }

            if (stopping.IsCancellationRequested)
            {
                return;
            }

            var code = await exit;
            if (code == WorkerLauncher.CannotWork)
            {
                failure.Report(process.LastError ?? $"Worker {device.WorkerId} cannot work on this machine.");
                return;
            }

            var reason = Describe(code, process);
            LogExited(device.WorkerId, process.Id, reason);
            await TellAsync(() => DeclareDeadAsync(device.WorkerId));
            await TellAsync(() => Scheduler.WorkerExitedAsync(device.WorkerId, reason, asked: false));
            await Task.Delay(backOff.After(process.Lifetime), clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Its silo would be found dead by its silence in a while; we know it now.</summary>
    private async Task DeclareDeadAsync(string workerId)
    {
        var silos = membership.CurrentSnapshot.Members.Values
            .Where(member => !member.Status.IsTerminating() && metadata.GetSiloMetadata(member.SiloAddress).Metadata.GetValueOrDefault(SiloRoles.WorkerKey) == workerId);
        foreach (var silo in silos.ToList())
        {
            await membership.TryKill(silo.SiloAddress);
        }
    }

    /// <summary>News that the cluster would find out by itself later: never a reason to stop supervising.</summary>
    private async Task TellAsync(Func<Task> tell, bool isStopping = false)
    {
        try
        {
            await tell().WaitAsync(TellPatience, clock);
        }
#pragma warning disable CA1031 // see above
        catch (Exception error)
#pragma warning restore CA1031
        {
            if (!isStopping)
            {
                LogUntold(error);
            }
        }
    }

    private static string Describe(int code, WorkerProcess process) => code switch
    {
        0 => $"process {process.Id} ended by itself",
        > 128 and <= 128 + 64 => $"process {process.Id} was ended by signal {code - 128}{(code == 137 ? " (killed, or out of memory)" : "")}",
        _ => $"process {process.Id} ended with code {code}{(process.LastError is { } line ? $": {line}" : "")}",
    };

    [LoggerMessage(LogLevel.Information, "Worker {WorkerId} started: process {ProcessId}, {Device}, {Threads} threads")]
    private partial void LogStarted(string workerId, int processId, string device, int threads);

    [LoggerMessage(LogLevel.Information, "Worker {WorkerId} stopped: process {ProcessId}")]
    private partial void LogStopped(string workerId, int processId);

    [LoggerMessage(LogLevel.Warning, "Worker {WorkerId} (process {ProcessId}) is gone: {Reason}")]
    private partial void LogExited(string workerId, int processId, string reason);

    [LoggerMessage(LogLevel.Warning, "The cluster could not be told of a worker's exit; it will find out by itself")]
    private partial void LogUntold(Exception error);
}
