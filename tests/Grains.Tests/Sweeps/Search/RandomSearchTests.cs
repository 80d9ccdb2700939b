using MlTr.Abstractions.Sweeps;
using MlTr.Grains.Sweeps.Search;

namespace MlTr.Grains.Tests.Sweeps.Search;

public sealed class RandomSearchTests
{
    private static readonly ParameterSpec Rate = new FloatParameter("learning_rate", 1e-5, 1e-1, Log: true);
    private static readonly ParameterSpec Cross = new ChoiceParameter("cross_window", [ParameterValue.Of(true), ParameterValue.Of(false)]);

    [Fact]
    public void Start_SameSeed_ProposesTheSameAgain()
    {
        var spec = Spec(seed: 7, budget: 50, Rate, Cross);

        var (first, second) = (Start(spec), Start(spec));

        Assert.Equal(first.Proposals.Select(GridSearchTests.Key), second.Proposals.Select(GridSearchTests.Key));
    }

    [Fact]
    public void Start_OtherSeed_ProposesOthers()
    {
        var first = Start(Spec(1, 50, Rate));
        var second = Start(Spec(2, 50, Rate));

        Assert.Empty(first.Proposals.Select(GridSearchTests.Key).Intersect(second.Proposals.Select(GridSearchTests.Key)));
    }

    [Fact]
    public void Start_LogRange_SpreadsOverTheDecades()
    {
        var values = Start(Spec(3, 2_000, Rate)).Proposals.Select(proposal => proposal.Parameters["learning_rate"].AsFloat).ToList();

        Assert.All(values, value => Assert.InRange(value, 1e-5, 1e-1));
        for (var decade = 1e-5; decade < 0.09; decade *= 10)
        {
            Assert.InRange(values.Count(value => value >= decade && value < decade * 10), 400, 600);
        }
    }

    [Fact]
    public void Start_BudgetBeyondAFiniteSpace_TakesEachPointOnce()
    {
        var passes = new IntParameter("passes", 1, 3);

        var proposals = Start(Spec(1, 100, passes, Cross)).Proposals;

        Assert.Equal(6, proposals.Select(GridSearchTests.Key).Distinct().Count());
        Assert.Equal(6, proposals.Length);
    }

    private static SearchStep Start(SweepSpec spec) => SearchStrategies.For(SearchKind.Random).Start(spec, slots: 1);

    private static SweepSpec Spec(int seed, int budget, params ParameterSpec[] axes) =>
        new("random", "marks", [.. axes], new SearchSpec(SearchKind.Random, budget, seed), new Objective());
}
