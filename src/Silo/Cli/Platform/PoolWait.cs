using System.Collections.Immutable;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Workers;

namespace MlTr.Silo.Cli.Platform;

/// <summary>Says why a sweep's trials cannot begin before somebody does something: no worker takes them.</summary>
internal static class PoolWait
{
    /// <returns>The reason and what to do, in a line; null while some worker takes the trials, or none of them waits.</returns>
    public static string? Of(SchedulerSnapshot pool, string sweepId, SweepSpec spec)
    {
        ImmutableArray<WorkerSnapshot> able = [.. pool.Workers.Where(worker => worker.Fits(spec.WorkerLabels))];
        return !pool.Queue.Any(entry => entry.Part is null && entry.Trial.SweepId == sweepId) || able.Any(worker => worker.DrainedBy is null) ? null
            : pool.Workers.All(worker => worker.State == WorkerState.Lost) ? "waits: no worker is there; they come with a platform that runs (serve), and workers lists them"
            : able.IsEmpty ? $"waits: no worker has the labels {spec.WorkerLabels}; workers --json lists those there are with their labels"
            : able is [var only] ? $"waits: its only worker is drained; worker resume {only.Id} lets it work again"
            : $"waits: all {able.Length} workers are drained; worker resume {able[0].Id} lets that one work again, as for {string.Join(", ", able.Skip(1).Select(worker => worker.Id))}";
    }
}
