using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Trials;

namespace MlTr.Testing;

public sealed partial class FakeMlTrClient
{
    public ConcurrentDictionary<string, EvaluationSnapshot> Evaluations { get; } = [];

    /// <summary>The evaluations that were asked for, in order.</summary>
    public ConcurrentQueue<EvaluationSpec> EvaluationSpecs { get; } = [];

    public Task<EvaluationSnapshot> StartEvaluationAsync(EvaluationSpec spec, string by = "client")
    {
        ThrowIfFailing();
        EvaluationSpecs.Enqueue(spec);
        var id = $"{spec.Trial}/{EvaluationSpecs.Count}";
        return Task.FromResult(Publish(new EvaluationSnapshot(
            id,
            spec with { Dataset = spec.Dataset ?? "marks", ImageSize = spec.ImageSize ?? 64 },
            EvaluationState.Queued,
            "waits for a worker",
            100,
            [new PartSnapshot(1, PartState.Waiting, 10, 0, null)],
            ImmutableSortedDictionary<string, double>.Empty,
            ImmutableSortedDictionary<string, double>.Empty,
            null,
            by,
            DateTimeOffset.UnixEpoch,
            null)));
    }

    public Task<EvaluationSnapshot> GetEvaluationAsync(string evaluationId)
    {
        ThrowIfFailing();
        return Task.FromResult(Evaluations.TryGetValue(evaluationId, out var known) ? known : throw new KeyNotFoundException($"There is no evaluation '{evaluationId}'."));
    }

    public Task<ImmutableArray<EvaluationSnapshot>> ListEvaluationsAsync(TrialId trial)
    {
        ThrowIfFailing();
        return Task.FromResult(Evaluations.Values.Where(known => known.Spec.Trial == trial).OrderByDescending(known => known.CreatedAt).ThenByDescending(known => known.Id, StringComparer.Ordinal).ToImmutableArray());
    }

    public async Task<EvaluationSnapshot> CancelEvaluationAsync(string evaluationId, string reason = "on request", string by = "client") =>
        Publish(await GetEvaluationAsync(evaluationId) with { State = EvaluationState.Cancelled, Reason = reason, EndedAt = DateTimeOffset.UnixEpoch });

    public async IAsyncEnumerable<ImmutableArray<EvaluationSnapshot>> WatchEvaluationsAsync(TrialId trial, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var evaluations in WatchAsync<ImmutableArray<EvaluationSnapshot>>(some => some[0].Spec.Trial == trial, [await ListEvaluationsAsync(trial)], cancellationToken))
        {
            yield return evaluations;
        }
    }

    /// <summary>Makes an evaluation, or a change of it, known.</summary>
    public EvaluationSnapshot Publish(EvaluationSnapshot evaluation)
    {
        Tell(ImmutableArray.Create(Evaluations[evaluation.Id] = evaluation));
        return evaluation;
    }
}
