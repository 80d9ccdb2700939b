using System.Collections.Immutable;
using MlTr.Abstractions.Accounts;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Models;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;
using MlTr.Grains.Evaluations;
using MlTr.Grains.Sweeps.Search;

namespace MlTr.Grains.Storage;

/// <summary>
/// The only durable truth. Each write method is one transaction, is durable when its task completes, and may share its commit with
/// others that wait at the same moment (group commit). A write names the version that it was decided on; if the row has moved on,
/// <see cref="StaleVersionException"/> says so and nothing is written.
/// </summary>
internal interface IExperimentStore
{
    /// <summary>The sweep and all of its trials, or null.</summary>
    Task<(SweepRow Sweep, ImmutableArray<TrialRow> Trials)?> LoadSweepAsync(string sweepId, CancellationToken cancellationToken = default);

    /// <summary>The sweep's own row, or null.</summary>
    Task<SweepRow?> LoadSweepRowAsync(string sweepId, CancellationToken cancellationToken = default);

    /// <summary>Newest first: those that are not deleted, or those that are.</summary>
    Task<ImmutableArray<SweepRow>> ListSweepsAsync(int skip, int take, bool deleted = false, CancellationToken cancellationToken = default);

    /// <summary>How sweeps stand by what is durable, in the order of their rows: lists show thousands, and no grain wakes for that.</summary>
    Task<ImmutableArray<SweepSnapshot>> DigestAsync(ImmutableArray<SweepRow> sweeps, CancellationToken cancellationToken = default);

    /// <summary>Bytes of the database itself, and of all recorded checkpoints.</summary>
    Task<(long Database, long Checkpoints)> MeasureAsync(CancellationToken cancellationToken = default);

    /// <summary>Ids of sweeps that have not ended, oldest first: also of a cancelled one that waits for its last trial to stop.</summary>
    Task<ImmutableArray<string>> ListUnfinishedSweepsAsync(CancellationToken cancellationToken = default);

    Task<TrialRow?> LoadTrialAsync(TrialId id, CancellationToken cancellationToken = default);

    /// <summary>Trials that are queued or running, over all sweeps: what a scheduler builds its queue and leases from.</summary>
    Task<ImmutableArray<TrialRow>> ListOpenTrialsAsync(CancellationToken cancellationToken = default);

    /// <summary>The best trials, best first, of all sweeps that rank by this objective, with the sweep's name and dataset; deleted sweeps are left out.</summary>
    Task<ImmutableArray<RankedRow>> ListRankedAsync(Objective objective, int take, CancellationToken cancellationToken = default);

    /// <summary>What a trial's grain needs to go on with it, in one snapshot; null if there is no such trial.</summary>
    Task<TrialHistory?> LoadTrialHistoryAsync(TrialId id, CancellationToken cancellationToken = default);

    /// <summary>Newest step first.</summary>
    Task<ImmutableArray<CheckpointSnapshot>> LoadCheckpointsAsync(TrialId id, CancellationToken cancellationToken = default);

    /// <summary>Oldest first; of one trial, or of the sweep and all its trials if <paramref name="trial"/> is null.</summary>
    Task<ImmutableArray<LifecycleEvent>> LoadEventsAsync(string sweepId, int? trial, CancellationToken cancellationToken = default);

    /// <summary>What happened of these kinds to a sweep itself, or to its trials, oldest first.</summary>
    Task<ImmutableArray<LifecycleEvent>> LoadSweepEventsAsync(string sweepId, ImmutableArray<string> kinds, bool ofTrials = false, CancellationToken cancellationToken = default);

    /// <summary>Curves by name; all names if none are given.</summary>
    Task<ImmutableArray<Curve>> LoadCurvesAsync(TrialId id, ImmutableArray<string> names, CancellationToken cancellationToken = default);

    /// <summary>A stretch of the curves, thinned as <see cref="CurveThinning"/> does.</summary>
    Task<ImmutableArray<Curve>> LoadCurvesAsync(TrialId id, ImmutableArray<string> names, CurveWindow window, CancellationToken cancellationToken = default);

    /// <summary>A stretch of one metric of some trials of a sweep, thinned; those without a point in it are left out.</summary>
    Task<ImmutableDictionary<int, Curve>> LoadSweepCurvesAsync(
        string sweepId, string metric, ImmutableArray<int> trials, CurveWindow window, CancellationToken cancellationToken = default);

    /// <summary>One metric of every trial of a sweep.</summary>
    Task<ImmutableDictionary<int, Curve>> LoadSweepCurvesAsync(string sweepId, string metric, CancellationToken cancellationToken = default);

