using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MlTr.Abstractions.Workers;

namespace MlTr.Grains.Workers;

/// <summary>
/// Wakes the worker's grain when its silo has joined and, when the process is asked to stop, lets the running trial leave a checkpoint first.
/// Registered after the silo, so that it stops before it.
/// </summary>
internal sealed partial class WorkerLifetime(IGrainFactory grains, IOptions<WorkerOptions> options, ILogger<WorkerLifetime> logger) : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stopping = new();
    private volatile Task _loop = Task.CompletedTask;

    /// <summary>Cancelled when the worker must stop.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Told by the grain, so that stopping waits for its loop.</summary>
    public void Follow(Task loop) => _loop = loop;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        try
        {
            await _loop.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            LogCutOff(options.Value.Id);
        }

        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _stopping.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The silo's own metadata may take a moment to reach the placement filter.
        for (var started = false; !started && !stoppingToken.IsCancellationRequested;)
        {
            try
            {
                await grains.GetGrain<IWorkerGrain>(options.Value.Id).StartAsync();
                started = true;
            }
            catch (Exception error) when (error is OrleansException or TimeoutException)
            {
                LogNotYet(options.Value.Id, error.Message);
                await Task.Delay(RetryDelay, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(LogLevel.Debug, "Worker {WorkerId} cannot start yet: {Reason}")]
    private partial void LogNotYet(string workerId, string reason);

    [LoggerMessage(LogLevel.Warning, "Worker {WorkerId} was cut off before its trial had stopped; its last checkpoint counts")]
    private partial void LogCutOff(string workerId);
}
