using System.Text.Json;
using MlTr.Abstractions.Sweeps;

namespace MlTr.Abstractions.Tests.Sweeps;

public sealed class ParameterTests
{
    [Fact]
    public void Json_EveryKindOfParameter_ReadsBackEqual()
    {
        ParameterSpec[] axes =
        [
            new ChoiceParameter("variant", [ParameterValue.Of("mltr-n"), ParameterValue.Of("mltr-t")]),
            new ChoiceParameter("learning_rate", [ParameterValue.Of(1.0), ParameterValue.Of(1e-30), ParameterValue.Of(0.1)]),
            new ChoiceParameter("passes", [ParameterValue.Of(1L), ParameterValue.Of(long.MaxValue)]),
            new ChoiceParameter("shift", [ParameterValue.Of(true), ParameterValue.Of(false)]),
            new FloatParameter("weight_decay", 1e-5, 1e-2, true, 4),
            new IntParameter("batch_size", 1, 512, true, 5),
        ];

        var read = JsonSerializer.Deserialize<ParameterSpec[]>(JsonSerializer.Serialize(axes))!;

        Assert.Equal(axes, read);
        Assert.Equal(ParameterType.Float, read[1].GridValues[0].Type);
    }

    [Fact]
    public void GridValues_LogFloat_AreEvenInTheLogarithmWithBothEnds()
    {
        var values = new FloatParameter("learning_rate", 1e-4, 1e-2, Log: true, GridPoints: 3).GridValues.Select(value => value.AsFloat).ToArray();

        Assert.Equal(1e-4, values[0]);
        Assert.Equal(1e-3, values[1], 1e-12);
        Assert.Equal(1e-2, values[2]);
    }

    [Fact]
    public void GridValues_IntRangeSmallerThanItsPoints_HoldsEachNumberOnce() =>
        Assert.Equal([1L, 2L, 3L], new IntParameter("passes", 1, 3, GridPoints: 10).GridValues.Select(value => value.AsInt));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void At_UnitInterval_StaysInTheRangeAndReachesBothEnds(bool log)
    {
        var axis = new IntParameter("passes", 1, 4, log);

        var values = Enumerable.Range(0, 1_000).Select(step => axis.At(step / 1_000.0).AsInt).Distinct().Order();

        Assert.Equal([1L, 2, 3, 4], values);
    }

    [Theory]
    [InlineData("0.5", ParameterType.Float, true)]
    [InlineData("nan", ParameterType.Float, false)]
    [InlineData("1.5", ParameterType.Int, false)]
    [InlineData("TRUE", ParameterType.Bool, true)]
    [InlineData(" ", ParameterType.Text, false)]
    public void TryParse_TakesOnlyWhatTheTypeAllows(string text, ParameterType type, bool valid) =>
        Assert.Equal(valid, ParameterValue.TryParse(text, type, out _));
}
