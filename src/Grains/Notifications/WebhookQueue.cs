using MlTr.Abstractions.Sweeps;
using MlTr.Grains.Storage;

namespace MlTr.Grains.Notifications;

/// <summary>Lets sweeps leave notices for whoever sends them. Off, there is nobody, and nothing is left.</summary>
internal sealed class WebhookQueue(bool isOn) : IDisposable
{
    private readonly SemaphoreSlim _due = new(0, 1);

    public bool IsOn => isOn;

    /// <summary>What is told of a sweep that has just ended; null if nobody is told.</summary>
    public Notice? Of(SweepSnapshot sweep, DateTimeOffset now) => !isOn ? null : new Notice(
        Guid.NewGuid().ToString("N"),
        $"sweep.{sweep.State}".ToLowerInvariant(),
        now,
        sweep.Id,
        sweep.Spec.Name,
        sweep.State.ToString().ToLowerInvariant(),
        sweep.Spec.Objective.Metric,
        sweep.Best?.Objective,
        sweep.Best?.Id.Number);

    /// <summary>Something new is due.</summary>
    public void Wake()
    {
        try
        {
            _due.Release();
        }
        catch (SemaphoreFullException)
        {
            // it knows already
        }
    }

    /// <summary>Waits until something is due, or for so long.</summary>
    public Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => _due.WaitAsync(atMost, cancellationToken);

    public void Dispose() => _due.Dispose();
}
