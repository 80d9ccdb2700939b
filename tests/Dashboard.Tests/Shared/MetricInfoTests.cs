using MlTr.Abstractions.Metrics;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Tests.Shared;

public sealed class MetricInfoTests
{
    [Theory]
    [InlineData(MetricNames.MeanAveragePrecision)]
    [InlineData("val/AP/ring")]
    [InlineData("val/count_mae")]
    [InlineData("marks/trap_mirror")]
    [InlineData("train/loss")]
    [InlineData("train/loss_new")]
    [InlineData("train/grad_norm")]
    public void For_AnyName_ItsTooltipSaysWhatIsBetter(string name)
    {
        var info = MetricInfo.For(name);

        Assert.Equal(info.MoreIsBetter == false, info.Tooltip.Contains("lower is better", StringComparison.Ordinal));
        Assert.True(info.MoreIsBetter == true || !info.Tooltip.Contains("higher is better", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(MetricNames.MeanAveragePrecision, "mAP", 0.8312, "83.1%")]
    [InlineData("val/AP/ring", "AP ring", 0.5, "50.0%")]
    [InlineData("marks/trap_mirror", "trap mirror", 0.02, "2.0%")]
    [InlineData("train/loss", "loss", 1.23456, "1.235")]
    [InlineData("train/images_per_second", "throughput", 212.34, "212.3/s")]
    [InlineData("val/count_mae", "count error", 0.25, "0.25")]
    [InlineData("train/data_wait_share", "data wait", 0.031, "3.1%")]
    [InlineData(MetricNames.ProcessorCores, "processor", 1.93, "1.9 cores")]
    [InlineData(MetricNames.GpuMemoryGibibytes, "GPU memory", 3.456, "3.46 GiB")]
    [InlineData("train/something_new", "something new", 7, "7")]
    public void For_AnyName_HasALabelAndAUnit(string name, string label, double value, string shown)
    {
        var info = MetricInfo.For(name);

        Assert.Equal(label, info.Label);
        Assert.Equal(shown, info.Show(value));
        Assert.NotEmpty(info.Tooltip);
    }
}
