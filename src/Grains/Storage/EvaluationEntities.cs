using System.Collections.Immutable;
using MlTr.Abstractions.Evaluations;
using MlTr.Grains.Evaluations;

namespace MlTr.Grains.Storage;

internal sealed class EvaluationEntity
{
    public required string Id { get; init; }

    public required string SweepId { get; init; }

    public required int Trial { get; init; }

    public EvaluationState State { get; set; }

    public string Reason { get; set; } = "";

    public required EvaluationSpec Spec { get; set; }

    public required EvaluationPlan Plan { get; set; }

    public string? Device { get; set; }

    public ImmutableSortedDictionary<string, double> Metrics { get; set; } = ImmutableSortedDictionary<string, double>.Empty;

    public ImmutableSortedDictionary<string, double> ClassAveragePrecision { get; set; } = ImmutableSortedDictionary<string, double>.Empty;

    public string CreatedBy { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public long Version { get; set; }

    public static EvaluationEntity New(EvaluationRow row)
    {
        var entity = new EvaluationEntity { Id = row.Id, SweepId = row.Spec.Trial.SweepId, Trial = row.Spec.Trial.Number, Spec = row.Spec, Plan = row.Plan };
        entity.Take(row);
        return entity;
    }

    /// <summary>Takes the row's values over and raises the version.</summary>
    public void Take(EvaluationRow row)
    {
        (State, Reason, Device, Version) = (row.State, row.Reason, row.Device, row.Version + 1);
        (Metrics, ClassAveragePrecision) = (row.Figures.Metrics, row.Figures.ClassAveragePrecision);
        (CreatedBy, CreatedAt, EndedAt) = (row.CreatedBy, row.CreatedAt, row.EndedAt);
    }

    public EvaluationRow ToRow(IEnumerable<EvaluationPartEntity> parts) => new(
        Id,
        Spec,
        State,
        Reason,
        Plan,
        [.. parts.OrderBy(part => part.Number).Select(part => part.ToRow())],
        new EvaluationFigures(Metrics, ClassAveragePrecision),
        Device,
        CreatedBy,
        CreatedAt,
        EndedAt,
        Version);
}

internal sealed class EvaluationPartEntity
{
    public required string EvaluationId { get; init; }

    public required int Number { get; init; }

    public PartState State { get; set; }

    public int Pictures { get; set; }

    public long Epoch { get; set; }

    public string? Worker { get; set; }

    public int Losses { get; set; }

    public string? File { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public void Take(PartRow part) => (State, Pictures, Epoch, Worker, Losses, File, StartedAt, EndedAt) =
        (part.State, part.Pictures, part.Epoch, part.Worker, part.Losses, part.File, part.StartedAt, part.EndedAt);

    public PartRow ToRow() => new(Number, State, Pictures, Epoch, Worker, Losses, File, StartedAt, EndedAt);
}
