using System.Collections.Immutable;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Trials;

namespace MlTr.Abstractions.Sweeps;

/// <summary>Where a sweep is in its life.</summary>
public enum SweepState
{
    /// <summary>Has trials to run.</summary>
    Running,

    /// <summary>Every trial has its result.</summary>
    Completed,

    /// <summary>Every trial has ended, at least one without a result.</summary>
    Failed,

    /// <summary>A person stopped it.</summary>
    Cancelled,

    /// <summary>A person holds it: no trial starts, and the running ones have given way with a checkpoint.</summary>
    Paused,

    /// <summary>Ended, and a person threw it away: lists and leaderboards leave it out, and it can be restored until it is purged.</summary>
    Deleted,
}

/// <summary>What is asked cannot be done with a sweep in its state; the message says what to do first.</summary>
[GenerateSerializer, Alias("mltr.SweepStateException")]
public sealed class SweepStateException(string message) : Exception(message);

/// <summary>One sweep as lists show it.</summary>
/// <param name="Id">Its key, part of every address.</param>
/// <param name="Spec">What was asked for.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="Counts">How many trials are in each state; trials not yet proposed count as queued.</param>
/// <param name="Progress">Share of the work done, 0..1, running trials counted by their steps.</param>
/// <param name="Best">The best trial by the objective.</param>
/// <param name="Waiting">What the sweep waits for before any trial can run, in words.</param>
/// <param name="CreatedAt">When it was started.</param>
/// <param name="EndedAt">When its last trial ended.</param>
[GenerateSerializer, Immutable, Alias("mltr.SweepSnapshot")]
public sealed record SweepSnapshot(
    [property: Id(0)] string Id,
    [property: Id(1)] SweepSpec Spec,
    [property: Id(2)] SweepState State,
    [property: Id(3)] ImmutableSortedDictionary<TrialState, int> Counts,
    [property: Id(4)] double Progress,
    [property: Id(5)] TrialSnapshot? Best,
    [property: Id(6)] string? Waiting,
    [property: Id(7)] DateTimeOffset CreatedAt,
    [property: Id(8)] DateTimeOffset? EndedAt)
{
    /// <summary>What people sort it by.</summary>
    [Id(9)]
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>How long earlier pauses took, all together.</summary>
    [Id(10)]
    public TimeSpan PausedFor { get; init; }

    /// <summary>Since when a person holds it; null if nobody does.</summary>
    [Id(11)]
    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>Who started it; empty where nobody said.</summary>
    [Id(12)]
    public string StartedBy { get; init; } = "";

    /// <summary>The tag of a sweep that was set aside.</summary>
    public const string ArchivedTag = "archived";

    /// <summary>True if it was set aside and nothing of it runs: lists show it only to those who ask.</summary>
    public bool IsArchived => EndedAt is not null && Tags.Contains(ArchivedTag, StringComparer.OrdinalIgnoreCase);

    /// <summary>Trials in all.</summary>
    public int TrialCount => Counts.Values.Sum();

    /// <summary>True once it has ended; only a person can make it go on, by running trials again or by asking for more.</summary>
    public bool IsFinal => State is not (SweepState.Running or SweepState.Paused);
}

/// <summary>Something that happened in a sweep and is durable. Exactly one of the three is set.</summary>
/// <param name="Sweep">The sweep changed.</param>
/// <param name="Trial">A trial changed.</param>
/// <param name="Points">New metric points.</param>
[GenerateSerializer, Immutable, Alias("mltr.SweepEvent")]
public sealed record SweepEvent(
    [property: Id(0)] SweepSnapshot? Sweep = null,
    [property: Id(1)] TrialSnapshot? Trial = null,
    [property: Id(2)] TrialPoints? Points = null);

/// <summary>Metric points that one attempt of one trial has just made durable.</summary>
[GenerateSerializer, Immutable, Alias("mltr.TrialPoints")]
public sealed record TrialPoints([property: Id(0)] TrialId Trial, [property: Id(1)] int Attempt, [property: Id(2)] ImmutableArray<MetricPoint> Points);

