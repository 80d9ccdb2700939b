using MlTr.Abstractions.Sweeps;

namespace MlTr.Abstractions.Tests.Sweeps;

public sealed class ConfigurationRulesTests
{
    private static readonly SweepBuilder Grid = SweepBuilder.Named("rules").Choice("cross_window", true, false);

    [Fact]
    public void Points_AConditionalParameter_IsSetOnlyWhereItIsActive()
    {
        var spec = Grid.Choice("mixup_alpha", 0.0, 0.2, 0.4).OnlyWhen("cross_window", true).Build();

        var points = ParameterGrid.Points(spec).ToList();

        Assert.Equal(4, points.Count);
        Assert.Equal(4, SweepValidator.GridSize(spec));
        Assert.Equal([0.0, 0.2, 0.4], points.Where(point => point["cross_window"].AsBool).Select(point => point["mixup_alpha"].AsFloat));
        Assert.Equal(["cross_window"], points.Single(point => !point["cross_window"].AsBool).Keys);
    }

    [Fact]
    public void Points_AConditionOnAConditionalParameter_NeedsBoth()
    {
        var spec = Grid
            .Choice("mixup_alpha", 0.0, 0.2).OnlyWhen("cross_window", true)
            .Choice("label_smoothing", 0.0, 0.1).OnlyWhen("mixup_alpha", 0.2)
            .Build();

        // off; on with mixup 0; on with mixup 0.2 and either smoothing
        Assert.Equal(4, ParameterGrid.Points(spec).Count());
    }

    [Fact]
    public void Points_AConstraint_LeavesOutWhatItForbids()
    {
        var spec = SweepBuilder.Named("rules").Choice("learning_rate", 1e-4, 1e-3, 1e-2).Choice("batch_size", 8, 64)
            .Require("learning_rate * batch_size < 0.1").Require("variant = 'mltr-n' or batch_size = 8").Build();

        Assert.Equal(5, ParameterGrid.Points(spec).Count());
        Assert.DoesNotContain(ParameterGrid.Points(spec), point => point["learning_rate"].AsFloat * point["batch_size"].AsInt >= 0.1);
    }

    [Theory]
    [InlineData("learning_rate <", "is no expression")]
    [InlineData("learning_rat < 1", "names learning_rat, which is no hyper-parameter")]
    [InlineData("learning_rate * 2", "not true or false")]
    [InlineData("variant < 3", "cannot be evaluated")]
    [InlineData("nothing(learning_rate) < 3", "cannot be evaluated")]
    [InlineData("", "is no expression")]
    public void Check_ABadConstraint_SaysWhatIsWrong(string constraint, string message)
    {
        var error = Assert.Throws<SweepSpecException>(() => Grid.Require(constraint).Build());

        Assert.Contains(message, Assert.Single(error.Errors, one => one.Field == "constraints").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_ConstraintsThatForbidAlmostEverything_AreRefused()
    {
        AssertRefused(Grid.Require("learning_rate > 0.5"), "No combination of the grid");
        AssertRefused(SweepBuilder.Named("rules").Random(5).Range("learning_rate", 1e-4, 1e-2).Require("learning_rate > 0.00999"), "narrow the ranges");
    }

    [Fact]
    public void Check_Conditions_NameAListedParameterWithPossibleValuesAndNoCycle()
    {
        AssertRefused(Grid.Fixed("mixup_alpha", 0.2).OnlyWhen("passes", 3), "does not list");
        AssertRefused(Grid.Fixed("mixup_alpha", 0.2).OnlyWhen("cross_window", "often"), "takes true or false");
        AssertRefused(Grid.Fixed("mixup_alpha", 0.2).OnlyWhen("cross_window"), "Say with which values");
        AssertRefused(Grid.Fixed("mixup_alpha", 0.2).OnlyWhen("label_smoothing", 0.1).Fixed("label_smoothing", 0.1).OnlyWhen("mixup_alpha", 0.2), "depends on itself");
    }

    [Fact]
    public void Check_TooManyCombinationsUnderAConstraint_AreRefusedBeforeTheyAreCounted() => AssertRefused(
        SweepBuilder.Named("rules").Range("learning_rate", 1e-4, 1e-2, gridPoints: 1_000).Range("weight_decay", 0, 1, gridPoints: 1_000).Require("learning_rate < 1"), "1,000,000 combinations");

    private static void AssertRefused(SweepBuilder builder, string message) =>
        Assert.Contains(Assert.Throws<SweepSpecException>(builder.Build).Errors, error => error.Message.Contains(message, StringComparison.Ordinal));
}
