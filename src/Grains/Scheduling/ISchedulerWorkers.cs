using MlTr.Abstractions.Trials;
using MlTr.Grains.Storage;
using MlTr.Grains.Trials;

namespace MlTr.Grains.Scheduling;

/// <summary>What a worker says of itself each time it calls.</summary>
[GenerateSerializer, Immutable, Alias("mltr.WorkerReport")]
internal sealed record WorkerReport(
    [property: Id(0)] string Id,
    [property: Id(1)] string Device,
    [property: Id(2)] string DeviceName,
    [property: Id(3)] int ProcessId,
    [property: Id(4)] string MachineName,
    [property: Id(5)] DateTimeOffset StartedAt,
    [property: Id(6)] long MemoryBytes,
    [property: Id(7)] int CompletedTrials,
    [property: Id(8)] string Labels = "");

/// <summary>A trial, or a part of an evaluation, handed to a worker, with the epoch that fences it.</summary>
[GenerateSerializer, Immutable, Alias("mltr.Assignment")]
internal sealed record Assignment([property: Id(0)] TrialId Trial, [property: Id(1)] long Epoch);

/// <summary>What a worker must do with the trial that it leases, and why.</summary>
[GenerateSerializer, Immutable, Alias("mltr.LeaseAnswer")]
internal sealed record LeaseAnswer([property: Id(0)] TrialDirective Directive, [property: Id(1)] string Reason = "");

/// <summary>The scheduler's side for workers and their supervisor. Implemented by the scheduler's grain.</summary>
[Alias("mltr.ISchedulerWorkers")]
internal interface ISchedulerWorkers : IGrainWithStringKey
{
    /// <summary>Asks for a trial and says that the worker is free. Answers when there is one, or null after a while: ask again.</summary>
    [Alias("Ask")]
    Task<Assignment?> AskAsync(WorkerReport worker);

    /// <summary>
    /// Renews the lease on a trial and says what to do with it: at once if that is anything but to go on, else when it becomes so, or to go on
    /// after <paramref name="patience"/>.
    /// </summary>
    [Alias("Renew")]
    Task<LeaseAnswer> RenewAsync(WorkerReport worker, TrialId trial, long epoch, TimeSpan patience);

    /// <summary>Gives a trial back unfinished: it waits again, after a delay.</summary>
    [Alias("Yield")]
    Task YieldAsync(string workerId, TrialId trial, long epoch, TimeSpan delay);

    /// <summary>The worker's process has ended, because it was asked to or by itself: its trial waits again at once.</summary>
    [Alias("WorkerExited")]
    Task WorkerExitedAsync(string workerId, string reason, bool asked);

    /// <summary>The supervisor started the worker again, so often in all.</summary>
    [Alias("WorkerRestarted")]
    Task WorkerRestartedAsync(string workerId, int restarts);
}

/// <summary>The scheduler's side for sweeps. Implemented by the scheduler's grain.</summary>
[Alias("mltr.ISchedulerQueue")]
internal interface ISchedulerQueue : IGrainWithStringKey
{
    /// <summary>Adds trials that wait; those known already stay as they are.</summary>
    [Alias("Enqueue")]
    Task EnqueueAsync(IReadOnlyList<QueuedTrial> trials, QueueRules rules);

    /// <summary>How many workers with these labels have called in and are not lost.</summary>
    [Alias("CountWorkers")]
    Task<int> CountWorkersAsync(string labels);

    /// <summary>A trial has ended.</summary>
    [Alias("Remove")]
    Task RemoveAsync(TrialId trial);

    /// <summary>A sweep was cancelled: its queue is dropped and its running trials stop at their next step.</summary>
    [Alias("StopSweep")]
    Task StopSweepAsync(string sweepId, string reason);

    /// <summary>One trial was cancelled: it leaves the queue, or stops at its next step.</summary>
    [Alias("StopTrial")]
    Task<bool> StopTrialAsync(TrialId trial, string reason);

    /// <summary>A trial that runs, as its row says, was cancelled: it stops at its next step, also if this scheduler did not know that it runs.</summary>
    [Alias("StopRunning")]
    Task StopRunningAsync(TrialRow row, string reason);

    /// <summary>A trial is held by its sweep's stopping rule: it gives way at its next step and is not handed out until released.</summary>
    [Alias("HoldTrial")]
    Task HoldTrialAsync(TrialId trial, string reason);

    /// <summary>A held trial may be queued again.</summary>
    [Alias("ReleaseTrial")]
    Task ReleaseTrialAsync(TrialId trial);

    /// <summary>A sweep was paused: none of its trials starts, and running ones give way at their next step.</summary>
    [Alias("PauseSweep")]
    Task PauseSweepAsync(string sweepId, string reason);

    /// <summary>A paused sweep goes on.</summary>
    [Alias("ResumeSweep")]
    Task ResumeSweepAsync(string sweepId);
}

/// <summary>A trial that waits, with the highest epoch it has had.</summary>
[GenerateSerializer, Immutable, Alias("mltr.QueuedTrial")]
internal sealed record QueuedTrial([property: Id(0)] TrialId Trial, [property: Id(1)] long Epoch);
