using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Sweeps;

namespace MlTr.Grains.Tests.Fakes;

/// <summary>Remembers whose files were deleted.</summary>
internal sealed class FakeSweepFiles : ISweepFiles
{
    public ConcurrentQueue<string> Deleted { get; } = [];

    public (long Free, long Total)? Space() => (3, 4);

    public void Delete(string sweepId) => Deleted.Enqueue(sweepId);

    /// <summary>The checkpoints that were deleted, by their paths.</summary>
    public ConcurrentQueue<string> DeletedCheckpoints { get; } = [];

    /// <summary>Whose checkpoints cannot be deleted.</summary>
    public ConcurrentDictionary<TrialId, bool> Stuck { get; } = [];

    public void DeleteCheckpoint(TrialId trial, CheckpointSnapshot checkpoint)
    {
        if (Stuck.ContainsKey(trial))
        {
            throw new IOException("The disk is read-only.");
        }

        DeletedCheckpoints.Enqueue(checkpoint.Path);
    }

    public async IAsyncEnumerable<ImmutableArray<byte>> ReadCheckpointAsync(TrialId trial, CheckpointSnapshot checkpoint, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        yield return [(byte)checkpoint.Attempt];
        yield return [(byte)checkpoint.Step];
    }
}
