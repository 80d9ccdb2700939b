using MlTr.Abstractions.Metrics;
using MlTr.Model.Native;

namespace MlTr.Silo.Trials;

/// <summary>What a trial takes of its machine, sampled while it trains: at most once a second, since a step may take less.</summary>
internal sealed class ResourceMeter(GpuMeter? gpu, TimeProvider clock)
{
    private const double Gibibyte = 1 << 30;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private long _sampledAt = clock.GetTimestamp();
    private TimeSpan _processor = Environment.CpuUsage.TotalTime;

    /// <returns>The points of a sample; none before its time.</returns>
    public IReadOnlyList<MetricPoint> Sample(long step)
    {
        var elapsed = clock.GetElapsedTime(_sampledAt);
        if (elapsed < Interval)
        {
            return [];
        }

        var processor = Environment.CpuUsage.TotalTime;
        List<MetricPoint> points =
        [
            new(MetricNames.ProcessorCores, step, (processor - _processor) / elapsed),
            new(MetricNames.MemoryGibibytes, step, Environment.WorkingSet / Gibibyte),
        ];
        (_sampledAt, _processor) = (clock.GetTimestamp(), processor);
        var (share, bytes) = gpu?.Read() ?? (null, null);
        if (share is not null)
        {
            points.Add(new(MetricNames.GpuShare, step, share.Value));
        }

        if (bytes is not null)
        {
            points.Add(new(MetricNames.GpuMemoryGibibytes, step, bytes.Value / Gibibyte));
        }

        return points;
    }
}
