using MlTr.Abstractions.Sweeps;
using MlTr.Grains.Sweeps.Search;

namespace MlTr.Grains.Tests.Sweeps.Search;

public sealed class StoppingRulesTests
{
    private static readonly StoppingSpec Asha = new(StoppingKind.Asha, MinPasses: 1, Reduction: 3);
    private static readonly StoppingSpec Median = new(StoppingKind.Median, MinPasses: 2, MinTrials: 3);
    private static readonly Objective Map = new();

    [Fact]
    public void Asha_ThreeTrials_TheBestGoesOnAndTheOthersAreHeld()
    {
        var state = StoppingState.Empty;
        var first = Value(ref state, 1, 1, 0.5);
        var second = Value(ref state, 2, 1, 0.3);
        var third = Value(ref state, 3, 1, 0.4);

        Assert.Equal([(StoppingVerb.Hold, 1)], first);
        Assert.Equal([(StoppingVerb.Hold, 2)], second);
        Assert.Equal([(StoppingVerb.Hold, 3), (StoppingVerb.Release, 1)], third);
    }

    [Fact]
    public void Asha_BestOfManyAtOnce_IsNotHeld()
    {
        var state = StoppingState.Empty;
        foreach (var trial in Enumerable.Range(1, 5))
        {
            Value(ref state, trial, 1, 0.1 * trial);
        }

        Assert.Empty(Value(ref state, 6, 1, 0.9));
        Assert.Equal(1, state.GoneOn[6]);
    }

    [Fact]
    public void Asha_BetweenRungsAndAtTheEnd_SaysNothing()
    {
        var state = StoppingState.Empty;

        Assert.Empty(Value(ref state, 1, 2, 0.1));
        Assert.Empty(Value(ref state, 1, 9, 0.1, lastPass: 9));
        Assert.Same(StoppingState.Empty, state);
    }

    [Fact]
    public void OnValue_ToldTwice_ChangesNothing()
    {
        var state = StoppingState.Empty;
        Value(ref state, 1, 1, 0.5);
        var before = state;

        Assert.Empty(Value(ref state, 1, 1, 0.9));
        Assert.Same(before, state);
    }

    [Fact]
    public void OnIdle_NothingTrainedToItsEnd_TheBestOfTheFurthestGoesOn_AndThenTheRestEnds()
    {
        var state = StoppingState.Empty;
        Value(ref state, 1, 1, 0.5);
        Value(ref state, 2, 1, 0.6);

        var (released, actions) = StoppingRules.OnIdle(state, anyCompleted: false);
        var (ended, rest) = StoppingRules.OnIdle(released, anyCompleted: true);

        Assert.Equal((StoppingVerb.Release, 2), (Assert.Single(actions).Verb, actions[0].Trial));
        Assert.Equal((StoppingVerb.End, 1), (Assert.Single(rest).Verb, rest[0].Trial));
        Assert.Empty(ended.Paused);
    }

    [Fact]
    public void Median_WorseThanMostAtTheSamePass_Ends()
    {
        var state = StoppingState.Empty;
        foreach (var (trial, value) in new[] { (1, 0.5), (2, 0.6), (3, 0.7) })
        {
            Assert.Empty(Value(ref state, trial, 2, value, spec: Median));
        }

        Assert.Equal([(StoppingVerb.End, 4)], Value(ref state, 4, 2, 0.4, spec: Median));
        Assert.Empty(Value(ref state, 5, 2, 0.65, spec: Median));
        Assert.Empty(Value(ref state, 6, 1, 0.01, spec: Median));
    }

    [Fact]
    public void Median_EarlierPassWasBetter_ItCounts()
    {
        var state = StoppingState.Empty;
        Value(ref state, 4, 2, 0.9, spec: Median);
        foreach (var (trial, value) in new[] { (1, 0.5), (2, 0.6), (3, 0.7) })
        {
            Value(ref state, trial, 3, value, spec: Median);
        }

        Assert.Empty(Value(ref state, 4, 3, 0.1, spec: Median));
    }

    [Fact]
    public void Minimize_LowerIsBetter()
    {
        var state = StoppingState.Empty;
        var loss = new Objective("val/loss", Maximize: false);
        foreach (var trial in Enumerable.Range(1, 5))
        {
            (state, _) = StoppingRules.OnValue(Asha, loss, state, trial, 1, 100, 100, trial);
        }

        (state, var actions) = StoppingRules.OnValue(Asha, loss, state, 6, 1, 100, 100, 0.5);

        Assert.DoesNotContain(actions, action => action.Trial == 6);
        Assert.Contains(6, state.GoneOn.Keys);
    }

    /// <summary>Hyperband's table 1 of rounds for R = 9, eta = 3: nine trials judged from pass 1, five from pass 3, three never.</summary>
    [Fact]
    public void Hyperband_OneRound_DealsTrialsInHyperbandsProportions()
    {
        var brackets = new Brackets(new StoppingSpec(StoppingKind.Hyperband, MinPasses: 1, Reduction: 3), maxPasses: 9);

        var dealt = Enumerable.Range(1, 34).CountBy(brackets.Of).OrderBy(pair => pair.Key).ToList();

        Assert.Equal([new(0, 18), new(1, 10), new(2, 6)], dealt);
        Assert.Equal([0, 1, 2], Enumerable.Range(1, 6).Select(brackets.Of).Distinct().Order());
        foreach (var trial in Enumerable.Range(1, 17))
        {
            var rungs = Enumerable.Range(1, 8).Where(pass => brackets.IsRung(trial, pass));
            Assert.Equal(brackets.Of(trial) switch { 0 => [1, 3], 1 => [3], _ => [] }, rungs);
        }
    }

    [Fact]
    public void Hyperband_ComparesOnlyWithinABracket()
    {
        var spec = new StoppingSpec(StoppingKind.Hyperband, MinPasses: 1, Reduction: 3);
        var brackets = new Brackets(spec, maxPasses: 9);
        int[] early = [.. Enumerable.Range(1, 17).Where(trial => brackets.Of(trial) == 0)], late = [.. Enumerable.Range(1, 17).Where(trial => brackets.Of(trial) == 1)];
        var state = StoppingState.Empty;
        foreach (var trial in early)
        {
            Value(ref state, trial, 1, 0.5 + (0.01 * trial), lastPass: 9, spec);
            Value(ref state, trial, 3, 0.5 + (0.01 * trial), lastPass: 9, spec); // pass 1 lets some of them wait, which a report under way does not know
        }

        Assert.Empty(Value(ref state, late[0], 1, 0.1, lastPass: 9, spec));
        Assert.Equal([(StoppingVerb.Hold, late[0])], Value(ref state, late[0], 3, 0.1, lastPass: 9, spec));
        Assert.Equal([(StoppingVerb.Hold, late[1])], Value(ref state, late[1], 3, 0.2, lastPass: 9, spec));
        Assert.Empty(Value(ref state, late[2], 3, 0.3, lastPass: 9, spec));
    }

    private static List<(StoppingVerb Verb, int Trial)> Value(
        ref StoppingState state, int trial, int pass, double value, int lastPass = 100, StoppingSpec? spec = null)
    {
        (state, var actions) = StoppingRules.OnValue(spec ?? Asha, Map, state, trial, pass, lastPass, lastPass, value);
        return [.. actions.Select(action => (action.Verb, action.Trial))];
    }
}
