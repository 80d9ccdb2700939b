using System.Collections.Immutable;
using MlTr.Abstractions.Sweeps;
using MlTr.Bench;
using MlTr.Grains.Sweeps.Search;

namespace MlTr.Grains.Tests.Sweeps.Search;

public sealed class TpeSearchTests
{
    private static readonly ParameterSpec Rate = new FloatParameter("learning_rate", 1e-5, 1e-1, Log: true);
    private static readonly ParameterSpec Decay = new FloatParameter("weight_decay", 0, 1);
    private static readonly ParameterSpec Loss = new ChoiceParameter("loss", [ParameterValue.Of("asl"), ParameterValue.Of("bce"), ParameterValue.Of("focal")]);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(100)]
    public void Run_AnyNumberOfSlots_ProposesTheBudgetOnceEach(int slots)
    {
        var (ended, states) = SearchSimulation.Run(Spec(SearchKind.Tpe, 40, 1), Bowl, slots);

        Assert.Equal(Enumerable.Range(1, 40), ended.Select(trial => trial.Id.Number).Order());
        Assert.Equal(40, ended.Select(trial => SearchSpace.Key(trial.Parameters)).Distinct().Count());
        Assert.True(states[^1].Exhausted);
    }

    [Fact]
    public void Run_TwoSlots_NeverHasMoreThanTwoOpenAfterTheStart()
    {
        var search = new TpeSearch();
        var spec = Spec(SearchKind.Tpe, 30, 1);
        var step = search.Start(spec, 2);
        var (open, ended) = (new Queue<Proposal>(step.Proposals), 0);

        Assert.Equal(10, open.Count);
        while (open.TryDequeue(out var proposal))
        {
            step = search.OnTrialEnded(spec, step.State, SearchSimulation.Ended(proposal, Bowl(proposal.Parameters)), 2);
            ended++;
            step.Proposals.ToList().ForEach(open.Enqueue);
            Assert.True(ended < 10 || open.Count <= 2, $"{open.Count} open after {ended}");
        }

        Assert.Equal(30, ended);
    }

    [Fact]
    public void OnTrialEnded_ToldTwice_ChangesNothingTheSecondTime()
    {
        var search = new TpeSearch();
        var spec = Spec(SearchKind.Tpe, 30, 1);
        var start = search.Start(spec, 2);
        var ended = SearchSimulation.Ended(start.Proposals[3], 0.5);

        var once = search.OnTrialEnded(spec, start.State, ended, 2);
        var twice = search.OnTrialEnded(spec, once.State, ended, 2);

        Assert.Equal(once.State, twice.State);
        Assert.Empty(twice.Proposals);
    }

    [Fact]
    public void Run_SameSeed_DecidesTheSameAgain_AndAnotherSeedDoesNot()
    {
        var (first, second, other) = (Points(1), Points(1), Points(2));

        Assert.Equal(first, second);
        Assert.NotEqual(first, other);

        static List<string> Points(int seed) => [.. SearchSimulation.Run(Spec(SearchKind.Tpe, 25, seed), Bowl, 3).Ended.Select(trial => SearchSpace.Key(trial.Parameters))];
    }

    [Fact]
    public void Run_SmallFiniteSpace_EndsWhenEveryPointWasTaken()
    {
        var spec = Spec(SearchKind.Tpe, 50, 1) with { Parameters = [Loss, new IntParameter("passes", 1, 5)] };

        var (ended, states) = SearchSimulation.Run(spec, point => point["passes"].AsFloat, 2);

        Assert.Equal(15, ended.Count);
        Assert.True(states[^1].Exhausted);
    }

    [Fact]
    public void Run_EveryTrialFails_StillSpendsTheBudget() =>
        Assert.Equal(20, SearchSimulation.Run(Spec(SearchKind.Tpe, 20, 1), _ => null, 2).Ended.Count);

    [Fact]
    public void Run_Bowl_FindsABetterPointThanRandomDrawsInMostSeeds()
    {
        var wins = Enumerable.Range(0, 20).Count(seed => Best(SearchKind.Tpe, seed) > Best(SearchKind.Random, seed));

        Assert.InRange(wins, 15, 20);

        static double Best(SearchKind kind, int seed) => SearchSimulation.Run(Spec(kind, 50, seed), Bowl, 1).Ended.Max(trial => trial.Objective!.Value);
    }

    /// <summary>Best, 0, at 1e-3, 0.3 and bce.</summary>
    [Theory]
    [InlineData(SearchKind.Tpe)]
    [InlineData(SearchKind.Random)]
    [InlineData(SearchKind.Sobol)]
    public void Run_WithAConditionAndAConstraint_ProposesAllowedConfigurationsWithoutInactiveParameters(SearchKind kind)
    {
        var spec = Spec(kind, 40, 1) with
        {
            Parameters = [Rate, Decay with { When = new ParameterCondition("loss", ["asl"]) }, Loss],
            Constraints = ["learning_rate < 0.01 or loss = 'bce'"],
        };

        var (ended, _) = SearchSimulation.Run(spec, at => Math.Log10(at["learning_rate"].AsFloat) + (at.TryGetValue("weight_decay", out var decay) ? decay.AsFloat : 0), 2);

        Assert.Equal(40, ended.Select(trial => SearchSpace.Key(trial.Parameters)).Distinct().Count());
        Assert.All(ended, trial => Assert.Equal(trial.Parameters["loss"].AsText == "asl", trial.Parameters.ContainsKey("weight_decay")));
        Assert.All(ended, trial => Assert.True(trial.Parameters["learning_rate"].AsFloat < 0.01 || trial.Parameters["loss"].AsText == "bce"));
        Assert.Contains(ended, trial => trial.Parameters.ContainsKey("weight_decay"));
    }

    private static double? Bowl(ImmutableSortedDictionary<string, ParameterValue> at) =>
        -Math.Pow(Math.Log10(at["learning_rate"].AsFloat) + 3, 2) - Math.Pow(3 * (at["weight_decay"].AsFloat - 0.3), 2) - (at["loss"].AsText == "bce" ? 0 : 1);

    private static SweepSpec Spec(SearchKind kind, int budget, int seed) => new("tpe", "marks", [Rate, Decay, Loss], new SearchSpec(kind, budget, seed), new Objective());
}
