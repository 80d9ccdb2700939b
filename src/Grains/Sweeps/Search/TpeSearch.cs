using System.Collections.Immutable;
using System.Text.Json;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Storage;

namespace MlTr.Grains.Sweeps.Search;

/// <summary>
/// Tree-structured Parzen estimator (Bergstra et al. 2011), multivariate: a density of the best trials' configurations, l, and one of all others, g, are
/// built from a kernel per trial over all axes together; of 24 draws from l the one with the highest l/g is proposed. Trials that still run count among
/// the others (a constant liar), so that parallel proposals keep apart. It starts with a scrambled Sobol sequence.
/// </summary>
internal sealed class TpeSearch : ISearchStrategy
{
    private const int StartupTrials = 10, Candidates = 24, MaxBest = 25, Redraws = 1_000;
    private const double BestShare = 0.1, Magnitude = 0.2;

    public SearchStep Start(SweepSpec spec, int slots) => Propose(spec, new Memory([], ImmutableSortedDictionary<int, double?>.Empty), slots);

    public SearchStep OnTrialEnded(SweepSpec spec, SearchState state, TrialSnapshot trial, int slots)
    {
        var memory = JsonSerializer.Deserialize<Memory>(state.Memory!)!;

        // A smaller loss is better from here on; a trial without a result is worse than any other, until it is run again.
        var loss = trial.Objective is { } value && double.IsFinite(value) ? (spec.Objective.Maximize ? -value : value) : (double?)null;
        return memory.Ended.TryGetValue(trial.Id.Number, out var known) && known == loss
            ? new(state, [])
            : Propose(spec, memory with { Ended = memory.Ended.SetItem(trial.Id.Number, loss) }, slots);
    }

    public SearchStep Extend(SweepSpec wider, SearchState state, IReadOnlyCollection<ImmutableSortedDictionary<string, ParameterValue>> proposed, int slots) =>
        Propose(wider, JsonSerializer.Deserialize<Memory>(state.Memory!)!, slots);

    private static SearchStep Propose(SweepSpec spec, Memory memory, int slots)
    {
        var space = new SearchSpace(spec);
        var seen = memory.Points.Select(point => SearchSpace.Key(space.At(point))).ToHashSet(StringComparer.Ordinal);
        var proposals = ImmutableArray.CreateBuilder<Proposal>();
        var full = false;
        while (!full && memory.Points.Length < spec.Search.TrialBudget && (memory.Points.Length < StartupTrials || memory.Open < Math.Max(slots, 1)))
        {
            var point = Next(spec, space, memory, seen);
            full = point is null;
            if (point is not null)
            {
                var parameters = space.At(point);
                seen.Add(SearchSpace.Key(parameters));
                memory = memory with { Points = memory.Points.Add(point) };
                proposals.Add(new Proposal(memory.Points.Length, parameters));
            }
        }

        return new(
            new SearchState(memory.Points.Length, full || memory.Points.Length >= spec.Search.TrialBudget, JsonSerializer.Serialize(memory)), proposals.ToImmutable());
    }

    /// <summary>A point that was not proposed before; null once none is found.</summary>
    private static double[]? Next(SweepSpec spec, SearchSpace space, Memory memory, HashSet<string> seen)
    {
        var draws = new Draws(spec.Search.Seed, memory.Points.Length);
        if (memory.Points.Length >= StartupTrials && memory.Ended.Count > 1)
        {
            var (best, others) = Split(memory);
            var (l, g) = (new ParzenMixture(space, best), new ParzenMixture(space, others));
            var candidate = Enumerable.Range(0, Candidates).Select(_ => l.Draw(draws)).Where(IsNew)
                .Select(point => (Point: point, Score: l.LogDensity(point) - g.LogDensity(point))).DefaultIfEmpty().MaxBy(scored => scored.Score);
            if (candidate.Point is not null)
            {
                return candidate.Point;
            }
        }

        for (var redraw = 0L; redraw < Redraws; redraw++)
        {
            var index = memory.Points.Length + (redraw * spec.Search.TrialBudget);
            double[] point = [.. Enumerable.Range(0, space.Dimensions).Select(axis => axis < SobolSequence.MaxDimensions
                ? SobolSequence.At(spec.Search.Seed, index, axis)
                : SearchRandom.UnitInterval(spec.Search.Seed, index, axis))];
            if (IsNew(point))
            {
                return point;
            }
        }

        return null;

        bool IsNew(double[] point) => space.At(point) is var configuration && space.Allows(configuration) && !seen.Contains(SearchSpace.Key(configuration));
    }

