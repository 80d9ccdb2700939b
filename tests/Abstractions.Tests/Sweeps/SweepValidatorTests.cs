using System.Collections.Immutable;
using MlTr.Abstractions.Sweeps;

namespace MlTr.Abstractions.Tests.Sweeps;

public sealed class SweepValidatorTests
{
    [Fact]
    public void Check_FirstSweep_HasNoErrorsAndSixTrials()
    {
        Assert.Empty(SweepValidator.Check(SweepTemplates.FirstSweep));
        Assert.Equal(6, SweepValidator.GridSize(SweepTemplates.FirstSweep));
    }

    [Fact]
    public void Check_EverythingWrong_ListsAllErrorsAtOnceByField()
    {
        var spec = new SweepSpec(
            " ",
            "",
            [
                new FloatParameter("learning_rate", 0.1, 0, Log: true),
                new ChoiceParameter("variant", [ParameterValue.Of("resnet")]),
                new ChoiceParameter("passes", []),
                new FloatParameter("batch_size", 1, 2, GridPoints: 2),
                new ChoiceParameter("warp_drive", [ParameterValue.Of(1L)]),
                new ChoiceParameter("shift", [ParameterValue.Of(true), ParameterValue.Of(true)]),
            ],
            new SearchSpec(SearchKind.Grid),
            new Objective(""),
            -1);

        var fields = SweepValidator.Check(spec).Select(error => error.Field).Distinct();

        Assert.Equal(
            [
                "name", "dataset", "objective", "max_parallel_trials", "parameters.learning_rate", "parameters.variant", "parameters.passes",
                "parameters.batch_size", "parameters.warp_drive", "parameters.shift",
            ],
            fields);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(10_000, true)]
    [InlineData(10_001, false)]
    public void Check_RandomBudget_HasItsRange(int budget, bool valid)
    {
        var spec = SweepTemplates.FirstSweep with { Search = new SearchSpec(SearchKind.Random, budget) };

        Assert.Equal(valid, SweepValidator.Check(spec).IsEmpty);
    }

    [Fact]
    public void Check_GridThatIsTooLarge_SaysItsSize()
    {
        var values = Enumerable.Range(1, 101).Select(value => ParameterValue.Of((long)value)).ToImmutableArray();
        var spec = SweepTemplates.FirstSweep with { Parameters = [new ChoiceParameter("passes", values), new ChoiceParameter("batch_size", values)] };

        var error = Assert.Single(SweepValidator.Check(spec));

        Assert.Contains("10,201", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_SameParameterTwice_SaysSo()
    {
        var rate = new FloatParameter("learning_rate", 1e-4, 1e-2, GridPoints: 3);

        var error = Assert.Single(SweepValidator.Check(SweepTemplates.FirstSweep with { Parameters = [rate, rate] }));

        Assert.Equal("parameters.learning_rate", error.Field);
    }
}
