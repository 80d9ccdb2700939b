using System.Diagnostics.Metrics;

namespace MlTr.Grains.Scheduling;

/// <summary>What an operator watches: how much waits, how much runs, how much is lost.</summary>
internal static class SchedulerMeter
{
    public const string Name = "MlTr.Scheduler";

    private static readonly Meter Meter = new(Name);

    public static readonly Gauge<int> QueueLength = Meter.CreateGauge<int>("mltr.scheduler.queue", "{trial}", "Trials that wait for a worker.");

    public static readonly Gauge<int> Leases = Meter.CreateGauge<int>("mltr.scheduler.leases", "{lease}", "Trials that a worker has.");

    public static readonly Gauge<int> Workers = Meter.CreateGauge<int>("mltr.scheduler.workers", "{worker}", "Workers that call in.");

    public static readonly Counter<long> Assignments = Meter.CreateCounter<long>("mltr.scheduler.assignments", "{lease}", "Leases given.");

    public static readonly Counter<long> Losses = Meter.CreateCounter<long>("mltr.scheduler.losses", "{lease}", "Leases taken back from a worker that is gone or silent.");

    public static readonly Counter<long> Reports = Meter.CreateCounter<long>("mltr.trials.reports", "{report}", "Reports of workers, by whether the trial took them.");

    public static readonly KeyValuePair<string, object?> Accepted = new("accepted", true);

    public static readonly KeyValuePair<string, object?> Refused = new("accepted", false);
}
