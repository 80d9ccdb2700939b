using Microsoft.EntityFrameworkCore;

namespace MlTr.Grains.Storage;

/// <summary>The queries that every report of a trial makes, translated once: to build and look up their expressions each time would cost more than SQLite. One instance for each provider: what is compiled belongs to its model.</summary>
internal sealed class StoreQueries
{
    public Func<StoreContext, string, int, TrialEntity?> TrialToChange { get; } = EF.CompileQuery(
        (StoreContext context, string sweepId, int number) => context.Trials.SingleOrDefault(row => row.SweepId == sweepId && row.Number == number));

    public Func<StoreContext, string, int, TrialEntity?> Trial { get; } = EF.CompileQuery(
        (StoreContext context, string sweepId, int number) => context.Trials.AsNoTracking().SingleOrDefault(row => row.SweepId == sweepId && row.Number == number));

    public Func<StoreContext, long, int, AttemptEntity?> AttemptToChange { get; } = EF.CompileQuery(
        (StoreContext context, long trialKey, int number) => context.Attempts.SingleOrDefault(row => row.TrialKey == trialKey && row.Number == number));

    public Func<StoreContext, string, int, IEnumerable<AttemptEntity>> Attempts { get; } = EF.CompileQuery<StoreContext, string, int, AttemptEntity>(
        (StoreContext context, string sweepId, int number) => context.Attempts.AsNoTracking()
            .Where(row => row.TrialKey == context.Trials.First(trial => trial.SweepId == sweepId && trial.Number == number).TrialKey)
            .OrderBy(row => row.Number));

    public Func<StoreContext, string, SweepEntity?> Sweep { get; } = EF.CompileQuery(
        (StoreContext context, string sweepId) => context.Sweeps.AsNoTracking().SingleOrDefault(row => row.Id == sweepId));
}
