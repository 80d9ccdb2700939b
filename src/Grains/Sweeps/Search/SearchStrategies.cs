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
    SearchStep Start(SweepSpec spec);

    SearchStep OnTrialEnded(SweepSpec spec, SearchState state, TrialSnapshot trial);
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
        SearchKind.Random => new RandomSearch(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such search."),
    };

    internal static SearchStep Propose(IEnumerable<ImmutableSortedDictionary<string, ParameterValue>> points)
    {
        var proposals = points.Select((point, index) => new Proposal(index + 1, point)).ToImmutableArray();
        return new SearchStep(new SearchState(proposals.Length, Exhausted: true), proposals);
    }
}

/// <summary>
/// Every combination once. A point's number is its position in mixed radix, the last axis turning fastest, so there is a point for each
/// number and a number for each point.
/// </summary>
internal sealed class GridSearch : ISearchStrategy
{
    public SearchStep Start(SweepSpec spec) => SearchStrategies.Propose(ParameterGrid.Points(spec).Select(point => spec.Parameters
        .Zip(point, (axis, value) => KeyValuePair.Create(axis.Name, value)).ToImmutableSortedDictionary(StringComparer.Ordinal)));

    public SearchStep OnTrialEnded(SweepSpec spec, SearchState state, TrialSnapshot trial) => new(state, []);
}

/// <summary>
/// Independent draws, without repeats: a draw that was made before is drawn again, and a finite space that the budget covers is taken whole.
/// Draw k of axis a comes from (seed, k, a) alone.
/// </summary>
internal sealed class RandomSearch : ISearchStrategy
{
    private const int DrawsPerTrial = 200;

    public SearchStep Start(SweepSpec spec)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var points = new List<ImmutableSortedDictionary<string, ParameterValue>>();
        for (long draw = 0; points.Count < spec.Search.TrialBudget && draw < (long)spec.Search.TrialBudget * DrawsPerTrial; draw++)
        {
            var point = spec.Parameters.Select((axis, index) => (axis.Name, Value: axis.At(UnitInterval(spec.Search.Seed, draw, index))))
                .ToImmutableSortedDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);
            if (seen.Add(string.Join(';', point.Values)))
            {
                points.Add(point);
            }
        }

        return SearchStrategies.Propose(points);
    }

    public SearchStep OnTrialEnded(SweepSpec spec, SearchState state, TrialSnapshot trial) => new(state, []);

    /// <summary>SplitMix64 over the mixed inputs, as 53 bits in [0, 1).</summary>
    private static double UnitInterval(int seed, long draw, int axis)
    {
        var bits = Mix(Mix(Mix((ulong)seed + 0x9E3779B97F4A7C15) ^ (ulong)draw) ^ (ulong)axis);
        return (bits >> 11) * (1.0 / (1UL << 53));
    }

    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
