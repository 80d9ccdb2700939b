using MlTr.Abstractions.Trials;

namespace MlTr.Grains.Sweeps;

/// <summary>How long a person has held a sweep, counted from the decisions in their order.</summary>
internal sealed class SweepPauses
{
    /// <summary>The kinds of events that begin or end a pause.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [Paused, "sweep-resumed", "sweep-cancelled", "sweep-completed", "sweep-failed"];

    private const string Paused = "sweep-paused";

    /// <summary>All earlier pauses together.</summary>
    public TimeSpan For { get; private set; }

    /// <summary>Since when it is held; null if it is not.</summary>
    public DateTimeOffset? Since { get; private set; }

    /// <summary>After these decisions, in their order.</summary>
    public static SweepPauses Of(IEnumerable<LifecycleEvent> decisions)
    {
        var pauses = new SweepPauses();
        foreach (var decision in decisions)
        {
            pauses.Count(decision);
        }

        return pauses;
    }

    public void Count(LifecycleEvent happened) => Count(happened.Kind == Paused, happened.Time);

    public void Count(bool isPaused, DateTimeOffset now)
    {
        if (isPaused)
        {
            Since ??= now;
        }
        else if (Since is { } since)
        {
            (For, Since) = (For + (now - since), null);
        }
    }
}
