using System.Collections.Immutable;
using Microsoft.EntityFrameworkCore;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Evaluations;

namespace MlTr.Grains.Storage;

internal abstract partial class RelationalExperimentStore
{
    public Task<EvaluationRow?> LoadEvaluationAsync(string evaluationId, CancellationToken cancellationToken = default) =>
        ReadAsync(
            reader => reader.Context.Evaluations.AsNoTracking().SingleOrDefault(row => row.Id == evaluationId)?
                .ToRow(reader.Context.EvaluationParts.AsNoTracking().Where(part => part.EvaluationId == evaluationId)),
            cancellationToken);

    public Task<ImmutableArray<string>> ListEvaluationsAsync(TrialId trial, CancellationToken cancellationToken = default) =>
        ReadAsync<ImmutableArray<string>>(reader =>
        [
            .. reader.Context.Evaluations
                .Where(row => row.SweepId == trial.SweepId && row.Trial == trial.Number)
                .OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id)
                .Select(row => row.Id),
        ], cancellationToken);

    public Task<ImmutableArray<EvaluationRow>> ListUnfinishedEvaluationsAsync(CancellationToken cancellationToken = default) =>
        ReadAsync<ImmutableArray<EvaluationRow>>(reader =>
        {
            var rows = reader.Context.Evaluations.AsNoTracking().Where(row => row.EndedAt == null).OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).ToList();
            var ids = rows.Select(row => row.Id).ToList();
            var parts = reader.Context.EvaluationParts.AsNoTracking().Where(part => ids.Contains(part.EvaluationId)).AsEnumerable().ToLookup(part => part.EvaluationId);
            return [.. rows.Select(row => row.ToRow(parts[row.Id]))];
        }, cancellationToken);

    public Task SaveEvaluationAsync(EvaluationRow evaluation, ImmutableArray<NewEvent> events, CancellationToken cancellationToken = default) => WriteAsync(session =>
    {
        var context = session.Context;
        var row = context.Evaluations.Find(evaluation.Id);
        if ((row?.Version ?? 0) != evaluation.Version || (row is null && !context.Sweeps.Any(sweep => sweep.Id == evaluation.Spec.Trial.SweepId)))
        {
            throw new StaleVersionException($"Evaluation {evaluation.Id}");
        }

        if (row is null)
        {
            context.Evaluations.Add(EvaluationEntity.New(evaluation));
        }
        else
        {
            row.Take(evaluation);
        }

        var known = context.EvaluationParts.Where(part => part.EvaluationId == evaluation.Id).ToDictionary(part => part.Number);
        foreach (var part in evaluation.Parts)
        {
            var entity = known.GetValueOrDefault(part.Number) ?? context.EvaluationParts.Add(new() { EvaluationId = evaluation.Id, Number = part.Number }).Entity;
            entity.Take(part);
        }

        context.Events.AddRange(events.Select(EventEntity.New));
        Save(context, $"Evaluation {evaluation.Id}");
    }, cancellationToken);
}