    /// <summary>One value of a metric for each trial of a sweep, or for one; a trial without it is left out. No curve is read for that.</summary>
    /// <param name="sweepId">The sweep.</param>
    /// <param name="metric">What was measured.</param>
    /// <param name="bestBy">Reads where this was best; null for the last value.</param>
    /// <param name="pass">Reads at the end of this training pass of <paramref name="passes"/>, for trials that got so far; 0 for any.</param>
    /// <param name="passes">How many passes the trials take in all.</param>
    /// <param name="only">A trial; null for all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<ImmutableDictionary<int, double>> LoadMetricAsync(
        string sweepId, string metric, Objective? bestBy, long pass, long passes, int? only = null, CancellationToken cancellationToken = default);

    /// <summary>The trials that were trained from beginning to end in one attempt most recently, the newest first.</summary>
    Task<ImmutableArray<TimedTrial>> ListTimedTrialsAsync(int take, CancellationToken cancellationToken = default);

    /// <summary>Where a metric of a trial was best, of equal values the first; null if it was never measured.</summary>
    Task<long?> LoadBestStepAsync(TrialId id, Objective best, CancellationToken cancellationToken = default);

    Task<ImmutableArray<LogLine>> LoadLogAsync(TrialId id, int afterAttempt, int afterNumber, int limit, CancellationToken cancellationToken = default);

    /// <summary>
    /// Inserts or updates the sweep (version 0 inserts), inserts new trials (version 0) and updates existing ones, and appends events.
    /// Rows are written with their version raised by one. All or nothing.
    /// </summary>
    /// <exception cref="StaleVersionException">Some row has another version than the one given.</exception>
    Task SaveSweepAsync(SweepRow sweep, ImmutableArray<TrialRow> trials, ImmutableArray<NewEvent> events, CancellationToken cancellationToken = default);

    /// <summary>Removes a sweep with all that belongs to it. One that is not there is left alone.</summary>
    /// <exception cref="StaleVersionException">It has another version than the one given.</exception>
    Task RemoveSweepAsync(string sweepId, long version, CancellationToken cancellationToken = default);

    /// <summary>
    /// One decision about a trial: its row (version raised by one), and whatever else the change carries. Points, log lines and checkpoints
    /// that are there already stay as they are, so a repeat changes nothing.
    /// </summary>
    /// <exception cref="StaleVersionException">The trial's row has another version than the one given.</exception>
    Task SaveTrialAsync(TrialChange change, CancellationToken cancellationToken = default);

    /// <summary>The evaluation with its parts, or null.</summary>
    Task<EvaluationRow?> LoadEvaluationAsync(string evaluationId, CancellationToken cancellationToken = default);

    /// <summary>Ids of a trial's evaluations, newest first.</summary>
    Task<ImmutableArray<string>> ListEvaluationsAsync(TrialId trial, CancellationToken cancellationToken = default);

    /// <summary>Evaluations that have not ended, oldest first.</summary>
    Task<ImmutableArray<EvaluationRow>> ListUnfinishedEvaluationsAsync(CancellationToken cancellationToken = default);

    /// <summary>Inserts or updates an evaluation with its parts (version 0 inserts), and appends events. Its version is raised by one.</summary>
    /// <exception cref="StaleVersionException">It has another version than the one given, or its sweep is gone.</exception>
    Task SaveEvaluationAsync(EvaluationRow evaluation, ImmutableArray<NewEvent> events, CancellationToken cancellationToken = default);

    Task<DatasetSnapshot?> LoadDatasetAsync(string datasetId, CancellationToken cancellationToken = default);

    Task<ImmutableArray<string>> ListDatasetsAsync(CancellationToken cancellationToken = default);

    /// <summary>Inserts or updates a dataset's own row (its splits and shards are saved by <see cref="SaveShardAsync"/> and are left alone).</summary>
    Task SaveDatasetAsync(DatasetSnapshot dataset, CancellationToken cancellationToken = default);

    Task SaveShardAsync(string datasetId, ShardSnapshot shard, CancellationToken cancellationToken = default);

    Task<ShardSnapshot?> LoadShardAsync(string datasetId, string split, int number, CancellationToken cancellationToken = default);

    /// <summary>What people wrote on a sweep and its trials.</summary>
    Task<ImmutableArray<NoteRow>> LoadNotesAsync(string sweepId, CancellationToken cancellationToken = default);

    /// <summary>Inserts or replaces a note, and appends the event.</summary>
    /// <exception cref="StaleVersionException">Its sweep is gone.</exception>
    Task SaveNoteAsync(NoteRow note, NewEvent happened, CancellationToken cancellationToken = default);

    /// <summary>What waits in the outbox, the first due first.</summary>
    Task<ImmutableArray<DeliveryRow>> ListDeliveriesAsync(CancellationToken cancellationToken = default);

    /// <summary>Takes a delivery for one more attempt: its number is raised by one, and when it is due again is written before the attempt, so that a crash loses nothing.</summary>
    /// <exception cref="StaleVersionException">Somebody else took it.</exception>
    Task SaveDeliveryAsync(DeliveryRow delivery, CancellationToken cancellationToken = default);

    /// <summary>Writes how an attempt ended: an event if there is one, and the delivery is removed if it is over.</summary>
    /// <exception cref="StaleVersionException">Somebody else took it.</exception>
    Task EndDeliveryAsync(DeliveryRow delivery, NewEvent? happened, bool isOver, CancellationToken cancellationToken = default);

    /// <summary>The workers that get no new trial, by id.</summary>
    Task<ImmutableArray<DrainedWorker>> ListDrainedWorkersAsync(CancellationToken cancellationToken = default);

    /// <summary>Inserts or replaces one; an event is kept of one that was not there.</summary>
    Task SaveDrainedWorkerAsync(DrainedWorker worker, CancellationToken cancellationToken = default);

    /// <summary>Removes one, and keeps an event of who asked and when; none is fine, and leaves no event.</summary>
    Task RemoveDrainedWorkerAsync(DrainedWorker worker, CancellationToken cancellationToken = default);

    /// <summary>Appends an event; of each worker only the newest are kept.</summary>
    Task AddWorkerEventAsync(WorkerEvent happened, CancellationToken cancellationToken = default);

    /// <summary>What happened to a worker, newest first.</summary>
    Task<ImmutableArray<WorkerEvent>> ListWorkerEventsAsync(string workerId, CancellationToken cancellationToken = default);

    /// <summary>What a worker ran, newest first.</summary>
    Task<ImmutableArray<WorkerRun>> ListWorkerRunsAsync(string workerId, int take, CancellationToken cancellationToken = default);

    /// <summary>When workers had work: every attempt and part that had not ended before a moment, in no order.</summary>
    Task<ImmutableArray<WorkSpan>> ListWorkSpansAsync(DateTimeOffset since, CancellationToken cancellationToken = default);

    /// <summary>All users, by name.</summary>
    Task<ImmutableArray<UserRow>> ListUsersAsync(CancellationToken cancellationToken = default);

    Task<UserRow?> LoadUserAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Inserts or updates a user (version 0 inserts). Its version is raised by one.</summary>
    /// <exception cref="StaleVersionException">It has another version than the one given.</exception>
    /// <exception cref="NoAdminException">No user would be an admin; nothing was written.</exception>
    Task SaveUserAsync(UserRow user, CancellationToken cancellationToken = default);

    /// <summary>Removes a user with all tokens. One that is not there is left alone.</summary>
    /// <exception cref="NoAdminException">No user would be an admin; nothing was written.</exception>
    Task RemoveUserAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>A user's tokens, or all if null; the newest first.</summary>
    Task<ImmutableArray<TokenRow>> ListTokensAsync(string? user, CancellationToken cancellationToken = default);

    /// <summary>The token whose secret has that checksum, or null.</summary>
    Task<TokenRow?> FindTokenAsync(string sha256, CancellationToken cancellationToken = default);

    /// <summary>Inserts or replaces a token.</summary>
    /// <exception cref="StaleVersionException">Its user is gone.</exception>
    Task SaveTokenAsync(TokenRow token, CancellationToken cancellationToken = default);

    /// <summary>Writes when a token was used last and nothing else of it, so that this cannot take back a revocation.</summary>
    Task SaveTokenUseAsync(string id, DateTimeOffset time, CancellationToken cancellationToken = default);

    Task<ModelRow?> LoadModelAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>By name; also models without a version.</summary>
    Task<ImmutableArray<ModelRow>> ListModelsAsync(CancellationToken cancellationToken = default);

    /// <summary>Inserts (version 0) or updates a registered model; it is written with its version raised by one.</summary>
    /// <exception cref="StaleVersionException">It has another version than the one given.</exception>
    Task SaveModelAsync(ModelRow model, CancellationToken cancellationToken = default);
}

