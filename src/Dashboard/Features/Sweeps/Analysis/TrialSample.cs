using System.Collections.Immutable;
using MlTr.Abstractions.Trials;

namespace MlTr.Dashboard.Features.Sweeps.Analysis;

/// <summary>Of many trials as many as a chart can draw.</summary>
internal static class TrialSample
{
    /// <summary>The trials with a value, by number; of more than <paramref name="most"/> those evenly over their ranks, so that the best and the worst are among them.</summary>
    /// <returns>The sample, and how many it was taken from.</returns>
    public static (ImmutableArray<TrialSnapshot> Trials, int Of) Valued(SweepView view, int most)
    {
        ImmutableArray<TrialSnapshot> all = [.. view.Trials.Where(trial => trial.Objective is { } value && double.IsFinite(value))];
        if (all.Length <= most)
        {
            return (all, all.Length);
        }

        ImmutableArray<TrialSnapshot> ranked = [.. view.Leaderboard().Rows.Select(row => row.Trial).Where(trial => trial.Objective is { } value && double.IsFinite(value))];
        return ([.. Enumerable.Range(0, most).Select(i => ranked[(int)((long)i * (ranked.Length - 1) / (most - 1))]).OrderBy(trial => trial.Id.Number)], all.Length);
    }
}
