using MlTr.Abstractions.Sweeps;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Tests.Shared;

public sealed class FormatTests
{
    [Theory]
    [InlineData(0.8312, "83.1%")]
    [InlineData(1.0, "100.0%")]
    [InlineData(0.0, "0.0%")]
    [InlineData(double.NaN, "–")]
    public void Percent_AFraction_HasOneDecimal(double fraction, string shown) => Assert.Equal(shown, Format.Percent(fraction));

    [Fact]
    public void Percent_NoValue_IsADash() => Assert.Equal("–", Format.Percent(null));

    [Theory]
    [InlineData(0.999, "99%")]
    [InlineData(1.0, "100%")]
    [InlineData(-0.1, "0%")]
    public void Progress_NotAllDone_NeverSays100(double share, string shown) => Assert.Equal(shown, Format.Progress(share));

    [Theory]
    [InlineData(0.4, "0s")]
    [InlineData(59, "59s")]
    [InlineData(61, "1m 01s")]
    [InlineData(3_660, "1h 01m")]
    [InlineData(90_000, "1d 01h")]
    public void Duration_Seconds_TwoUnitsAtMost(double seconds, string shown) => Assert.Equal(shown, Format.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(1, "just now")]
    [InlineData(42, "42s ago")]
    [InlineData(150, "2 min ago")]
    [InlineData(7_300, "2 h ago")]
    [InlineData(100_000, "yesterday")]
    [InlineData(400_000, "4 days ago")]
    [InlineData(4_000_000, "2025-12-16")]
    public void RelativeTime_Seconds_InWords(double seconds, string shown) =>
        Assert.Equal(shown, Format.RelativeTime(Show.Start.AddSeconds(-seconds), Show.Start));

    [Fact]
    public void Value_EachType_ReadsWell()
    {
        Assert.Equal("0.0003", Format.Value(ParameterValue.Of(3e-4)));
        Assert.Equal("1e-7", Format.Value(ParameterValue.Of(1e-7)));
        Assert.Equal("0.001235", Format.Value(ParameterValue.Of(0.00123456789)));
        Assert.Equal("0.9997", Format.Value(ParameterValue.Of(0.9997)));
        Assert.Equal("32", Format.Value(ParameterValue.Of(32L)));
        Assert.Equal("on", Format.Value(ParameterValue.Of(true)));
        Assert.Equal("mltr-n", Format.Value(ParameterValue.Of("mltr-n")));
    }

    [Fact]
    public void Value_OfAParameterThatIsLeftToTheVariant_SaysSo()
    {
        Assert.Equal("the variant's own", Format.Value("image_size", ParameterValue.Of(0L)));
        Assert.Equal("224", Format.Value("image_size", ParameterValue.Of(224L)));
        Assert.Equal("the variant's own", Format.Value("drop_path_rate", ParameterValue.Of(-1.0)));
        Assert.Equal("0", Format.Value("drop_path_rate", ParameterValue.Of(0.0)));
        Assert.Equal("0", Format.Value("gradient_clip", ParameterValue.Of(0.0)));
        Assert.Equal("image_size the variant's own", Format.Parameters([new("image_size", ParameterValue.Of(0L))]));
    }
}
