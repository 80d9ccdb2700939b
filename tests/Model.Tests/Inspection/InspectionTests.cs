using MlTr.Model.Checkpoints;
using MlTr.Model.Inspection;
using static TorchSharp.torch;

namespace MlTr.Model.Tests.Inspection;

public sealed class InspectionTests
{
    [Fact]
    public void Of_GoldenConfig_CostsWhatIsRecorded()
    {
        var cost = MlTrCost.Of(Golden.Config());

        var expected = Golden.Json["macs"]!;
        Assert.Equal((long)expected["embed"]!, cost.Embed);
        Assert.Equal((long)expected["pixel"]!, cost.Pixel);
        Assert.Equal((long)expected["cross"]!, cost.Cross);
        Assert.Equal((long)expected["mlp"]!, cost.Mlp);
        Assert.Equal((long)expected["downsample"]!, cost.Downsample);
        Assert.Equal((long)expected["head"]!, cost.Head);
        Assert.Equal((long)expected["total"]!, cost.Total);
    }

    [Theory]
    [InlineData("mltr-s", 5.84)]
    [InlineData("mltr-m", 36.53)]
    [InlineData("mltr-l", 63.14)]
    [InlineData("mltr-t", 0.181)]
    [InlineData("mltr-n", 0.040)]
    public void Of_NamedVariant_CostsWhatTheTableSays(string name, double giga) =>
        Assert.Equal(giga, MlTrCost.Of(MlTrConfig.Named(name, 80)).Total / 1e9, giga < 1 ? 0.0006 : 0.006);

    [Fact]
    public void OfChannel_GoldenImage_IsTheRecordedMap()
    {
        using var scope = NewDisposeScope();

        var map = HeatMaps.OfChannel(Golden.Io["full.feature_map"][0], (int)Golden.Json["cases"]!["full"]!["heatmap_channel"]!, 64, 64);

        Golden.Close(Golden.Io["full.heatmap"], map, "heatmap");
        Assert.Equal(0f, HeatMaps.OfChannel(ones(2, 4, 4), 1, 8, 8).max().item<float>());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Of_GoldenFeatures_FindsTheRecordedNeighbours(int query)
    {
        using var scope = NewDisposeScope();
        var golden = Golden.Json["retrieval"]!;
        var rows = golden["features"]!.Read<double[][]>();
        var features = tensor(rows.SelectMany(r => r).ToArray()).view(rows.Length, rows[0].Length);

        var found = Neighbours.Of(features, query, (int)golden["k"]!);

        var expected = golden["neighbours"]![query.ToString(System.Globalization.CultureInfo.InvariantCulture)]!;
        Assert.Equal(expected["index"]!.Read<int[]>(), found.Select(n => n.Index));
        foreach (var (cosine, neighbour) in expected["cosine"]!.Read<double[]>().Zip(found))
        {
            Assert.Equal(cosine, neighbour.Cosine, 1e-9);
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
}
