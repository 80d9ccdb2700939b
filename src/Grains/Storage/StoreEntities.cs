using System.Collections.Immutable;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Models;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;

namespace MlTr.Grains.Storage;

// The tables that Entity Framework maps, one class each. Metric points and log lines, which come in thousands, are written and read
// by the IPointTables instead. Classes are mutable because the change tracker needs it; they never leave this folder.

internal sealed class SweepEntity
{
    public required string Id { get; init; }

    /// <summary>Also inside the spec; here so that a person who lists the table sees it.</summary>
    public required string Name { get; set; }

    public required SweepState State { get; set; }

    public required SweepSpec Spec { get; set; }

    public required SearchState Search { get; set; }

    public required string CreatedBy { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public long Version { get; set; }

    public static SweepEntity New(SweepRow row) => new()
    {
        Id = row.Id,
        Name = row.Spec.Name,
        State = row.State,
        Spec = row.Spec,
        Search = row.Search,
        CreatedBy = row.CreatedBy,
        CreatedAt = row.CreatedAt,
        EndedAt = row.EndedAt,
        Version = 1,
    };

    /// <summary>Takes the row's values over and raises the version.</summary>
    public void Take(SweepRow row)
    {
        (Name, State, Spec, Search) = (row.Spec.Name, row.State, row.Spec, row.Search);
        (CreatedBy, CreatedAt, EndedAt, Version) = (row.CreatedBy, row.CreatedAt, row.EndedAt, row.Version + 1);
    }

    public SweepRow ToRow() => new(Id, Spec, State, Search, CreatedBy, CreatedAt, EndedAt, Version);
}

internal sealed class TrialEntity
{
    /// <summary>A short number for the points to refer to: a text key would be most of their size.</summary>
    public long TrialKey { get; init; }

    public required string SweepId { get; init; }

    public required int Number { get; init; }

    public TrialState State { get; set; }

    public long Step { get; set; }

    public long TotalSteps { get; set; }

    public double? Objective { get; set; }

    public ImmutableSortedDictionary<string, ParameterValue> Parameters { get; set; } = ImmutableSortedDictionary<string, ParameterValue>.Empty;

    public ImmutableSortedDictionary<string, double> Metrics { get; set; } = ImmutableSortedDictionary<string, double>.Empty;

    public int Attempts { get; set; }

    public string? Worker { get; set; }

    public string? Reason { get; set; }

    public DateTimeOffset QueuedAt { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public long Epoch { get; set; }

    public long Version { get; set; }

    public static TrialEntity New(TrialRow row)
    {
        var entity = new TrialEntity { SweepId = row.Id.SweepId, Number = row.Id.Number };
        entity.Take(row);
        return entity;
    }

    /// <summary>Takes the row's values over and raises the version.</summary>
    public void Take(TrialRow row)
    {
        var trial = row.Trial;
        (State, Step, TotalSteps, Parameters, Metrics) = (trial.State, trial.Step, trial.TotalSteps, trial.Parameters, trial.Metrics);
        Objective = trial.Objective is { } value && !double.IsNaN(value) ? value : null; // SQLite has no NaN, and a NaN cannot be ranked
        (Attempts, Worker, Reason) = (trial.Attempts, trial.Worker, trial.Reason);
        (QueuedAt, StartedAt, EndedAt) = (trial.QueuedAt, trial.StartedAt, trial.EndedAt);
        (Epoch, Version) = (row.Epoch, row.Version + 1);
    }

    public TrialSnapshot ToSnapshot() => new(
        new(SweepId, Number), State, Parameters, Step, TotalSteps, Objective, Metrics, Attempts, Worker, Reason, QueuedAt, StartedAt, EndedAt);

    public TrialRow ToRow() => new(ToSnapshot(), Epoch, Version);
}

internal sealed class AttemptEntity
{
    public required long TrialKey { get; init; }

    public required int Number { get; init; }

    public long Epoch { get; set; }

    public string Worker { get; set; } = "";

    public AttemptState State { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public long ResumedFromStep { get; set; }

    public string? Reason { get; set; }

    public string? Environment { get; set; }

    public FailureKind? Failure { get; set; }

    public void Take(AttemptSnapshot attempt)
    {
        Failure = attempt.Failure;
        (Epoch, Worker, State, StartedAt, EndedAt) = (attempt.Epoch, attempt.Worker, attempt.State, attempt.StartedAt, attempt.EndedAt);
        (ResumedFromStep, Reason, Environment) = (attempt.ResumedFromStep, attempt.Reason, attempt.Environment);
    }

    public AttemptSnapshot ToSnapshot() => new(Number, Epoch, Worker, State, StartedAt, EndedAt, ResumedFromStep, Reason, Environment, Failure);
}

internal sealed class CheckpointEntity
{
    public required long TrialKey { get; init; }

    public required string Path { get; init; }

