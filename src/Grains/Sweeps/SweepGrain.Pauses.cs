using MlTr.Abstractions.Sweeps;

namespace MlTr.Grains.Sweeps;

/// <summary>How long a person has held the sweep: an activation reads it from the decisions, and each new one is counted as it is made.</summary>
internal sealed partial class SweepGrain
{
    private TimeSpan _pausedFor;
    private DateTimeOffset? _pausedAt;

    private async Task LoadPausesAsync(CancellationToken cancellationToken)
    {
        (_pausedFor, _pausedAt) = (TimeSpan.Zero, null);
        foreach (var happened in await store.LoadSweepEventsAsync(Id, ["sweep-paused", "sweep-resumed", "sweep-cancelled", "sweep-completed", "sweep-failed"], cancellationToken))
        {
            CountPause(happened.Kind == "sweep-paused", happened.Time);
        }
    }

    private void CountPause(bool isPaused, DateTimeOffset now)
    {
        if (isPaused)
        {
            _pausedAt ??= now;
        }
        else if (_pausedAt is { } since)
        {
            (_pausedFor, _pausedAt) = (_pausedFor + (now - since), null);
        }
    }

    private SweepSnapshot WithPauses(SweepSnapshot sweep) => sweep with { PausedFor = _pausedFor, PausedAt = _pausedAt };
}
