using Microsoft.Extensions.Time.Testing;
using MlTr.Abstractions.Metrics;
using MlTr.Model.Native;
using MlTr.Silo.Trials;

namespace MlTr.Silo.Tests.Trials;

public sealed class ResourceMeterTests
{
    [Fact]
    public void Sample_OnceASecond_SaysProcessorAndMemoryOfThisProcess()
    {
        var clock = new FakeTimeProvider();
        var meter = new ResourceMeter(gpu: null, clock);
        clock.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Empty(meter.Sample(1));

        clock.Advance(TimeSpan.FromSeconds(0.2));
        var points = meter.Sample(2);

        Assert.Equal([(MetricNames.ProcessorCores, 2L), (MetricNames.MemoryGibibytes, 2L)], points.Select(point => (point.Name, point.Step)));
        Assert.InRange(points[0].Value, 0, Environment.ProcessorCount);
        Assert.InRange(points[1].Value, 0.01, 100);
        Assert.Empty(meter.Sample(3));
    }

    [Fact]
    public void GpuMeter_OfTheCpu_IsNone() => Assert.Null(GpuMeter.TryOpen("cpu"));
}