    private static (IReadOnlyList<double[]> Best, IReadOnlyList<double[]> Others) Split(Memory memory)
    {
        var ranked = memory.Ended.OrderBy(pair => pair.Value ?? double.PositiveInfinity).ThenBy(pair => pair.Key).Select(pair => pair.Key).ToList();
        var best = ranked.Take(Math.Min((int)Math.Ceiling(BestShare * ranked.Count), MaxBest)).ToHashSet();
        return (
            [.. memory.Points.Where((_, index) => best.Contains(index + 1))],
            [.. memory.Points.Where((_, index) => !best.Contains(index + 1))]);
    }

    /// <param name="Points">What was proposed, by number from 1, as points of the unit cube.</param>
    /// <param name="Ended">The losses of the trials that have ended, by number; null without a result.</param>
    internal sealed record Memory(ImmutableArray<double[]> Points, ImmutableSortedDictionary<int, double?> Ended)
    {
        public int Open => Points.Length - Ended.Count;
    }

    /// <summary>A stream of draws for one proposal.</summary>
    private sealed class Draws(int seed, int proposal)
    {
        private int count;

        public double Next() => SearchRandom.UnitInterval(seed, proposal, 1_000 + count++);
    }

    /// <summary>One kernel for each point and one flat one, equally weighted; a kernel is a product over the axes, cut off at the cube's faces.</summary>
    private sealed class ParzenMixture
    {
        private readonly SearchSpace space;
        private readonly IReadOnlyList<double[]> points;
        private readonly ImmutableArray<ImmutableArray<bool>> active;
        private readonly double width;

        public ParzenMixture(SearchSpace space, IReadOnlyList<double[]> points)
        {
            (this.space, this.points) = (space, points);
            active = [.. points.Select(point => space.ActiveAt(point))];
            width = Math.Max(Magnitude * Math.Pow(Math.Max(points.Count, 1), -1.0 / (space.Dimensions + 4)), 1.0 / Math.Min(100, 1 + points.Count));
        }

        public double[] Draw(Draws draws)
        {
            var kernel = (int)(draws.Next() * (points.Count + 1));
            return [.. Enumerable.Range(0, space.Dimensions).Select(axis => DrawAxis(kernel, axis, draws))];
        }

        public double LogDensity(double[] point)
        {
            var logs = new double[points.Count + 1];
            var matters = space.ActiveAt(point);
            for (var kernel = 0; kernel <= points.Count; kernel++)
            {
                for (var axis = 0; axis < space.Dimensions; axis++)
                {
                    logs[kernel] += matters[axis] ? LogAxis(kernel, axis, point[axis]) : 0;
                }
            }

            var largest = logs.Max();
            return largest + Math.Log(logs.Sum(log => Math.Exp(log - largest)) / logs.Length);
        }

        /// <summary>A kernel says nothing of a parameter that its trial did not use.</summary>
        private bool IsFlat(int kernel, int axis) => kernel == points.Count || !active[kernel][axis];

        private double DrawAxis(int kernel, int axis, Draws draws)
        {
            if (IsFlat(kernel, axis))
            {
                return draws.Next();
            }

            var (own, u) = (points[kernel][axis], draws.Next());
            if (space.Choices(axis) is > 0 and var choices)
            {
                // The whole axis with a small probability, else the kernel's own choice.
                return u < Flat(choices) * choices ? u / (Flat(choices) * choices) : own;
            }

            var (low, high) = (Normal.Cumulative(-own / width), Normal.Cumulative((1 - own) / width));
            return Math.Clamp(own + (width * Normal.Quantile(low + (u * (high - low)))), 0, Math.BitDecrement(1.0));
        }

        private double LogAxis(int kernel, int axis, double x)
        {
            if (IsFlat(kernel, axis))
            {
                return 0; // density 1 over the cube; a choice's probability is compared as a density over its share
            }

            var own = points[kernel][axis];
            if (space.Choices(axis) is > 0 and var choices)
            {
                var same = (int)(own * choices) == (int)(x * choices);
                return Math.Log((Flat(choices) + (same ? 1 - (Flat(choices) * choices) : 0)) * choices);
            }

            var mass = Normal.Cumulative((1 - own) / width) - Normal.Cumulative(-own / width);
            var z = (x - own) / width;
            return (-0.5 * z * z) - Math.Log(width * Math.Sqrt(2 * Math.PI) * mass);
        }

        /// <summary>The probability that a kernel gives to each choice besides the weight on its own.</summary>
        private double Flat(int choices) => 1.0 / (points.Count + 1) / (1 + (choices / (points.Count + 1.0)));
    }
}
