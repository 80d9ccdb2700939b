namespace MlTr.Bench.Models;

/// <summary>Measures the processor time of this process, all its threads together: what else runs on the machine hardly changes it.</summary>
internal sealed class ProcessorTime
{
    private double start = Now;

    private static double Now => Environment.CpuUsage.TotalTime.TotalSeconds;

    /// <summary>Seconds since the last call, or since the start.</summary>
    public double Lap()
    {
        var (before, now) = (start, Now);
        start = now;
        return now - before;
    }
}
