using System.Collections.Immutable;
using System.Globalization;
using MlTr.Abstractions.Sweeps;

namespace MlTr.Grains.Sweeps.Search;

/// <summary>What a stopping rule remembers.</summary>
/// <param name="Values">For each pass, the best objective of each trial up to it.</param>
/// <param name="Paused">The trials that wait, with the pass they were held at.</param>
/// <param name="GoneOn">The trials that went on beyond a rung, with the last such pass.</param>
/// <param name="Ending">The trials that end early, with the reason.</param>
internal sealed record StoppingState(
    ImmutableSortedDictionary<int, ImmutableSortedDictionary<int, double>> Values,
    ImmutableSortedDictionary<int, int> Paused,
    ImmutableSortedDictionary<int, int> GoneOn,
    ImmutableSortedDictionary<int, string> Ending)
{
    public static StoppingState Empty { get; } = new(
        ImmutableSortedDictionary<int, ImmutableSortedDictionary<int, double>>.Empty,
        ImmutableSortedDictionary<int, int>.Empty,
        ImmutableSortedDictionary<int, int>.Empty,
        ImmutableSortedDictionary<int, string>.Empty);
}

internal enum StoppingVerb
{
    /// <summary>The trial leaves a checkpoint and waits for the rule.</summary>
    Hold,

    /// <summary>A held trial goes on.</summary>
    Release,

    /// <summary>The trial ends with the result it has.</summary>
    End,
}

internal sealed record StoppingAction(StoppingVerb Verb, int Trial, string Reason);

/// <summary>Stopping rules as functions: from what is remembered and what was measured to what is remembered next and what to do.</summary>
internal static class StoppingRules
{
    /// <summary>A trial was evaluated after so many of its passes. Told twice, the second time changes nothing.</summary>
    /// <param name="spec">The rule.</param>
    /// <param name="objective">What is better.</param>
    /// <param name="state">What is remembered.</param>
    /// <param name="trial">The trial's number, from 1.</param>
    /// <param name="pass">How many passes it has been trained for.</param>
    /// <param name="lastPass">How many it is trained for in all.</param>
    /// <param name="maxPasses">The most that any trial of the sweep is trained for: sets the number of Hyperband's brackets.</param>
    /// <param name="value">The objective's value.</param>
    public static (StoppingState State, ImmutableArray<StoppingAction> Actions) OnValue(
        StoppingSpec spec, Objective objective, StoppingState state, int trial, int pass, int lastPass, int maxPasses, double value)
    {
        var brackets = new Brackets(spec, maxPasses);
        var isRung = spec.Halves ? brackets.IsRung(trial, pass) : pass >= spec.MinPasses;
        if (spec.Kind == StoppingKind.None || !isRung || pass >= lastPass || At(state, pass).ContainsKey(trial))
        {
            return (state, []);
        }

        var score = objective.Maximize ? value : -value;
        var best = state.Values.TakeWhile(at => at.Key < pass).Select(at => at.Value.GetValueOrDefault(trial, double.NegativeInfinity)).Append(score).Max();
        state = state with { Values = state.Values.SetItem(pass, At(state, pass).Add(trial, best)) };
        return spec.Halves ? Halve(spec, brackets, state, trial, pass) : CompareWithMedian(spec, objective, state, trial, pass, best);
    }

    /// <summary>
    /// No trial runs or waits for a worker any more. What is held ends with the result it has; but if nothing was trained to its end yet, the best of
    /// those that came furthest goes on, so that a sweep has a winner to use.
    /// </summary>
    public static (StoppingState State, ImmutableArray<StoppingAction> Actions) OnIdle(StoppingState state, bool anyCompleted)
    {
        if (state.Paused.IsEmpty)
        {
            return (state, []);
        }

        if (anyCompleted)
        {
            return (state with { Paused = state.Paused.Clear() }, [.. state.Paused.Select(held => new StoppingAction(StoppingVerb.End, held.Key, $"not among the best after {Passes(held.Value)}"))]);
        }

        var furthest = state.Paused.Values.Max();
        var winner = state.Paused.Where(held => held.Value == furthest).MaxBy(held => state.Values[furthest][held.Key]).Key;
        return (GoOn(state, winner, furthest), [new StoppingAction(StoppingVerb.Release, winner, $"the best after {Passes(furthest)} is trained to its end")]);
    }

    private static (StoppingState State, ImmutableArray<StoppingAction> Actions) Halve(
        StoppingSpec spec, Brackets brackets, StoppingState state, int trial, int pass)
    {
        var bracket = brackets.Of(trial);
        var values = At(state, pass).Where(pair => brackets.Of(pair.Key) == bracket).ToList();
        var best = values.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).Take(values.Count / spec.Reduction).Select(pair => pair.Key).ToImmutableHashSet();
        var actions = ImmutableArray.CreateBuilder<StoppingAction>();
        var share = string.Create(CultureInfo.InvariantCulture, $"the best {values.Count / spec.Reduction} of {values.Count} after {Passes(pass)}{(brackets.Count > 1 ? $" in bracket {bracket + 1} of {brackets.Count}" : "")}");
        if (best.Contains(trial))
        {
            state = GoOn(state, trial, pass);
        }
        else
        {
            state = state with { Paused = state.Paused.SetItem(trial, pass) };
            actions.Add(new StoppingAction(StoppingVerb.Hold, trial, $"not among {share}"));
        }

        foreach (var (held, _) in state.Paused.Where(held => held.Value == pass && best.Contains(held.Key)))
        {
            state = GoOn(state, held, pass);
            actions.Add(new StoppingAction(StoppingVerb.Release, held, $"among {share}"));
        }

        return (state, actions.ToImmutable());
    }

    private static (StoppingState State, ImmutableArray<StoppingAction> Actions) CompareWithMedian(
        StoppingSpec spec, Objective objective, StoppingState state, int trial, int pass, double best)
    {
        var others = At(state, pass).Where(pair => pair.Key != trial).Select(pair => pair.Value).Order().ToList();
        if (others.Count < spec.MinTrials)
        {
            return (state, []);
        }

        var median = (others[(others.Count - 1) / 2] + others[others.Count / 2]) / 2;
        if (best >= median)
        {
            return (state, []);
        }

        var sign = objective.Maximize ? 1 : -1;
        var reason = string.Create(
            CultureInfo.InvariantCulture, $"its best {objective.Metric} of {sign * best:0.####} after {Passes(pass)} is worse than the median of {others.Count} others, {sign * median:0.####}");
        return (state with { Ending = state.Ending.SetItem(trial, reason) }, [new StoppingAction(StoppingVerb.End, trial, reason)]);
    }

    private static StoppingState GoOn(StoppingState state, int trial, int pass) =>
        state with { Paused = state.Paused.Remove(trial), GoneOn = state.GoneOn.SetItem(trial, pass) };

    private static ImmutableSortedDictionary<int, double> At(StoppingState state, int pass) =>
        state.Values.GetValueOrDefault(pass, ImmutableSortedDictionary<int, double>.Empty);

    private static string Passes(int pass) => pass == 1 ? "1 pass" : $"{pass} passes";
}
