using System.Collections.Immutable;
using MlTr.Abstractions.Trials;

namespace MlTr.Grains.Sweeps;

/// <summary>What a sweep has on the disk beside the store.</summary>
public interface ISweepFiles
{
    /// <summary>Deletes the checkpoints of all its trials; none is fine.</summary>
    /// <exception cref="IOException">They cannot be deleted.</exception>
    void Delete(string sweepId);

    /// <summary>Deletes one checkpoint; none is fine.</summary>
    /// <exception cref="IOException">It cannot be deleted.</exception>
    void DeleteCheckpoint(TrialId trial, CheckpointSnapshot checkpoint);

    /// <summary>The files of a checkpoint as a ZIP archive, piece by piece; their checksums are checked first.</summary>
    /// <exception cref="CheckpointException">They are gone or damaged.</exception>
    IAsyncEnumerable<ImmutableArray<byte>> ReadCheckpointAsync(TrialId trial, CheckpointSnapshot checkpoint, CancellationToken cancellationToken);

    /// <summary>What is free on their disk, and how large it is, in bytes; null where that is not known.</summary>
    (long Free, long Total)? Space();
}
