using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;

namespace MlTr.Dashboard.Features.Sweeps;

/// <summary>Sweeps newest first, kept current by snapshots.</summary>
internal sealed class SweepList
{
    private readonly Dictionary<string, SweepSnapshot> byId = [];

    /// <summary>Those that are not deleted.</summary>
    public IEnumerable<SweepSnapshot> All => Ordered.Where(sweep => sweep.State != SweepState.Deleted);

    /// <summary>Those that nobody has set aside or deleted.</summary>
    public IEnumerable<SweepSnapshot> Current => All.Where(sweep => !sweep.IsArchived);

    public IEnumerable<SweepSnapshot> Archived => All.Where(sweep => sweep.IsArchived);

    public IEnumerable<SweepSnapshot> Deleted => Ordered.Where(sweep => sweep.State == SweepState.Deleted);

    private IEnumerable<SweepSnapshot> Ordered => byId.Values.OrderByDescending(sweep => sweep.CreatedAt).ThenBy(sweep => sweep.Id, StringComparer.Ordinal);

    /// <summary>How many are not deleted.</summary>
    public int Count => All.Count();

    public void Put(SweepSnapshot sweep) => byId[sweep.Id] = sweep;

    public void Remove(string sweepId) => byId.Remove(sweepId);

    public void Clear() => byId.Clear();

    /// <summary>In words: <c>2 running, 4 queued</c>.</summary>
    public static string CountsInWords(SweepSnapshot sweep) => string.Join(", ", new[] { TrialState.Running, TrialState.Queued, TrialState.Paused, TrialState.Completed, TrialState.Stopped, TrialState.Failed, TrialState.Cancelled }
        .Select(state => (State: state, Count: sweep.Counts.GetValueOrDefault(state)))
        .Where(pair => pair.Count > 0)
        .Select(pair => FormattableString.Invariant($"{pair.Count} {pair.State.ToString().ToLowerInvariant()}")));
}
