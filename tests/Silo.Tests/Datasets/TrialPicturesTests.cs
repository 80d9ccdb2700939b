using MlTr.Abstractions.Datasets;
using MlTr.Grains.Datasets.Decoded;
using MlTr.Grains.Trials;
using MlTr.Model.Data;
using MlTr.Model.Data.Decoded;
using MlTr.Model.Data.Marks;
using MlTr.Silo.Datasets;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Tests.Datasets;

/// <summary>A trial and the decoded pictures of its machine: it waits for them, says so, and goes on without them if need be.</summary>
public sealed class TrialPicturesTests : IDisposable
{
    private const int Size = 16;

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("mltr-pictures-");
    private readonly DatasetSnapshot _dataset;
    private readonly List<(string Split, ImageSet Set)> _sets;
    private readonly DecodedFolder _folder;
    private readonly ModelPictureDecoder _decoder;
    private readonly List<RunnerReport> _said = [];

    public TrialPicturesTests()
    {
        var pictures = Path.Combine(_data.FullName, "marks-mini");
        MarksDataset.Ensure(MarksPreset.Mini, pictures);
        _sets = [.. ModelDatasetSource.SweepSplits.Select(split => (split, DatasetFolder.Open(pictures, "coco", split)))];
        _dataset = new("marks-mini", "coco", pictures, DatasetState.Ready, 1, null, "", [], [
            .. ModelDatasetSource.SweepSplits.Select(split => new SplitSnapshot(split, 1, [], [], [Shard(split, 0), Shard(split, 1)])),
        ]);
        _folder = new DecodedFolder(Path.Combine(_data.FullName, "decoded"), LimitBytes: 1_000_000_000, "here");
        _decoder = new ModelPictureDecoder(_folder, new DatasetCopies(new DataFolder(_data.FullName)));
    }

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public void Get_NothingDecodedYet_WaitsSaysHowFar_AndOpensThem()
    {
        var requests = new Requests(known => known switch
        {
            null => Now(DecodedState.Preparing, 0),
            0 => Now(DecodedState.Preparing, 150),
            _ => Decoded(),
        });

        using var opened = new Opened(Get(requests));

        Assert.All(opened.Pictures, Assert.NotNull);
        Assert.Equal(
            ["the pictures of marks-mini, which are decoded to 16 pixels for this machine: 0 % done", "the pictures of marks-mini, which are decoded to 16 pixels for this machine: 50 % done", null],
            _said.OfType<TrialWaits>().Select(waits => waits.For));
        Assert.Equal([null, 0, 150], requests.Asked);
    }

    [Fact]
    public void Get_DecodedBefore_AsksNobodyAndSaysNothing()
    {
        Decoded();

        using var opened = new Opened(Get(new Requests(_ => throw new InvalidOperationException("asked"))));

        Assert.All(opened.Pictures, Assert.NotNull);
        Assert.Empty(_said);
    }

    [Fact]
    public void Get_ItFails_GoesOnWithoutAndSaysWhy()
    {
        using var opened = new Opened(Get(new Requests(_ => Now(DecodedState.Failed, 10) with { Problem = "No space left on device." })));

        Assert.All(opened.Pictures, Assert.Null);
        Assert.Null(_said.OfType<TrialWaits>().Last().For);
        Assert.Contains("not kept for other trials: No space left on device. This trial decodes its own", Warning(), StringComparison.Ordinal);
    }

    [Fact]
    public void Get_TheControlProcessIsAwayForAMoment_AsksAnew()
    {
        var failures = 0;
        var requests = new Requests(_ => failures++ == 0 ? throw new TimeoutException("no answer") : Decoded());

        using var opened = new Opened(Get(requests));

        Assert.All(opened.Pictures, Assert.NotNull);
        Assert.Equal([null, null], requests.Asked);
    }

    [Fact]
    public void Get_StoppedWhileItWaits_Stops()
    {
        using var stop = new CancellationTokenSource();
        var requests = new Requests(_ =>
        {
            stop.Cancel();
            return Now(DecodedState.Preparing, 0);
        });

        Assert.Throws<OperationCanceledException>(() => Wait(requests, stop.Token));
    }

    [Fact]
    public void Get_NoRoom_AsksNobody_AndSaysWhy()
    {
        var pictures = new TrialPictures(_folder with { LimitBytes = 1_000 }, _ => throw new InvalidOperationException("asked"), TimeProvider.System);

        using var opened = new Opened(pictures.Get(_dataset, _sets, Size, _said.Add, CancellationToken.None));

        Assert.All(opened.Pictures, Assert.Null);
        Assert.Contains("Platform:DecodedGigabytes allows", Warning(), StringComparison.Ordinal);
    }

    private IReadOnlyList<DecodedPictures?> Wait(Requests requests, CancellationToken cancellationToken) =>
        new TrialPictures(_folder, _ => requests, TimeProvider.System).Get(_dataset, _sets, Size, _said.Add, cancellationToken);

    private IReadOnlyList<DecodedPictures?> Get(Requests requests) => Wait(requests, TestContext.Current.CancellationToken);

    private string Warning() => Assert.Single(_said.OfType<TrialLogged>(), line => line.Level == "warning").Text;

    private DecodedPicturesSnapshot Decoded()
    {
        foreach (var shard in _dataset.Splits.SelectMany(split => split.Shards))
        {
            _decoder.Decode(_dataset, shard.Split, shard.Number, 2, Size, (_, _) => { }, TestContext.Current.CancellationToken);
        }

        return Now(DecodedState.Ready, 300);
    }

    private static ShardSnapshot Shard(string split, int number) => new(split, number, 1, "", [], []);

    private static DecodedPicturesSnapshot Now(DecodedState state, int done) => new("here", Size, state, done, 300, 0, DateTimeOffset.UnixEpoch);

    private sealed class Requests(Func<int?, DecodedPicturesSnapshot> answer) : IDecodingRequests
    {
        public List<int?> Asked { get; } = [];

        public Task<DecodedPicturesSnapshot> EnsureAsync(string place, int imageSize, int? knownDone)
        {
            Asked.Add(knownDone);
            return Task.FromResult(answer(knownDone));
        }
    }

    private sealed record Opened(IReadOnlyList<DecodedPictures?> Pictures) : IDisposable
    {
        public void Dispose()
        {
            foreach (var one in Pictures)
            {
                one?.Dispose();
            }
        }
    }
}
