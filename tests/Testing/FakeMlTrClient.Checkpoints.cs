using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using MlTr.Abstractions.Trials;

namespace MlTr.Testing;

public sealed partial class FakeMlTrClient
{
    public async IAsyncEnumerable<ImmutableArray<byte>> ReadCheckpointAsync(TrialId trial, int attempt, long step, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        Checkpoint(trial, attempt, step);
        yield return [80, 75];
        yield return [3, 4];
    }

    public async Task DeleteCheckpointAsync(TrialId trial, int attempt, long step, string reason = "on request", string by = "client")
    {
        await Ask($"delete checkpoint {trial} {attempt} {step}");
        var gone = Checkpoint(trial, attempt, step);
        Trials[trial] = Trials[trial] with { Checkpoints = Trials[trial].Checkpoints.Remove(gone) };
    }

    private CheckpointSnapshot Checkpoint(TrialId trial, int attempt, long step) =>
        Trials[trial].Checkpoints.FirstOrDefault(one => one.Attempt == attempt && one.Step == step) ?? throw new KeyNotFoundException($"Trial {trial} has no checkpoint at step {step}.");
}