/// <summary>Owns one sweep: its spec, its trials and the search that proposes them. Keyed by sweep id.</summary>
[Alias("mltr.ISweepGrain")]
public interface ISweepGrain : IGrainWithStringKey
{
    /// <summary>Starts the sweep. Starting a started sweep changes nothing.</summary>
    /// <exception cref="SweepSpecException">The spec has errors; the exception lists all of them.</exception>
    [Alias("Start")]
    Task StartAsync(SweepSpec spec, string by);

    /// <summary>Stops the sweep: queued trials are cancelled at once, running ones at their next step. Cancelling an ended sweep changes nothing.</summary>
    [Alias("Cancel")]
    Task CancelAsync(string by, string reason);

    /// <summary>Holds the sweep: no trial starts, running ones leave a checkpoint at their next step and wait. Pausing a sweep that does not run changes nothing.</summary>
    [Alias("Pause")]
    Task PauseAsync(string by, string reason);

    /// <summary>Goes on with a paused sweep; any other is left as it is.</summary>
    [Alias("Resume")]
    Task ResumeAsync(string by, string reason);

    /// <summary>Stops one trial: at once if it waits, at its next step if it runs. A trial that has ended is left as it is.</summary>
    /// <exception cref="KeyNotFoundException">There is no such trial.</exception>
    [Alias("CancelTrial")]
    Task CancelTrialAsync(int number, string by, string reason);

    /// <summary>
    /// Lets trials that ended without a result (failed or cancelled) wait for a worker again: those listed, or all if none is. Each goes on from its last
    /// checkpoint. Trials with a result, and those under way, are left as they are.
    /// </summary>
    /// <returns>How many wait again.</returns>
    /// <exception cref="KeyNotFoundException">There is no such trial.</exception>
    [Alias("Retry")]
    Task<int> RetryAsync(ImmutableArray<int> numbers, string by, string reason);

    /// <summary>Asks for more: the same spec with a larger budget, or with more grid values. What was proposed before is not proposed again.</summary>
    /// <returns>How many trials were added.</returns>
    /// <exception cref="SweepSpecException">The spec has errors, asks for no more, or differs in more than budget, grid values, name, priority and limit.</exception>
    [Alias("Extend")]
    Task<int> ExtendAsync(SweepSpec wider, string by);

    /// <summary>Throws an ended sweep away: lists and leaderboards leave it out. Nothing is lost until it is purged. Deleting a deleted sweep changes nothing.</summary>
    /// <exception cref="SweepStateException">It has not ended; the message says what to do.</exception>
    [Alias("Delete")]
    Task DeleteAsync(string by, string reason);

    /// <summary>Takes a deleted sweep back as it was; any other is left as it is.</summary>
    [Alias("Restore")]
    Task RestoreAsync(string by, string reason);

    /// <summary>Removes a deleted sweep for good: its rows, curves, logs and checkpoints. Purging one that is gone changes nothing.</summary>
    /// <exception cref="SweepStateException">It was not deleted before.</exception>
    [Alias("Purge")]
    Task PurgeAsync(string by);

    /// <summary>Sets an ended sweep aside, or takes it back: the dashboard's lists leave it out, leaderboards and its address keep it. It has the tag <c>archived</c> until then, or until it goes on.</summary>
    /// <exception cref="SweepStateException">It has not ended; the message says what to do.</exception>
    [Alias("SetArchived")]
    Task SetArchivedAsync(bool archived, string by);

    /// <summary>Replaces the tags of a trial, or of the sweep itself if <paramref name="trial"/> is null.</summary>
    /// <exception cref="Notes.NotesException">One of them is no tag.</exception>
    [Alias("SetTags")]
    Task<ImmutableArray<string>> SetTagsAsync(int? trial, ImmutableArray<string> tags, string by);

