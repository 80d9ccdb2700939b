using System.Collections.Immutable;
using MlTr.Abstractions.Trials;

namespace MlTr.Silo.Hosting;

internal sealed partial class StoppingClient
{
    public IAsyncEnumerable<ImmutableArray<byte>> ReadCheckpointAsync(TrialId trial, int attempt, long step, CancellationToken cancellationToken = default) =>
        UntilStop(token => client.ReadCheckpointAsync(trial, attempt, step, token), cancellationToken);

    public Task DeleteCheckpointAsync(TrialId trial, int attempt, long step, string reason = "on request", string by = "client") =>
        client.DeleteCheckpointAsync(trial, attempt, step, reason, by);
}
