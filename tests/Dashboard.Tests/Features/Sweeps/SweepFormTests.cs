using MlTr.Abstractions.Sweeps;
using MlTr.Dashboard.Features.Sweeps;

namespace MlTr.Dashboard.Tests.Features.Sweeps;

public sealed class SweepFormTests
{
    [Theory]
    [InlineData(SearchKind.Sobol, StoppingKind.Asha)]
    [InlineData(SearchKind.Tpe, StoppingKind.Median)]
    public void ToSpec_OfAnotherSearchStoppingAndPriority_KeepsThem(SearchKind kind, StoppingKind stopping)
    {
        var spec = SweepTemplates.FirstSweep with
        {
            Search = new SearchSpec(kind, 12, 4),
            Priority = 3,
            Stopping = stopping == StoppingKind.Asha ? new StoppingSpec(stopping, MinPasses: 2, Reduction: 4) : new StoppingSpec(stopping, MinPasses: 2, MinTrials: 7),
        };

        AssertSame(spec, SweepForm.FromSpec(spec).ToSpec());
    }

    [Fact]
    public void ToSpec_WithConditionsConstraintsAndRetries_KeepsThem()
    {
        var spec = SweepBuilder.Named("rules").Choice("cross_window", true, false).Choice("mixup_alpha", 0.0, 0.2).OnlyWhen("cross_window", true)
            .Require("learning_rate < 0.1").Require("passes > 3").Retry(max: 5, splitBatch: true).Build();

        AssertSame(spec, SweepForm.FromSpec(spec).ToSpec());
    }

    [Fact]
    public void Check_AConditionThatIsNone_SaysHowToWriteOne()
    {
        var form = SweepForm.FromSpec(SweepTemplates.FirstSweep);
        form.Parameters[0].When = "cross_window";

        Assert.Contains("as in cross_window = true", Assert.Single(form.Check(), error => error.Field == "parameters.learning_rate").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ToSpec_OfTheFirstSweep_IsTheFirstSweep()
    {
        var spec = SweepForm.FromSpec(SweepTemplates.FirstSweep).ToSpec();

        AssertSame(SweepTemplates.FirstSweep, spec);
    }

    [Fact]
    public void ToSpec_OfARandomSweepWithRanges_RoundTrips()
    {
        var spec = new SweepSpec(
            "r",
            "marks",
            [new FloatParameter("learning_rate", 1e-5, 1e-2, true), new IntParameter("batch_size", 16, 64, true, 3), new ChoiceParameter("loss", [ParameterValue.Of("asl"), ParameterValue.Of("bce")])],
            new SearchSpec(SearchKind.Random, 7, 3),
            new Objective("val/CF1", false),
            2);

        AssertSame(spec, SweepForm.FromSpec(spec).ToSpec());
    }

    [Fact]
    public void Check_ManyMistakes_ShowsAllAtOnce()
    {
        var form = SweepForm.FromSpec(SweepTemplates.FirstSweep);
        form.Name = " ";
        form.Dataset = "";
        form.MaxParallelTrials = "some";
        Axis(form, "learning_rate").Values = "0.001, fast";
        Axis(form, "passes").Values = "0";

        var errors = form.Check();

        Assert.Equal(["dataset", "max_parallel_trials", "name", "parameters.learning_rate", "parameters.passes"], errors.Select(error => error.Field).Order(StringComparer.Ordinal));
        Assert.Contains(errors, error => error.Message == "'fast' is not a number.");
    }

    [Fact]
    public void Check_ARandomSearchWithoutABudget_NamesTheField()
    {
        var form = SweepForm.FromSpec(SweepTemplates.FirstSweep);
        form.Search = SearchKind.Random;
        form.TrialBudget = "0";

        Assert.Equal("search.trial_budget", Assert.Single(form.Check()).Field);
    }

    [Fact]
    public void Check_AFixedValueWithAComma_IsASlip()
    {
        var form = SweepForm.FromSpec(SweepTemplates.FirstSweep);
        Axis(form, "passes").Values = "1,5";

        Assert.Equal("'1,5' is not a whole number.", Assert.Single(form.Check()).Message);
    }

    [Fact]
    public void SwitchTo_FromListToRange_StartsFromTheListsEnds_LogarithmicWhereTheyAreFarApart()
    {
        var axis = Axis(SweepForm.FromSpec(SweepTemplates.FirstSweep), "learning_rate");

        axis.SwitchTo(ParameterMode.Range);

        Assert.Equal(("0.0001", "0.01"), (axis.Min, axis.Max));
        Assert.Equal(new FloatParameter("learning_rate", 1e-4, 1e-2, true, 3), axis.Build([]));
    }

    [Theory]
    [InlineData("learning_rate", "0.001", "0.0001", "0.01", true)]
    [InlineData("learning_rate", "0.5", "0.05", "1", true)]
    [InlineData("learning_rate", "0.0003", "3E-05", "0.003", true)]
    [InlineData("passes", "10", "1", "100", true)]
    [InlineData("weight_decay", "0", "0", "1", false)]
    public void SwitchTo_FromOneValueToRange_GoesATenthToTenfold_WithinWhatIsAllowed(string name, string value, string min, string max, bool log)
    {
        var axis = new ParameterForm(HyperParameters.Find(name)!) { Values = value };

        axis.SwitchTo(ParameterMode.Range);

        Assert.Equal((min, max, log), (axis.Min, axis.Max, axis.Log));
        List<SpecError> errors = [];
        axis.Build(errors);
        Assert.Empty(errors);
    }

    [Fact]
    public void Toggle_AnOption_AddsAndRemovesIt()
    {
        var axis = Axis(SweepForm.FromSpec(SweepTemplates.FirstSweep), "cross_window");

        axis.Toggle("true");
        Assert.Equal(["false"], axis.Chosen);
        axis.Toggle("true");
        Assert.Equal(["false", "true"], axis.Chosen);
    }

    [Fact]
    public void First_OfTheFirstSweep_ListsAllSixOnce()
    {
        var rows = SweepGrid.First(SweepTemplates.FirstSweep, 50).ToList();

        Assert.Equal(6, rows.Select(row => string.Join(',', row)).Distinct().Count());
        Assert.Equal("3 × 2", SweepGrid.Shape(SweepTemplates.FirstSweep));
    }

    private static ParameterForm Axis(SweepForm form, string name) => form.Parameters.Single(axis => axis.Name == name);

    private static void AssertSame(SweepSpec expected, SweepSpec actual)
    {
        Assert.Equal(expected.Parameters.AsEnumerable(), actual.Parameters);
        Assert.Equal(expected.Constraints.AsEnumerable(), actual.Constraints);
        Assert.Equal(expected with { Parameters = [], Constraints = [] }, actual with { Parameters = [], Constraints = [] });
    }
}
