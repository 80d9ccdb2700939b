using System.Collections.Immutable;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Sweeps;

namespace MlTr.Bench.Platform;

/// <summary>Trials that do nothing leave nothing.</summary>
internal sealed class NoFiles : ISweepFiles
{
    public void Delete(string sweepId)
    {
    }

    public void DeleteCheckpoint(TrialId trial, CheckpointSnapshot checkpoint)
    {
    }

    public IAsyncEnumerable<ImmutableArray<byte>> ReadCheckpointAsync(TrialId trial, CheckpointSnapshot checkpoint, CancellationToken cancellationToken) =>
        AsyncEnumerable.Empty<ImmutableArray<byte>>();

    public (long Free, long Total)? Space() => null;
}
