using System.Collections.Immutable;
using MlTr.Abstractions.Trials;

namespace MlTr.Abstractions.Client;

public partial interface IMlTrClient
{
    /// <summary>A checkpoint as a ZIP archive, piece by piece: unpacked, it is a folder that <c>predict --model</c> reads.</summary>
    /// <exception cref="KeyNotFoundException">There is no such trial or checkpoint.</exception>
    /// <exception cref="CheckpointException">Its files are gone or damaged.</exception>
    IAsyncEnumerable<ImmutableArray<byte>> ReadCheckpointAsync(TrialId trial, int attempt, long step, CancellationToken cancellationToken = default);

    /// <summary>Removes a checkpoint of a trial that has ended, for good. Models that were registered from it are copies, and stay.</summary>
    /// <exception cref="KeyNotFoundException">There is no such trial or checkpoint.</exception>
    /// <exception cref="CheckpointException">The trial may still go on from it, or its files cannot be removed; the message says what to do.</exception>
    Task DeleteCheckpointAsync(TrialId trial, int attempt, long step, string reason = "on request", string by = "client");
}

public sealed partial class MlTrClient
{
    /// <inheritdoc />
    public IAsyncEnumerable<ImmutableArray<byte>> ReadCheckpointAsync(TrialId trial, int attempt, long step, CancellationToken cancellationToken = default) =>
        Trial(trial).ReadCheckpointAsync(attempt, step, cancellationToken);

    /// <inheritdoc />
    public Task DeleteCheckpointAsync(TrialId trial, int attempt, long step, string reason = "on request", string by = "client") =>
        Trial(trial).DeleteCheckpointAsync(attempt, step, by, reason);
}