    /// <summary>Replaces the notes of a trial, or of the sweep itself if <paramref name="trial"/> is null.</summary>
    /// <exception cref="Notes.NotesException">They are too long.</exception>
    [Alias("SetNotes")]
    Task SetNotesAsync(int? trial, string markdown, string by);

    /// <summary>The notes of a trial, or of the sweep itself if <paramref name="trial"/> is null; empty if there are none.</summary>
    [Alias("GetNotes")]
    Task<string> GetNotesAsync(int? trial);

    /// <summary>The notes of a trial, or of the sweep itself if <paramref name="trial"/> is null, now and whenever somebody saves them, until cancelled.</summary>
    [Alias("WatchNotes")]
    IAsyncEnumerable<string> WatchNotesAsync(int? trial, CancellationToken cancellationToken = default);

    /// <summary>Every decision about the sweep and its trials, oldest first: what, when, by whom and why.</summary>
    [Alias("GetEvents")]
    Task<ImmutableArray<LifecycleEvent>> GetEventsAsync();

    /// <summary>The sweep as it is now.</summary>
    /// <exception cref="KeyNotFoundException">There is no such sweep.</exception>
    [Alias("GetSnapshot")]
    Task<SweepSnapshot> GetSnapshotAsync();

    /// <summary>All trials by number.</summary>
    [Alias("GetTrials")]
    Task<ImmutableArray<TrialSnapshot>> GetTrialsAsync();

    /// <summary>The valid points of one metric for every trial: what the sweep's page draws before it follows live.</summary>
    [Alias("GetCurves")]
    Task<ImmutableDictionary<int, Curve>> GetCurvesAsync(string metric);

    /// <summary>One metric's curves of some trials, thinned to at most so many points each.</summary>
    [Alias("GetCurvesOf")]
    Task<ImmutableDictionary<int, Curve>> GetCurvesOfAsync(string metric, ImmutableArray<int> trials, CurveWindow window);

    /// <summary>One value of a metric's curve for each trial that has it, or for those named.</summary>
    [Alias("GetMetric")]
    Task<ImmutableDictionary<int, double>> GetMetricAsync(MetricPick pick, ImmutableArray<int> trials);

    /// <summary>Follows the sweep: first its state, then every durable change, until cancelled. Its trials are asked for by <see cref="GetTrialsAsync"/>.</summary>
    [Alias("WatchChanges")]
    IAsyncEnumerable<SweepEvent> WatchChangesAsync(CancellationToken cancellationToken = default);

    /// <summary>Follows the sweep: first its state and all trials, then every durable change, until cancelled. Never completes by itself before the sweep is final.</summary>
    [Alias("Watch")]
    IAsyncEnumerable<SweepEvent> WatchAsync(CancellationToken cancellationToken = default);
}

/// <summary>Lists sweeps, newest first. One grain, keyed <see cref="Key"/>.</summary>
[Alias("mltr.ISweepDirectoryGrain")]
public interface ISweepDirectoryGrain : IGrainWithStringKey
{
    /// <summary>The only key.</summary>
    const string Key = "all";

    /// <summary>The newest sweeps: those that are not deleted, or those that are.</summary>
    [Alias("List")]
    Task<ImmutableArray<SweepSnapshot>> ListAsync(int skip = 0, int take = 100, bool deleted = false);

    /// <summary>What all sweeps together take of the disk.</summary>
    [Alias("GetStorage")]
    Task<StorageSnapshot> GetStorageAsync();

    /// <summary>How long a sweep would take with the workers that are there now, by what trials like its own took.</summary>
    /// <exception cref="SweepSpecException">The spec has errors.</exception>
    [Alias("Estimate")]
    Task<SweepEstimate> EstimateAsync(SweepSpec spec);

    /// <summary>Each sweep when it changes, at most a few times a second each.</summary>
    [Alias("Watch")]
    IAsyncEnumerable<SweepSnapshot> WatchAsync(CancellationToken cancellationToken = default);
}
