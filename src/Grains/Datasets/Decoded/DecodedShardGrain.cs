using Microsoft.Extensions.Logging;
using MlTr.Abstractions.Datasets;
using MlTr.Grains.Placement;
using Orleans.Concurrency;

namespace MlTr.Grains.Datasets.Decoded;

/// <summary>Owns nothing: the shard's file is the state, on the machine whose worker processes these grains are placed in.</summary>
[SamePlace, Reentrant]
internal sealed partial class DecodedShardGrain(IPictureDecoder decoder, TimeProvider clock, ILogger<DecodedShardGrain> logger) : Grain, IDecodedShardGrain, IDisposable
{
    private static readonly TimeSpan WaitDuration = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stop = new();
    private Task? _work;
    private DecodedShardProgress _progress = new(0, 0, IsReady: false);

    public async Task<DecodedShardProgress> AdvanceAsync()
    {
        if (_work is null)
        {
            Volatile.Write(ref _progress, new(0, 0, IsReady: false));
            _work = DecodeAsync(DecodedShardId.Parse(this.GetPrimaryKeyString()));
        }

        await Task.WhenAny(_work, Task.Delay(WaitDuration, clock));
        if (_work is { IsCompleted: true })
        {
            _work = null; // the next question looks at the file again: it may have been deleted since
        }

        return Volatile.Read(ref _progress);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        if (_work is not null)
        {
            await Task.WhenAny(_work, Task.Delay(Timeout.Infinite, cancellationToken)); // the next activation may be in this process, and needs the file
        }
    }

    public void Dispose() => _stop.Dispose();

    private async Task DecodeAsync(DecodedShardId id)
    {
        try
        {
            var dataset = await GrainFactory.GetGrain<IDatasetGrain>(id.Shard.Dataset).GetSnapshotAsync();
            await Task.Run(
                () => decoder.Decode(dataset, id.Shard.Split, id.Shard.Number, id.Shard.Count, id.ImageSize, (done, of) => Volatile.Write(ref _progress, new(done, of, IsReady: false, decoder.BytesOf(of, id.ImageSize))), _stop.Token));
            Volatile.Write(ref _progress, _progress with { IsReady = true });
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // whatever it is, trials can do without: they decode themselves
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogFailed(error, id.ToString());
            Volatile.Write(ref _progress, _progress with { Problem = error.GetBaseException().Message });
        }
    }

    [LoggerMessage(LogLevel.Warning, "Shard {Shard} could not be decoded")]
    private partial void LogFailed(Exception error, string shard);
}