/// <summary>The sweep's row.</summary>
internal sealed record SweepRow(
    string Id,
    SweepSpec Spec,
    SweepState State,
    SearchState Search,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset? EndedAt,
    long Version);

/// <summary>What a search remembers: enough to continue exactly where it was.</summary>
/// <param name="Proposed">How many trials it has proposed.</param>
/// <param name="Exhausted">True once it will propose no more.</param>
/// <param name="Memory">What else the strategy needs, as JSON of its own.</param>
/// <param name="Rungs">What the stopping rule remembers.</param>
internal sealed record SearchState(int Proposed, bool Exhausted, string? Memory = null, StoppingState? Rungs = null);

/// <summary>The trial's row.</summary>
[GenerateSerializer, Immutable, Alias("mltr.TrialRow")]
internal sealed record TrialRow([property: Id(0)] TrialSnapshot Trial, [property: Id(1)] long Epoch, [property: Id(2)] long Version)
{
    public TrialId Id => Trial.Id;
}

/// <summary>A trial, what its sweep asks for, and its attempts in their order.</summary>
internal sealed record TrialHistory(TrialRow Row, SweepSpec Spec, ImmutableArray<AttemptSnapshot> Attempts);

internal sealed record RankedRow(TrialSnapshot Trial, string SweepName, string Dataset, ImmutableArray<string> SweepTags);

