using MlTr.Model.Checkpoints;
using MlTr.Model.Inspection;
using MlTr.Model.Tests.Training;
using MlTr.Model.Training;
using static TorchSharp.torch;

namespace MlTr.Model.Tests.Inspection;

public sealed class InspectionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("mltr-s", 5.84)]
    [InlineData("mltr-m", 36.53)]
    [InlineData("mltr-l", 63.14)]
    [InlineData("mltr-t", 0.181)]
    [InlineData("mltr-n", 0.040)]
    public void Of_NamedVariant_CostsWhatTheTableSays(string name, double giga) =>
        Assert.Equal(giga, MlTrCost.Of(MlTrConfig.Named(name, 80)).Total / 1e9, giga < 1 ? 0.0006 : 0.006);

    [Fact]
    public void OfChannel_ConstantChannel_IsZero() => Assert.Equal(0f, HeatMaps.OfChannel(ones(2, 4, 4), 1, 8, 8).max().item<float>());

    [Theory]
    [InlineData(0.1f)]
    [InlineData(0.3f)]
    [InlineData(-1234.567f)]
    public void OfChannel_ConstantChannelOfAnyValue_IsZeroEverywhere(float value) =>
        Assert.Equal(zeros(100, 130), HeatMaps.OfChannel(full(2, 7, 7, value), 1, 100, 130));

    [Fact]
    public void NeighboursOf_EqualPictures_ComeInTheOrderOfTheirIndices()
    {
        using var scope = NewDisposeScope();
        _ = manual_seed(1);
        var (query, other) = (randn(1, 67), randn(1, 67));

        foreach (var copies in Enumerable.Range(2, 40))
        {
            var neighbours = Neighbours.Of(cat([query, other.expand(copies, 67)], 0), 0, copies);

            Assert.Equal(Enumerable.Range(1, copies), neighbours.Select(one => one.Index));
            Assert.Single(neighbours.Select(one => one.Cosine).Distinct());
        }
    }

    [Fact]
    public void Predict_GoldenImages_GivesTheScoresOfTheNetwork()
    {
        using var scope = NewDisposeScope();
        var path = Path.GetTempFileName();
        try
        {
            Safetensors.Save(path, Golden.Weights.Tensors.Select(t => (t.Key, t.Value)));
            using var predictor = Predictor.FromWeights(path, Golden.Config());

            var predictions = predictor.Predict(Golden.Io["images"]);

            var scores = Golden.Io["full.logits"].sigmoid();
            Golden.Close(scores, tensor(predictions.SelectMany(p => p.Scores).ToArray()).view(2, 5), "scores");
            Assert.All(predictions, p => Assert.All(p.Labels, l => Assert.True(l.Probability > 0.5)));
            Assert.NotNull(predictions[0].Count);
            double[] thresholds = [2, 2, -1, 2, predictions[0].Scores[4]];
            Assert.All(predictor.Predict(Golden.Io["images"].narrow(0, 0, 1), thresholds), p => Assert.Equal([2], p.Labels.Select(l => l.Class)));
            Assert.Throws<ArgumentException>(() => predictor.Predict(Golden.Io["images"], [0.5]));
            using var map = predictor.HeatMap(Golden.Io["images"].narrow(0, 0, 1), 2);
            Assert.Equal([64, 64], map.shape);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void FromCheckpoint_TrainedAtAnotherSize_ReadsEveryPictureAtThatSize()
    {
        var folder = Directory.CreateTempSubdirectory("mltr-size-").FullName;
        try
        {
            SquaresSource train = new(8, 3, 48, 1), asked = new(4, 3, 48, 2);
            var options = TrainerTests.Options() with { Passes = 1, ImageSize = 48 };
            var checkpoint = Trainer.Run(options, train, train, folder, null, _ => { }, Ct).Checkpoint;
            using var predictor = Predictor.FromCheckpoint(checkpoint);

            using var features = predictor.Features(asked, cancellation: Ct);
            _ = predictor.PredictAll(asked, ct: Ct).ToList();
            _ = predictor.Evaluate(asked, ct: Ct);

            Assert.Equal([48, 48, 48], asked.SidesAsked);
            Assert.NotNull(predictor.Thresholds);
            Assert.All(predictor.PredictAll(asked, [2, -1, 2], ct: Ct), one => Assert.Equal([1], one.Prediction.Labels.Select(label => label.Class)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
