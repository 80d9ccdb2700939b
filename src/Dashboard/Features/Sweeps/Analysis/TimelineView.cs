using System.Collections.Immutable;
using MlTr.Abstractions.Trials;

namespace MlTr.Dashboard.Features.Sweeps.Analysis;

/// <summary>One attempt as a bar.</summary>
/// <param name="Trial">Its trial.</param>
/// <param name="Attempt">Its number.</param>
/// <param name="State">How it ended, or running.</param>
/// <param name="Worker">Who ran it.</param>
/// <param name="From">When it began.</param>
/// <param name="To">When it ended; null if it runs.</param>
/// <param name="Reason">Why it ended.</param>
public sealed record TimelineBar(TrialId Trial, int Attempt, AttemptState State, string Worker, DateTimeOffset From, DateTimeOffset? To, string? Reason);

/// <summary>Attempts over time, a row for each worker.</summary>
internal static class TimelineView
{
    /// <summary>True if the trial's snapshot does not tell all of its attempts, or not when they ended: one that was held may be stopped long after it trained.</summary>
    public static bool NeedsDetails(TrialSnapshot trial) => trial.Attempts > 1 || (trial.Attempts == 1 && trial.State is not (TrialState.Running or TrialState.Completed or TrialState.Failed));

    /// <summary>The bar of a trial with one attempt, from its snapshot.</summary>
    public static TimelineBar? Bar(TrialSnapshot trial) => trial is { Attempts: 1, StartedAt: { } from, Worker: { } worker }
        ? new(trial.Id, 1, trial.State switch
        {
            TrialState.Running => AttemptState.Running,
            TrialState.Failed => AttemptState.Failed,
            _ => AttemptState.Completed,
        }, worker, from, trial.EndedAt, trial.Reason)
        : null;

    /// <summary>The bars of a trial with several attempts.</summary>
    public static IEnumerable<TimelineBar> Bars(TrialDetails details) =>
        details.Attempts.Select(attempt => new TimelineBar(details.Trial.Id, attempt.Number, attempt.State, attempt.Worker, attempt.StartedAt, attempt.EndedAt, attempt.Reason));

    /// <summary>Where marks stand on a time axis: at most so many, at round distances.</summary>
    public static ImmutableArray<TimeSpan> Marks(TimeSpan whole, int most = 6)
    {
        int[] steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400];
        var step = Array.Find(steps, seconds => whole.TotalSeconds / seconds <= most) is > 0 and var found ? found : Math.Ceiling(whole.TotalDays / most) * 86_400;
        return [.. Enumerable.Range(0, (int)(whole.TotalSeconds / step) + 1).Select(i => TimeSpan.FromSeconds(i * step))];
    }
}
