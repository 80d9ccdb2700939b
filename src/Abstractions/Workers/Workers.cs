using System.Collections.Immutable;
using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Trials;

namespace MlTr.Abstractions.Workers;

/// <summary>What a worker does now.</summary>
public enum WorkerState
{
    /// <summary>Waits for work.</summary>
    Idle,

    /// <summary>Runs a trial or computes a part of an evaluation.</summary>
    Busy,

    /// <summary>Its process ended or it fell silent; it is gone until it calls again.</summary>
    Lost,
}

/// <summary>One worker: a process with one device.</summary>
/// <param name="Id">Its key, stable over restarts.</param>
/// <param name="Device"><c>cpu</c> or <c>cuda:N</c>.</param>
/// <param name="DeviceName">The device in words, with threads or memory.</param>
/// <param name="State">What it does now.</param>
/// <param name="Trial">The trial it runs.</param>
/// <param name="ProcessId">Its operating system process.</param>
/// <param name="MachineName">Its machine.</param>
/// <param name="StartedAt">When the process started.</param>
/// <param name="LastContact">When it last called.</param>
/// <param name="Restarts">How often it was started again since the control process started.</param>
/// <param name="MemoryBytes">Resident memory of the process.</param>
/// <param name="CompletedTrials">Trials it finished since its process started.</param>
/// <param name="Labels">What sweeps can ask for, as <see cref="WorkerLabels"/> writes it.</param>
/// <param name="Part">The part of an evaluation that it computes.</param>
[GenerateSerializer, Immutable, Alias("mltr.WorkerSnapshot")]
public sealed record WorkerSnapshot(
    [property: Id(0)] string Id,
    [property: Id(1)] string Device,
    [property: Id(2)] string DeviceName,
    [property: Id(3)] WorkerState State,
    [property: Id(4)] TrialId? Trial,
    [property: Id(5)] int ProcessId,
    [property: Id(6)] string MachineName,
    [property: Id(7)] DateTimeOffset StartedAt,
    [property: Id(8)] DateTimeOffset LastContact,
    [property: Id(9)] int Restarts,
    [property: Id(10)] long MemoryBytes,
    [property: Id(11)] int CompletedTrials,
    [property: Id(12)] string Labels = "",
    [property: Id(13)] PartId? Part = null)
{
    /// <summary>Who asked that it gets no new trial; null while it gets some.</summary>
    [Id(14)]
    public string? DrainedBy { get; init; }

    /// <summary>Whether it is there and has every label that is asked for, drained or not; see <see cref="WorkerLabels"/>.</summary>
    /// <exception cref="FormatException">The text that is asked for has a part that is no label.</exception>
    public bool Fits(string labels) => State != WorkerState.Lost && WorkerLabels.Match(WorkerLabels.Parse(labels), WorkerLabels.Parse(Labels));
}

/// <summary>A trial that waits, or a part of an evaluation of one.</summary>
/// <param name="Trial">The trial.</param>
/// <param name="Reason">Why it waits.</param>
/// <param name="Part">The part; null if the trial itself waits.</param>
[GenerateSerializer, Immutable, Alias("mltr.QueueEntry")]
public sealed record QueueEntry([property: Id(0)] TrialId Trial, [property: Id(1)] string Reason, [property: Id(2)] PartId? Part = null);

/// <summary>A pool's queue and workers.</summary>
[GenerateSerializer, Immutable, Alias("mltr.SchedulerSnapshot")]
public sealed record SchedulerSnapshot([property: Id(0)] ImmutableArray<QueueEntry> Queue, [property: Id(1)] ImmutableArray<WorkerSnapshot> Workers);

/// <summary>Shows a pool: who works and what waits. Keyed by pool.</summary>
[Alias("mltr.ISchedulerGrain")]
public interface ISchedulerGrain : IGrainWithStringKey
{
    /// <summary>The pool that every worker joins unless told otherwise.</summary>
    const string DefaultPool = "default";

    /// <summary>The pool as it is now.</summary>
    [Alias("GetSnapshot")]
    Task<SchedulerSnapshot> GetSnapshotAsync();

    /// <summary>Gives a worker no new trial; the one that it runs it brings to its end. Kept until it is resumed, over restarts of everything.</summary>
    /// <exception cref="KeyNotFoundException">No worker of that name has called in.</exception>
    [Alias("Drain")]
    Task DrainAsync(string workerId, string by);

    /// <summary>Gives a drained worker trials again; any other is left as it is.</summary>
    [Alias("Resume")]
    Task ResumeAsync(string workerId);

    /// <summary>Gives a drained worker trials again, and records who asked; any other is left as it is.</summary>
    [Alias("ResumeBy")]
    Task ResumeAsync(string workerId, string by);

    /// <summary>How much of the last hour and day each worker that has called in had work, by id.</summary>
    [Alias("GetUtilisation")]
    Task<ImmutableArray<WorkerUtilisation>> GetUtilisationAsync();

    /// <summary>What a worker ran, and what happened to it.</summary>
    /// <exception cref="KeyNotFoundException">Nothing is known of a worker of that name.</exception>
    [Alias("GetWorkerHistory")]
    Task<WorkerHistory> GetWorkerHistoryAsync(string workerId);

    /// <summary>The pool now and after every change, until cancelled.</summary>
    [Alias("Watch")]
    IAsyncEnumerable<SchedulerSnapshot> WatchAsync(CancellationToken cancellationToken = default);
}

/// <summary>One worker, on its own silo. Keyed by worker id.</summary>
[Alias("mltr.IWorkerGrain")]
public interface IWorkerGrain : IGrainWithStringKey
{
    /// <summary>Starts to ask the scheduler for trials. Called by the worker's own process; asking twice changes nothing.</summary>
    [Alias("Start")]
    Task StartAsync();
}