/// <summary>What people wrote on a sweep or on one of its trials.</summary>
internal sealed record NoteRow(string SweepId, int Trial, ImmutableArray<string> Tags, string Text)
{
    /// <summary>The number in the place of a trial's that means the sweep itself: trials are counted from 1.</summary>
    public const int OfSweep = 0;
}

/// <summary>A registered model's row: its versions and history are decided on, and kept, together.</summary>
internal sealed record ModelRow(ModelSnapshot Model, long Version);

/// <summary>A worker that gets no new trial: who asked for it, and when.</summary>
internal sealed record DrainedWorker(string WorkerId, string By, DateTimeOffset Time);

/// <summary>A user's row.</summary>
/// <param name="User">What is shown of it.</param>
/// <param name="PasswordHash">As ASP.NET Core Identity's hasher writes it.</param>
/// <param name="Stamp">Another one after each change of password or role.</param>
/// <param name="Version">Its concurrency token.</param>
internal sealed record UserRow(UserSnapshot User, string PasswordHash, string Stamp, long Version);

/// <summary>A token's row.</summary>
/// <param name="Token">What is shown of it.</param>
/// <param name="Sha256">Checksum of its secret, hexadecimal: a secret of 256 random bits needs no slow hash.</param>
internal sealed record TokenRow(TokenSnapshot Token, string Sha256);

/// <summary>The write would leave users without an admin among them.</summary>
internal sealed class NoAdminException() : Exception("No user would be an admin; nothing was written.");

/// <summary>A time with work; <paramref name="To"/> is null while it lasts.</summary>
internal readonly record struct WorkSpan(string Worker, DateTimeOffset From, DateTimeOffset? To);

/// <summary>A decision to record.</summary>
internal sealed record NewEvent(DateTimeOffset Time, string SweepId, int? Trial, string Kind, string Reason, string By)
{
    /// <summary>What is to be told elsewhere, written to the outbox in the same transaction.</summary>
    public Notice? Notice { get; init; }
}

/// <summary>What is told elsewhere of a sweep that has ended.</summary>
internal sealed record Notice(
    string Id, string Event, DateTimeOffset Time, string SweepId, string SweepName, string State, string Metric, double? Value, int? BestTrial);

/// <summary>A notice that waits in the outbox.</summary>
/// <param name="Notice">What is told.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="NextAt">When it is due.</param>
internal sealed record DeliveryRow(Notice Notice, int Attempts, DateTimeOffset NextAt);

/// <summary>One transaction of one trial.</summary>
internal sealed record TrialChange(TrialRow Row)
{
    /// <summary>Inserts the attempt or replaces it, by its number.</summary>
    public AttemptSnapshot? Attempt { get; init; }

    /// <summary>Marks the points of earlier attempts after <see cref="AttemptSnapshot.ResumedFromStep"/> as superseded by <see cref="Attempt"/>.</summary>
    public bool SupersedesLaterPoints { get; init; }

    /// <summary>The attempt that the points, lines and checkpoints belong to.</summary>
    public int AttemptNumber { get; init; }

    public ImmutableArray<MetricPoint> Points { get; init; } = [];

    public ImmutableArray<LogLine> LogLines { get; init; } = [];

    public ImmutableArray<CheckpointSnapshot> Checkpoints { get; init; } = [];

    /// <summary>Folders of checkpoints that no longer exist on disk.</summary>
    public ImmutableArray<string> RemovedCheckpointPaths { get; init; } = [];

    public ImmutableArray<NewEvent> Events { get; init; } = [];

    public DateTimeOffset Time { get; init; }
}

/// <summary>How long a trial took from beginning to end, validation and all.</summary>
/// <param name="Parameters">Its sweep's axes.</param>
/// <param name="Steps">Optimiser steps.</param>
/// <param name="Duration">Of its attempt.</param>
internal sealed record TimedTrial(ImmutableSortedDictionary<string, ParameterValue> Parameters, long Steps, TimeSpan Duration);

/// <summary>The row has moved on since it was read: whoever decided on the old one must read again.</summary>
internal sealed class StaleVersionException(string row) : Exception($"{row} was changed by somebody else; nothing was written.");
