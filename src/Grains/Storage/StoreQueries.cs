using Microsoft.EntityFrameworkCore;
using MlTr.Abstractions.Sweeps;

namespace MlTr.Grains.Storage;

/// <summary>The queries that every trial makes, translated once: to build and look up their expressions each time would cost more than SQLite. One instance for each provider: what is compiled belongs to its model.</summary>
internal sealed class StoreQueries
{
    public Func<StoreContext, string, int, TrialEntity?> Trial { get; } = EF.CompileQuery(
        (StoreContext context, string sweepId, int number) => context.Trials.AsNoTracking().SingleOrDefault(row => row.SweepId == sweepId && row.Number == number));

    public Func<StoreContext, long, IEnumerable<AttemptEntity>> Attempts { get; } = EF.CompileQuery<StoreContext, long, AttemptEntity>(
        (StoreContext context, long trialKey) => context.Attempts.AsNoTracking().Where(row => row.TrialKey == trialKey).OrderBy(row => row.Number));

    public Func<StoreContext, string, SweepSpec> Spec { get; } = EF.CompileQuery(
        (StoreContext context, string sweepId) => context.Sweeps.Where(row => row.Id == sweepId).Select(row => row.Spec).Single());

    public Func<StoreContext, string, SweepEntity?> Sweep { get; } = EF.CompileQuery(
        (StoreContext context, string sweepId) => context.Sweeps.AsNoTracking().SingleOrDefault(row => row.Id == sweepId));
}
