using System.Collections.Immutable;
using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;
using MlTr.Grains.Scheduling;

namespace MlTr.Grains.Evaluations;

/// <summary>The evaluation's row, with those of its parts.</summary>
internal sealed record EvaluationRow(
    string Id,
    EvaluationSpec Spec,
    EvaluationState State,
    string Reason,
    EvaluationPlan Plan,
    ImmutableArray<PartRow> Parts,
    EvaluationFigures Figures,
    string? Device,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset? EndedAt,
    long Version)
{
    public bool IsFinal => EndedAt is not null;

    public bool IsComputed => Parts.All(part => part.State == PartState.Done);

    public PartRow Part(int number) => Parts[number - 1];

    public EvaluationRow With(PartRow part) => this with { Parts = Parts.SetItem(part.Number - 1, part) };

    /// <summary>Its place among the sweeps: the priority and labels of its own sweep, and workers of one kind of device, since another rounds differently.</summary>
    public QueueRules Rules(SweepSpec sweep)
    {
        var labels = WorkerLabels.Parse(sweep.WorkerLabels);
        return new QueueRules(0, sweep.Priority, WorkerLabels.Write(Device is null ? labels : labels.SetItem("device", Device)));
    }
}

/// <summary>A part's row.</summary>
/// <param name="Number">From 1.</param>
/// <param name="State">Where it is.</param>
/// <param name="Pictures">How many pictures it has.</param>
/// <param name="Epoch">The highest epoch that it was begun with.</param>
/// <param name="Worker">Who has it, or had it last.</param>
/// <param name="Losses">How many of its workers died, one after another.</param>
/// <param name="File">What counts, once it is done.</param>
/// <param name="StartedAt">When <paramref name="Worker"/> began.</param>
/// <param name="EndedAt">When it ended, done or not; null while it computes.</param>
internal sealed record PartRow(
    int Number,
    PartState State,
    int Pictures,
    long Epoch = 0,
    string? Worker = null,
    int Losses = 0,
    string? File = null,
    DateTimeOffset? StartedAt = null,
    DateTimeOffset? EndedAt = null)
{
    /// <summary>Another worker has begun.</summary>
    public PartRow Begun(string worker, long epoch, DateTimeOffset now) => this with { State = PartState.Running, Worker = worker, Epoch = epoch, StartedAt = now, EndedAt = null };

    /// <summary>Its worker has ended without its pictures.</summary>
    public PartRow Waits(DateTimeOffset now) => this with { State = PartState.Waiting, EndedAt = now };
}

/// <summary>To the scheduler, a part is a numbered piece of work like a trial, and its evaluation is what a sweep is.</summary>
internal static class PartWork
{
    public static TrialId ToWork(this PartId part) => new(part.Evaluation, part.Number);

    /// <summary>The part behind a piece of work; null if it is a trial.</summary>
    public static PartId? ToPart(this TrialId work) => IsEvaluation(work.SweepId) ? new PartId(work.SweepId, work.Number) : null;

    /// <summary>Whether an id is an evaluation's: no sweep's has a slash.</summary>
    public static bool IsEvaluation(string id) => id.Contains('/', StringComparison.Ordinal);
}
