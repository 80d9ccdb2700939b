using System.Collections.Immutable;
using System.Globalization;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Datasets.Decoded;
using MlTr.Grains.Trials;
using MlTr.Model;
using MlTr.Silo.Artifacts;
using MlTr.Silo.Datasets;
using MlTr.Silo.Hosting;
using MlTr.Silo.Trials;
using MlTr.Testing;

namespace MlTr.Silo.Tests.Trials;

/// <summary>The runner over the real trainer, on the smallest built-in dataset.</summary>
[Collection(UsesTorch.Name)]
public sealed class ModelTrialRunnerTests : IDisposable
{
    private static readonly TrialId Id = new("sweep", 1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mltr-runner-");
    private readonly FakeMlTrClient _client = new();

    public ModelTrialRunnerTests()
    {
        var dataset = new ModelDatasetSource(Data, new DatasetCopies(Data)).BuiltIn.Single(known => known.Id == "marks-mini");
        _client.Datasets[dataset.Id] = dataset;
        Record([]);
    }

    private DataFolder Data => new(_folder.FullName);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Run_ToTheEnd_ReportsStartFirst_AndCheckpointsAndLookAlikes()
    {
        var said = Run(attempt: 1);

        var start = Assert.IsType<TrialStarted>(said.First(report => report is not TrialWaits)); // its dataset is drawn first
        Assert.Equal((0, 12), (start.ResumedFromStep, start.TotalSteps));
        Assert.NotEmpty(Points(said, MetricNames.MeanAveragePrecision));
        Assert.NotEmpty(Points(said, "marks/lookalike_confusion"));
        Assert.All(said.OfType<TrialCheckpointed>(), checkpoint => Assert.Contains("attempt-0001", checkpoint.Path, StringComparison.Ordinal));
    }

    [Fact]
    public void Run_StoppedAndGoneOn_SaysWhatAnUninterruptedRunSays()
    {
        var whole = Run(attempt: 1);
        Directory.Delete(Data.Trial(Id.SweepId, Id.Number), recursive: true);

        var first = Run(attempt: 1, stopAtStep: 10);
        Record(first.OfType<TrialCheckpointed>());
        var second = Run(attempt: 2);

        Assert.Equal(10, Assert.IsType<TrialStarted>(second[0]).ResumedFromStep);
        foreach (var metric in new[] { MetricNames.TrainLoss, MetricNames.MeanAveragePrecision })
        {
            Assert.Equal(Points(whole, metric), [.. Points(first, metric), .. Points(second, metric)]);
        }

        var removed = second.OfType<TrialCheckpointRemoved>().Select(gone => gone.Path).ToList();
        Assert.NotEmpty(removed);
        Assert.All(removed, path => Assert.False(Directory.Exists(path)));
    }

    [Fact]
    public void Run_ACheckpointThatWasNeverRecorded_IsNotGoneOnFrom()
    {
        Run(attempt: 1, stopAtStep: 10); // its worker died before the report arrived

        var second = Run(attempt: 2);

        Assert.Equal(0, Assert.IsType<TrialStarted>(second[0]).ResumedFromStep);
    }

    [Fact]
    public void Run_TheNewestCheckpointIsDamaged_GoesOnFromTheOneBefore_AndSaysSo()
    {
        var first = Run(attempt: 1, stopAtStep: 10);
        Record(first.OfType<TrialCheckpointed>());
        var newest = first.OfType<TrialCheckpointed>().MaxBy(checkpoint => checkpoint.Step)!;
        File.AppendAllText(Path.Combine(newest.Path, "weights.safetensors"), "x");

        var second = Run(attempt: 2);

        Assert.Equal(6, Assert.IsType<TrialStarted>(second[0]).ResumedFromStep);
        Assert.Contains(second.OfType<TrialLogged>(), line => line.Level == "warning");
    }

    [Fact]
    public void Run_OneInTwoPassesIsKept_LeavesThose_TheLast_AndTheBest_AcrossAttempts()
    {
        (string, long)[] kept = [("passes", 5), ("keep_last_checkpoints", 1), ("keep_every_passes", 2)];
        var first = Run(attempt: 1, stopAtStep: 15, values: kept);
        Record(first.OfType<TrialCheckpointed>());
        var second = Run(attempt: 2, values: kept);

        var left = Directory.EnumerateDirectories(Data.Trial(Id.SweepId, Id.Number), "step-*", SearchOption.AllDirectories).ToHashSet();
        var steps = left.Select(path => long.Parse(Path.GetFileName(path).Split('-')[1], CultureInfo.InvariantCulture)).ToHashSet();
        var best = Points([.. first, .. second], MetricNames.MeanAveragePrecision).MaxBy(point => point.Value)!.Step;
        Assert.Equal(new HashSet<long> { 12, 24, 30, best }, steps);
        var said = first.Concat(second).ToList();
        Assert.Equal(left, said.OfType<TrialCheckpointed>().Select(one => one.Path).Except(said.OfType<TrialCheckpointRemoved>().Select(one => one.Path)).ToHashSet());
    }

    [Fact]
    public void Run_ADatasetThatIsGone_FailsWithWordsForAPerson()
    {
        var elsewhere = Path.Combine(_folder.FullName, "gone");
        _client.Datasets["mine"] = _client.Datasets["marks-mini"] with { Id = "mine", Folder = elsewhere };

        var error = Assert.Throws<TrialFailedException>(() => Run(attempt: 1, dataset: "mine"));

        Assert.Contains(elsewhere, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_NoSizeIsGiven_AsksForPicturesOfTheNetworksOwnSize()
    {
        using var stop = new CancellationTokenSource();
        var asked = new StoppedRequests(stop);
        var pictures = new TrialPictures(new DecodedFolder(Path.Combine(_folder.FullName, "decoded"), long.MaxValue / 2, "here"), _ => asked, TimeProvider.System);
        var parameters = HyperParameters.Complete(ImmutableSortedDictionary<string, ParameterValue>.Empty);

        Assert.ThrowsAny<OperationCanceledException>(() => new ModelTrialRunner(threads: 1, Data, new CheckpointCopies(Data, store: null), _client, new DatasetCopies(Data), pictures, TimeProvider.System)
            .Run(new TrialAssignment(Id, 1, 1, "marks-mini", parameters, "cpu"), _ => { }, stop.Token));

        Assert.Equal(0, parameters["image_size"].AsInt);
        Assert.Equal(MlTrConfig.Named(parameters["variant"].AsText, 6).ImageHeight, asked.ImageSize);
    }

    private List<RunnerReport> Run(int attempt, long? stopAtStep = null, string dataset = "marks-mini", params (string Name, long Value)[] values)
    {
        var parameters = HyperParameters.Complete(ImmutableSortedDictionary<string, ParameterValue>.Empty)
            .SetItem("passes", ParameterValue.Of(2L))
            .SetItem("image_size", ParameterValue.Of(32L))
            .SetItem("learning_rate", ParameterValue.Of(1e-3))
            .SetItems(values.Select(one => KeyValuePair.Create(one.Name, ParameterValue.Of(one.Value))));
        using var stop = new CancellationTokenSource();
        var said = new List<RunnerReport>();
        try
        {
            new ModelTrialRunner(threads: 1, Data, new CheckpointCopies(Data, store: null), _client, new DatasetCopies(Data), TrialPictures.None, TimeProvider.System).Run(
                new TrialAssignment(Id, attempt, attempt, dataset, parameters, "cpu"),
                report =>
                {
                    said.Add(report);
                    if (report is TrialProgress progress && progress.Step >= stopAtStep)
                    {
                        stop.Cancel();
                    }
                },
                stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }

        return said;
    }

    private void Record(IEnumerable<TrialCheckpointed> checkpoints) => _client.Trials[Id] = new TrialDetails(
        new TrialSnapshot(
            Id, TrialState.Running, ImmutableSortedDictionary<string, ParameterValue>.Empty, 0, 0, null, ImmutableSortedDictionary<string, double>.Empty, 1, "cpu-0", null,
            DateTimeOffset.UnixEpoch, null, null),
        [],
        [.. checkpoints.Select(saved => new CheckpointSnapshot(1, saved.Step, saved.Path, saved.Bytes, saved.Sha256, DateTimeOffset.UnixEpoch))],
        [],
        ImmutableSortedDictionary<string, ParameterValue>.Empty,
        ImmutableSortedDictionary<string, double>.Empty);

    /// <summary>Stops whoever asks.</summary>
    private sealed class StoppedRequests(CancellationTokenSource stop) : IDecodingRequests
    {
        public int ImageSize { get; private set; }

        public Task<DecodedPicturesSnapshot> EnsureAsync(string place, int imageSize, int? knownDone)
        {
            ImageSize = imageSize;
            stop.Cancel();
            return Task.FromCanceled<DecodedPicturesSnapshot>(stop.Token);
        }
    }

    private static List<MetricPoint> Points(IEnumerable<RunnerReport> said, string metric) =>
        [.. said.OfType<TrialProgress>().SelectMany(progress => progress.Points).Where(point => point.Name == metric)];
}
