using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Datasets;
using MlTr.Grains.Datasets;
using MlTr.Grains.Datasets.Decoded;
using MlTr.Grains.Storage;
using MlTr.Grains.Tests.Fakes;
using MlTr.Grains.Workers;
using MlTr.Testing;
using Orleans.TestingHost;

namespace MlTr.Grains.Tests.Datasets.Decoded;

/// <summary>Shards are decoded once for each machine, by its own worker processes, and a process that dies takes nothing along.</summary>
public sealed class DecodedPicturesGrainTests : IAsyncLifetime
{
    private const string Here = "here~1";
    private const string There = "there~1";

    private readonly ConcurrentDictionary<string, Decoder> _decoders = [];
    private readonly ConcurrentDictionary<string, SiloAddress> _silos = [];
    private InProcessTestCluster? _cluster;
    private MlTrClient _client = null!;
    private TaskCompletionSource? _hold; // keeps decoders from ending
    private string? _problem;

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var store = new InMemoryExperimentStore();
        var started = 0;
        var builder = new InProcessTestClusterBuilder(initialSilosCount: 4);
        builder.ConfigureSilo((_, silo) =>
        {
            var number = Interlocked.Increment(ref started) - 1;
            silo.Services.AddSingleton<IExperimentStore>(store).AddSingleton<IDatasetSource>(new FakeDatasetSource()).AddSingleton<IDatasetBrowser, FakeDatasetBrowser>();
            if (number == 0)
            {
                silo.AddMlTrGrains();
                return;
            }

            var id = $"w{number}";
            silo.Services.AddSingleton<IPictureDecoder>(services =>
            {
                _silos[id] = services.GetRequiredService<ILocalSiloDetails>().SiloAddress;
                return _decoders.GetOrAdd(id, _ => new Decoder(this));
            });
            silo.AddMlTrWorker(new WorkerOptions { Id = id, Place = number < 3 ? Here : There });
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
        _client = new MlTrClient(_cluster.Client, TimeProvider.System);
        await PrepareAsync(FakeDatasetSource.Good);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    [Fact]
    public async Task Ensure_EveryShard_IsDecodedOnce_ByWorkersOfThatMachineOnly()
    {
        var ended = await UntilEndedAsync(Here);

        Assert.Equal((DecodedState.Ready, "here", 8, 8), (ended.State, ended.Machine, ended.Done, ended.Pictures));
        Assert.Equal(Shards(), _decoders.Values.SelectMany(decoder => decoder.Decoded).Order(StringComparer.Ordinal));
        Assert.False(_decoders.ContainsKey("w3"));
    }

    [Fact]
    public async Task Ensure_AnotherMachine_DecodesItsOwn()
    {
        await UntilEndedAsync(Here);
        await UntilEndedAsync(There);

        Assert.Equal(Shards(), _decoders["w3"].Decoded.Order(StringComparer.Ordinal));
        await foreach (var now in _client.WatchDecodedPicturesAsync(FakeDatasetSource.Good, Limit))
        {
            Assert.Equal([("here", DecodedState.Ready), ("there", DecodedState.Ready)], now.Select(one => (one.Machine, one.State)));
            break;
        }
    }

    [Fact]
    public async Task Ensure_TheWorkerThatDecodesDies_AnotherOfTheMachineGoesOn()
    {
        _hold = new TaskCompletionSource();
        var asked = Requests().EnsureAsync(Here, 32, null);
        var victim = await FirstDecoderAsync();

        await _cluster!.KillSiloAsync(_cluster.Silos.Single(silo => silo.SiloAddress.Equals(_silos[victim])), Limit);
        _hold.SetResult();
        await asked.WaitAsync(Limit);
        var ended = await UntilEndedAsync(Here);

        Assert.Equal(DecodedState.Ready, ended.State);
        var survivor = _decoders.Keys.Single(id => id != victim);
        Assert.Empty(_decoders[victim].Begun.Except(_decoders[survivor].Decoded));
    }

    [Fact]
    public async Task Ensure_AShardCannotBeDecoded_EndsWithTheReason_AndIsTriedAgainWhenAskedAnew()
    {
        _problem = "No space left on device";
        var failed = await UntilEndedAsync(Here);
        _problem = null;
        var again = await UntilEndedAsync(Here);

        Assert.Equal((DecodedState.Failed, "No space left on device"), (failed.State, failed.Problem));
        Assert.Equal((DecodedState.Ready, null), (again.State, again.Problem));
    }

    [Fact]
    public async Task Ensure_NoWorkerIsThere_EndsWithAReason()
    {
        var ended = await UntilEndedAsync("nowhere~1");

        Assert.Equal(DecodedState.Failed, ended.State);
        Assert.NotEmpty(ended.Problem!);
    }

    private static IEnumerable<string> Shards() =>
        new[] { "train", "validation" }.SelectMany(split => Enumerable.Range(0, 4).Select(number => $"{split}/{number}-4@32")).Order(StringComparer.Ordinal);

    private IDecodingRequests Requests() => _cluster!.Client.GetGrain<IDecodingRequests>(FakeDatasetSource.Good);

    private async Task PrepareAsync(string dataset)
    {
        var now = await _client.PrepareDatasetAsync(dataset);
        var readiness = _cluster!.Client.GetGrain<IDatasetReadiness>(dataset);
        while (now.State != DatasetState.Ready)
        {
            now = await readiness.WaitForChangeAsync(now.State, now.Progress);
        }
    }

    private async Task<DecodedPicturesSnapshot> UntilEndedAsync(string place)
    {
        var now = await Requests().EnsureAsync(place, 32, null);
        while (now.State == DecodedState.Preparing)
        {
            Limit.ThrowIfCancellationRequested();
            now = await Requests().EnsureAsync(place, 32, now.Done);
        }

        return now;
    }

    private async Task<string> FirstDecoderAsync()
    {
        while (true)
        {
            if (_decoders.FirstOrDefault(one => !one.Value.Begun.IsEmpty).Key is { } id)
            {
                return id;
            }

            await Task.Delay(10, Limit);
        }
    }

    /// <summary>One picture a shard.</summary>
    private sealed class Decoder(DecodedPicturesGrainTests test) : IPictureDecoder
    {
        public ConcurrentQueue<string> Begun { get; } = [];

        public ConcurrentQueue<string> Decoded { get; } = [];

        public long BytesOf(int pictures, int imageSize) => pictures * (long)imageSize;

        public void Decode(DatasetSnapshot dataset, string split, int shard, int shards, int imageSize, Action<int, int> progress, CancellationToken cancellationToken)
        {
            var name = $"{split}/{shard}-{shards}@{imageSize}";
            Begun.Enqueue(name);
            progress(0, 1);
            test._hold?.Task.Wait(cancellationToken);
            if (test._problem is { } problem)
            {
                throw new IOException(problem);
            }

            cancellationToken.ThrowIfCancellationRequested();
            Decoded.Enqueue(name);
            progress(1, 1);
        }
    }
}
