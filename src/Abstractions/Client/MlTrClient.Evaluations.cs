using System.Collections.Immutable;
using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Trials;

namespace MlTr.Abstractions.Client;

public partial interface IMlTrClient
{
    /// <summary>Starts to evaluate a checkpoint: the workers that are free share the split, and the figures are those of a single one, to the bit.</summary>
    /// <exception cref="EvaluationException">It cannot be; the message says what to do.</exception>
    /// <exception cref="KeyNotFoundException">There is no such trial or dataset.</exception>
    Task<EvaluationSnapshot> StartEvaluationAsync(EvaluationSpec spec, string by = "client");

    /// <summary>One evaluation.</summary>
    /// <exception cref="KeyNotFoundException">There is no such evaluation.</exception>
    Task<EvaluationSnapshot> GetEvaluationAsync(string evaluationId);

    /// <summary>A trial's evaluations, newest first.</summary>
    Task<ImmutableArray<EvaluationSnapshot>> ListEvaluationsAsync(TrialId trial);

    /// <summary>A trial's evaluations now, newest first, then those that have changed or are new.</summary>
    IAsyncEnumerable<ImmutableArray<EvaluationSnapshot>> WatchEvaluationsAsync(TrialId trial, CancellationToken cancellationToken = default);

    /// <summary>Stops an evaluation; one that has ended stays as it is.</summary>
    Task<EvaluationSnapshot> CancelEvaluationAsync(string evaluationId, string reason = "on request", string by = "client");
}

public sealed partial class MlTrClient
{
    /// <inheritdoc />
    public Task<EvaluationSnapshot> StartEvaluationAsync(EvaluationSpec spec, string by = "client") => Evaluation(EvaluationIds.New(spec.Trial, clock.GetUtcNow())).StartAsync(spec, by);

    /// <inheritdoc />
    public Task<EvaluationSnapshot> GetEvaluationAsync(string evaluationId) => Evaluation(evaluationId).GetSnapshotAsync();

    /// <inheritdoc />
    public async Task<ImmutableArray<EvaluationSnapshot>> ListEvaluationsAsync(TrialId trial)
    {
        var ids = await grains.GetGrain<IEvaluationDirectoryGrain>(trial.ToString()).ListAsync();
        return [.. await Task.WhenAll(ids.Select(GetEvaluationAsync))];
    }

    /// <inheritdoc />
    public Task<EvaluationSnapshot> CancelEvaluationAsync(string evaluationId, string reason = "on request", string by = "client") => Evaluation(evaluationId).CancelAsync(by, reason);

    /// <inheritdoc />
    public IAsyncEnumerable<ImmutableArray<EvaluationSnapshot>> WatchEvaluationsAsync(TrialId trial, CancellationToken cancellationToken = default) =>
        grains.GetGrain<IEvaluationDirectoryGrain>(trial.ToString()).WatchAsync(cancellationToken);

    private IEvaluationGrain Evaluation(string id) => grains.GetGrain<IEvaluationGrain>(id);
}
