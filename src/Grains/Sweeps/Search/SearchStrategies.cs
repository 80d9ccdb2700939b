using System.Collections.Immutable;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Storage;

namespace MlTr.Grains.Sweeps.Search;

/// <summary>
/// A search as a function: from what it remembers and what happened to what it remembers next and which trials it wants. It keeps
/// nothing itself and draws only from the spec's seed, so a stored state continues exactly and a whole sweep can be simulated in a test.
/// </summary>
internal interface ISearchStrategy
{
    /// <param name="spec">What was asked for.</param>
    /// <param name="slots">How many trials can run at once; for searches that learn, a reason not to propose more than that ahead.</param>
    SearchStep Start(SweepSpec spec, int slots);

    /// <summary>A trial has ended. Told twice, the second time changes nothing.</summary>
    SearchStep OnTrialEnded(SweepSpec spec, SearchState state, TrialSnapshot trial, int slots);

    /// <summary>What a wider spec adds to what was proposed before.</summary>
    SearchStep Extend(SweepSpec wider, SearchState state, IReadOnlyCollection<ImmutableSortedDictionary<string, ParameterValue>> proposed, int slots);
}

/// <summary>A search whose proposals are known from the spec alone: results teach it nothing, and nobody needs to tell it any.</summary>
internal abstract class FixedSearch : ISearchStrategy
{
    public SearchStep Start(SweepSpec spec, int slots)
    {
        var proposals = Points(spec).Select((point, index) => new Proposal(index + 1, point)).ToImmutableArray();
        return new SearchStep(new SearchState(proposals.Length, Exhausted: true), proposals);
    }

    public SearchStep OnTrialEnded(SweepSpec spec, SearchState state, TrialSnapshot trial, int slots) => new(state, []);

    public SearchStep Extend(SweepSpec wider, SearchState state, IReadOnlyCollection<ImmutableSortedDictionary<string, ParameterValue>> proposed, int slots)
    {
        var seen = proposed.Select(SearchSpace.Key).ToHashSet(StringComparer.Ordinal);
        var added = Points(wider).Where(point => !seen.Contains(SearchSpace.Key(point)))
            .Select((point, index) => new Proposal(state.Proposed + index + 1, point)).ToImmutableArray();
        return new SearchStep(state with { Proposed = state.Proposed + added.Length }, added);
    }

    protected abstract IEnumerable<ImmutableSortedDictionary<string, ParameterValue>> Points(SweepSpec spec);
}

/// <param name="State">What to remember.</param>
/// <param name="Proposals">New trials, numbered on from the ones before.</param>
internal sealed record SearchStep(SearchState State, ImmutableArray<Proposal> Proposals);

internal sealed record Proposal(int Number, ImmutableSortedDictionary<string, ParameterValue> Parameters);

internal static class SearchStrategies
{
    public static ISearchStrategy For(SearchKind kind) => kind switch
    {
        SearchKind.Grid => new GridSearch(),
        SearchKind.Random => new DrawnSearch(SearchRandom.UnitInterval),
        SearchKind.Sobol => new DrawnSearch(SobolSequence.At),
        SearchKind.Tpe => new TpeSearch(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such search."),
    };
}

/// <summary>
/// Every combination once. A point's number is its position in mixed radix, the last axis turning fastest, so there is a point for each
/// number and a number for each point.
/// </summary>
internal sealed class GridSearch : FixedSearch
{
    protected override IEnumerable<ImmutableSortedDictionary<string, ParameterValue>> Points(SweepSpec spec) => ParameterGrid.Points(spec);
}

/// <summary>
/// Points that do not depend on results, without repeats: a point that was drawn before is drawn again, and a finite space that the budget
/// covers is taken whole. Coordinate a of draw k follows from (seed, k, a) alone.
/// </summary>
internal sealed class DrawnSearch(Func<int, long, int, double> coordinate) : FixedSearch
{
    private const int DrawsPerTrial = 200;

    protected override IEnumerable<ImmutableSortedDictionary<string, ParameterValue>> Points(SweepSpec spec)
    {
        var space = new SearchSpace(spec);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (long draw = 0; seen.Count < spec.Search.TrialBudget && draw < (long)spec.Search.TrialBudget * DrawsPerTrial; draw++)
        {
            var position = draw;
            var point = space.At([.. Enumerable.Range(0, space.Dimensions).Select(axis => coordinate(spec.Search.Seed, position, axis))]);
            if (space.Allows(point) && seen.Add(SearchSpace.Key(point)))
            {
                yield return point;
            }
        }
    }
}