    public int Attempt { get; set; }

    public long Step { get; set; }

    public long Bytes { get; set; }

    public string Sha256 { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    public void Take(CheckpointSnapshot checkpoint) => (Attempt, Step, Bytes, Sha256, CreatedAt) =
        (checkpoint.Attempt, checkpoint.Step, checkpoint.Bytes, checkpoint.Sha256, checkpoint.CreatedAt);

    public CheckpointSnapshot ToSnapshot() => new(Attempt, Step, Path, Bytes, Sha256, CreatedAt);
}

internal sealed class EventEntity
{
    public long Number { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required string SweepId { get; init; }

    public int? Trial { get; init; }

    public required string Kind { get; init; }

    public required string Reason { get; init; }

    public required string By { get; init; }

    public static EventEntity New(NewEvent added) => new()
    {
        Time = added.Time,
        SweepId = added.SweepId,
        Trial = added.Trial,
        Kind = added.Kind,
        Reason = added.Reason,
        By = added.By,
    };

    public LifecycleEvent ToSnapshot() => new(Number, Time, SweepId, Trial, Kind, Reason, By);
}

internal sealed class DatasetEntity
{
    public required string Id { get; init; }

    public string Format { get; set; } = "";

    public string Folder { get; set; } = "";

    public DatasetState State { get; set; }

    public double Progress { get; set; }

    public string? Problem { get; set; }

    public string Description { get; set; } = "";

    public ImmutableArray<string> Classes { get; set; } = [];

    public void Take(DatasetSnapshot dataset)
    {
        (Format, Folder, State, Progress) = (dataset.Format, dataset.Folder, dataset.State, dataset.Progress);
        (Problem, Description, Classes) = (dataset.Problem, dataset.Description, dataset.Classes.IsDefault ? [] : dataset.Classes);
    }
}

internal sealed class ShardEntity
{
    public required string DatasetId { get; init; }

    public required string Split { get; init; }

    public required int Number { get; init; }

    public int Images { get; set; }

    public string Sha256 { get; set; } = "";

    public ImmutableArray<int> ClassCounts { get; set; } = [];

    public ImmutableArray<string> BadFiles { get; set; } = [];

    public void Take(ShardSnapshot shard)
    {
        (Images, Sha256) = (shard.Images, shard.Sha256);
        ClassCounts = shard.ClassCounts.IsDefault ? [] : shard.ClassCounts;
        BadFiles = shard.BadFiles.IsDefault ? [] : shard.BadFiles;
    }

    public ShardSnapshot ToSnapshot() => new(Split, Number, Images, Sha256, ClassCounts, BadFiles);
}

internal sealed class ModelEntity
{
    public required string Name { get; init; }

    public ImmutableArray<ModelVersion> Versions { get; set; } = [];

    public ImmutableArray<ModelEvent> History { get; set; } = [];

    public long Version { get; set; }

    /// <summary>Takes the row's values over and raises the version.</summary>
    public void Take(ModelRow row) => (Versions, History, Version) = ([.. row.Model.Versions, .. row.Model.Deleted], row.Model.History, row.Version + 1);

    public ModelRow ToRow() =>
        new(new ModelSnapshot(Name, [.. Versions.Where(version => version.DeletedAt is null)], History) { Deleted = [.. Versions.Where(version => version.DeletedAt is not null)] }, Version);
}

internal sealed class NoteEntity
{
    public required string SweepId { get; init; }

    public required int Trial { get; init; }

    public ImmutableArray<string> Tags { get; set; } = [];

    public string Text { get; set; } = "";

    public NoteRow ToRow() => new(SweepId, Trial, Tags, Text);
}

internal sealed class DeliveryEntity
{
    public required string Id { get; init; }

    public required string SweepId { get; init; }

    public required Notice Notice { get; init; }

    public int Attempts { get; set; }

    public required DateTimeOffset NextAt { get; set; }

    public static DeliveryEntity New(Notice notice) => new() { Id = notice.Id, SweepId = notice.SweepId, Notice = notice, NextAt = notice.Time };

    public DeliveryRow ToRow() => new(Notice, Attempts, NextAt);
}

internal sealed class DrainedWorkerEntity
{
    public required string WorkerId { get; init; }

    public string By { get; set; } = "";

    public DateTimeOffset Time { get; set; }
}

internal sealed class WorkerEventEntity
{
    public long Number { get; init; }

    public required string WorkerId { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required WorkerEventKind Kind { get; init; }

    public required string Reason { get; init; }

    public required string By { get; init; }

    public static WorkerEventEntity New(WorkerEvent happened) => new()
    {
        WorkerId = happened.WorkerId,
        Time = happened.Time,
        Kind = happened.Kind,
        Reason = happened.Reason,
        By = happened.By,
    };

    public WorkerEvent ToSnapshot() => new(Time, WorkerId, Kind, Reason, By);
}
