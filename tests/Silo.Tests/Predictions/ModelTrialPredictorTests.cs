using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Predictions;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Predictions;
using MlTr.Model.Data;
using MlTr.Silo.Artifacts;
using MlTr.Silo.Datasets;
using MlTr.Silo.Hosting;
using MlTr.Silo.Predictions;
using MlTr.Silo.Tests.Trials;

namespace MlTr.Silo.Tests.Predictions;

/// <summary>The predictor over a trial that was really trained, for two passes on the smallest built-in dataset.</summary>
[Collection(UsesTorch.Name)]
public sealed class ModelTrialPredictorTests : IDisposable
{
    private static readonly TrialId Id = new("sweep", 1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mltr-predictor-");
    private readonly OpenSets _sets;
    private readonly ModelTrialPredictor _predictor;
    private readonly DatasetSnapshot _marks;

    public ModelTrialPredictorTests()
    {
        _sets = new OpenSets(new DatasetCopies(Data));
        _predictor = new ModelTrialPredictor(Data, new CheckpointCopies(Data, store: null), _sets);
        _marks = new ModelDatasetSource(Data, new DatasetCopies(Data)).BuiltIn.Single(known => known.Id == "marks-mini");
    }

    private DataFolder Data => new(_folder.FullName);

    public void Dispose()
    {
        _predictor.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Score_ATrial_LooksAtEveryPicture_IsKept_AndAnswersEverything()
    {
        var cancel = TestContext.Current.CancellationToken;
        var source = Train();
        Assert.Null(await _predictor.LoadAsync(source));
        List<double> progress = [];

        var scores = await _predictor.ScoreAsync(source, progress.Add, cancel);

        Assert.Equal((6, 50, 300), (scores.Classes.Length, scores.Paths.Length, scores.Scores.Length));
        Assert.Equal((0, 1), (progress[0], progress[^1]));
        Assert.All(scores.Scores, score => Assert.InRange(score, 0, 1));
        Assert.Equal(_sets.Open(_marks, "validation").Images.SelectMany(image => image.Labels), scores.Labels);
        Assert.Equal(Enumerable.Range(0, 6), scores.SizePrecision.Select(one => one.Class));
        Assert.All(scores.SizePrecision.SelectMany(one => new[] { one.Small, one.Medium, one.Large }).OfType<double>(), ap => Assert.InRange(ap, 0, 1));
        Assert.Contains(scores.SizePrecision, one => one.Small is not null);

        using var elsewhere = new ModelTrialPredictor(Data, new CheckpointCopies(Data, store: null), new OpenSets(new DatasetCopies(Data)));
        var kept = await elsewhere.LoadAsync(source);
        Assert.Equal(scores.Scores, kept!.Scores);
        Assert.Equal(scores.Features, kept.Features);

        var near = await _predictor.NearestAsync(scores, 7, 5);
        Assert.Equal(5, near.Length);
        Assert.DoesNotContain(7, near.Select(one => one.Index));
        Assert.Equal(near.OrderByDescending(one => one.Cosine), near);

        var map = await _predictor.HeatMapAsync(source, 7, 2, onlyHottest: false);
        Assert.Equal((32, 32), (ImageDecoder.ReadHeader([.. map.File]).Width, ImageDecoder.ReadHeader([.. map.File]).Height));

        var set = _sets.Open(_marks, "validation");
        var own = await _predictor.PredictAsync(source, [.. set.ReadBytes(set.Images[7])]);
        Assert.Equal(6, own.Verdicts.Length);
        Assert.All(own.Verdicts, verdict => Assert.Equal(scores.Scores[(7 * 6) + verdict.Class], verdict.Score, 1e-4f));

        var error = await Assert.ThrowsAsync<PredictionsException>(() => _predictor.PredictAsync(source, [1, 2, 3]));
        Assert.Contains("is no PNG, JPEG or WebP picture", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Score_WithoutACheckpoint_SaysWhatIsMissing()
    {
        var error = await Assert.ThrowsAsync<PredictionsException>(() => _predictor.ScoreAsync(new PredictionSource(Id, [], _marks), _ => { }, TestContext.Current.CancellationToken));

        Assert.Contains("has no checkpoint", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Score_CheckpointsThatAreGone_SaysWhereTheyShouldBe()
    {
        var gone = new CheckpointSnapshot(1, 6, "/elsewhere/attempt-0001/step-00000006", 1, "", DateTimeOffset.UnixEpoch);

        var error = await Assert.ThrowsAsync<PredictionsException>(() => _predictor.ScoreAsync(new PredictionSource(Id, [gone], _marks), _ => { }, TestContext.Current.CancellationToken));

        Assert.Contains(Data.Trial("sweep", 1), error.Message, StringComparison.Ordinal);
    }

    private PredictionSource Train() => new(Id, TrainedTrial.Train(Id, Data, _marks), _marks);
}
