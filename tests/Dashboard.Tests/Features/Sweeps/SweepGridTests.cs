using MlTr.Abstractions.Sweeps;
using MlTr.Dashboard.Features.Sweeps;

namespace MlTr.Dashboard.Tests.Features.Sweeps;

public sealed class SweepGridTests
{
    private static readonly ParameterSpec[] Axes =
    [
        new FloatParameter("learning_rate", 1e-4, 1e-2, Log: true, GridPoints: 3),
        new FloatParameter("weight_decay", 0.01, 0.1, GridPoints: 1),
        new IntParameter("passes", 2, 2, GridPoints: 3),
        new ChoiceParameter("cross_window", [ParameterValue.Of(true), ParameterValue.Of(false)]),
        new ChoiceParameter("batch_size", [ParameterValue.Of(32L)]),
    ];

    [Fact]
    public void Varying_AGrid_NamesTheAxesOfItsShape()
    {
        var spec = SweepTemplates.FirstSweep with { Parameters = [.. Axes] };

        Assert.Equal(["learning_rate", "cross_window"], SweepGrid.Varying(spec));
        Assert.Equal("3 × 2", SweepGrid.Shape(spec));
    }

    [Fact]
    public void Varying_RandomDraws_CountARangeWhateverItsGridPoints()
    {
        var spec = SweepTemplates.FirstSweep with { Parameters = [.. Axes], Search = new SearchSpec(SearchKind.Random, 5, 1) };

        Assert.Equal(["learning_rate", "weight_decay", "cross_window"], SweepGrid.Varying(spec));
    }
}
