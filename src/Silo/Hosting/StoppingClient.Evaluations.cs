using System.Collections.Immutable;
using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Trials;

namespace MlTr.Silo.Hosting;

internal sealed partial class StoppingClient
{
    public Task<EvaluationSnapshot> StartEvaluationAsync(EvaluationSpec spec, string by = "client") => client.StartEvaluationAsync(spec, by);

    public Task<EvaluationSnapshot> GetEvaluationAsync(string evaluationId) => client.GetEvaluationAsync(evaluationId);

    public Task<ImmutableArray<EvaluationSnapshot>> ListEvaluationsAsync(TrialId trial) => client.ListEvaluationsAsync(trial);

    public Task<EvaluationSnapshot> CancelEvaluationAsync(string evaluationId, string reason = "on request", string by = "client") => client.CancelEvaluationAsync(evaluationId, reason, by);

    public IAsyncEnumerable<ImmutableArray<EvaluationSnapshot>> WatchEvaluationsAsync(TrialId trial, CancellationToken cancellationToken = default) =>
        UntilStop(token => client.WatchEvaluationsAsync(trial, token), cancellationToken);
}
