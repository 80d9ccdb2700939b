using System.Collections.Immutable;
using MlTr.Dashboard.Features.Sweeps.Analysis;

namespace MlTr.Dashboard.Tests.Features.Sweeps.Analysis;

public sealed class ForestImportanceTests
{
    private static readonly ImmutableArray<string> Names = ["strong", "weak", "none"];

    [Fact]
    public void Compute_AKnownLaw_PutsTheParametersInOrder()
    {
        var rows = Draw(80, (strong, weak) => (3 * strong * strong) + weak);

        var result = ForestImportance.Compute(Names, rows);

        Assert.Equal(Names, result.Parameters.Select(one => one.Name));
        Assert.True(result.Explained > 0.5, $"explained {result.Explained}");
        Assert.True(result.Parameters[0].Share > 4 * result.Parameters[1].Share, string.Join(", ", result.Parameters));
        Assert.True(result.Parameters[2].Share < 0.1, string.Join(", ", result.Parameters));
    }

    [Fact]
    public void Compute_Twice_GivesTheSameNumbers()
    {
        var rows = Draw(30, (strong, weak) => strong + weak);

        Assert.Equal(ForestImportance.Compute(Names, rows).Parameters.AsEnumerable(), ForestImportance.Compute(Names, rows).Parameters);
    }

    [Fact]
    public void Compute_AConstant_KnowsNothing()
    {
        var result = ForestImportance.Compute(Names, Draw(20, (_, _) => 0.5f));

        Assert.Equal(0, result.Explained);
        Assert.All(result.Parameters, one => Assert.Equal(0, one.Share));
    }

    private static ImmutableArray<(float[], float)> Draw(int count, Func<float, float, float> law)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, count).Select(_ => new[] { random.NextSingle(), random.NextSingle(), random.NextSingle() }).Select(places => (places, law(places[0], places[1])))];
    }
}
