using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using MlTr.Abstractions.Datasets;
using MlTr.Grains.Placement;
using Orleans.Concurrency;

namespace MlTr.Grains.Datasets.Decoded;

/// <summary>Has a dataset's shards decoded where trials need them, each by a grain in that place, and tells how far that is. Owns nothing: the files are the state.</summary>
[ControlSilo, Reentrant]
internal sealed partial class DecodedPicturesGrain(TimeProvider clock, ILogger<DecodedPicturesGrain> logger) : Grain, IDecodedPicturesGrain, IDecodingRequests, IDisposable
{
    // A worker process that dies takes its shards along; the others of the machine go on with them. Without any, there is nobody left to wait.
    private const int MaxLosses = 5;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WaitDuration = TimeSpan.FromSeconds(5);

    private readonly Dictionary<(string Place, int ImageSize), Decoding> _decodings = [];
    private readonly LiveHub<ImmutableArray<DecodedPicturesSnapshot>> _hub = new();
    private readonly CancellationTokenSource _stop = new();

    private string Id => this.GetPrimaryKeyString();

    public async Task<DecodedPicturesSnapshot> EnsureAsync(string place, int imageSize, int? knownDone)
    {
        if (!_decodings.TryGetValue((place, imageSize), out var decoding) || (knownDone is null && decoding.Work.IsCompleted))
        {
            decoding = _decodings[(place, imageSize)] = new Decoding(new(MachineOf(place), imageSize, DecodedState.Preparing, 0, 0, 0, clock.GetUtcNow()));
            decoding.Work = DecodeAsync(place, imageSize, decoding);
            Show(decoding, decoding.Now);
        }

        if (decoding.Now.State == DecodedState.Preparing && knownDone is not null && decoding.Now.Done == knownDone)
        {
            await Task.WhenAny(decoding.Changed.Task, Task.Delay(WaitDuration, clock));
        }

        return decoding.Now;
    }

    public IAsyncEnumerable<ImmutableArray<DecodedPicturesSnapshot>> WatchAsync(CancellationToken cancellationToken) => _hub.WatchAsync([All()], cancellationToken);

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _stop.CancelAsync();

    public void Dispose() => _stop.Dispose();

    private static string MachineOf(string place) => place.Split('~')[0];

    private async Task DecodeAsync(string place, int imageSize, Decoding decoding)
    {
        await Task.Yield();
        try
        {
            var dataset = await GrainFactory.GetGrain<IDatasetGrain>(Id).GetSnapshotAsync();
            var shards = dataset.Splits.SelectMany(split => split.Shards.Select(shard => new DecodedShardId(place, new ShardId(Id, split.Name, shard.Number, split.Shards.Length), imageSize))).ToList();
            var progress = new DecodedShardProgress[shards.Count];
            Show(decoding, decoding.Now with { Pictures = dataset.Splits.Sum(split => split.Images + split.BadFiles.Length) });
            await Task.WhenAll(shards.Select((shard, i) => FollowAsync(shard, now =>
            {
                progress[i] = now;
                var (done, pictures) = (progress.Sum(one => one?.Done ?? 0), progress.Sum(one => one?.Pictures ?? 0));
                Show(decoding, decoding.Now with { Done = done, Pictures = Math.Max(pictures, decoding.Now.Pictures), Bytes = progress.Sum(one => one?.Bytes ?? 0) });
            })));
            var problem = progress.Select(one => one.Problem).FirstOrDefault(one => one is not null);
            End(decoding, problem is null ? DecodedState.Ready : DecodedState.Failed, problem);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // trials can do without
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogFailed(error, Id, place);
            End(decoding, DecodedState.Failed, error.Message);
        }
    }

    private async Task FollowAsync(DecodedShardId shard, Action<DecodedShardProgress> show)
    {
        var grain = GrainFactory.GetGrain<IDecodedShardGrain>(shard.ToString());
        for (var losses = 0; ;)
        {
            _stop.Token.ThrowIfCancellationRequested();
            try
            {
                var now = await grain.AdvanceAsync();
                losses = 0;
                show(now);
                if (now.IsReady || now.Problem is not null)
                {
                    return;
                }
            }
            catch (Exception error) when (error is not OperationCanceledException && ++losses < MaxLosses)
            {
                LogLost(shard.ToString(), error.Message);
                await Task.Delay(RetryDelay, clock, _stop.Token);
            }
        }
    }

    private void End(Decoding decoding, DecodedState state, string? problem) =>
        Show(decoding, decoding.Now with { State = state, Problem = problem, ChangedAt = clock.GetUtcNow() });

    private void Show(Decoding decoding, DecodedPicturesSnapshot now)
    {
        decoding.Now = now;
        var changed = decoding.Changed;
        decoding.Changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
        _hub.Publish(All());
    }

    private ImmutableArray<DecodedPicturesSnapshot> All() =>
        [.. _decodings.Values.Select(one => one.Now).OrderBy(one => one.Machine, StringComparer.Ordinal).ThenBy(one => one.ImageSize)];

    [LoggerMessage(LogLevel.Warning, "The pictures of {DatasetId} could not be decoded for {Place}")]
    private partial void LogFailed(Exception error, string datasetId, string place);

    [LoggerMessage(LogLevel.Information, "Shard {Shard} lost its process and is gone on with by another: {Why}")]
    private partial void LogLost(string shard, string why);

    private sealed class Decoding(DecodedPicturesSnapshot now)
    {
        public DecodedPicturesSnapshot Now { get; set; } = now;

        public Task Work { get; set; } = Task.CompletedTask;

        public TaskCompletionSource Changed { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
