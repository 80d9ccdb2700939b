using MlTr.Model.Checkpoints;
using MlTr.Model.Inspection;
using MlTr.Model.Tests.Training;
using static TorchSharp.torch;

namespace MlTr.Model.Tests.Inspection;

public sealed class FeatureMapTests
{
    private const int Groups = 3, GroupSize = 20, Channels = 12;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(8, 3)]
    [InlineData(3, 8)]
    public void Of_PointsOnALine_FindsTheLine(int pictures, int channels)
    {
        using var scope = NewDisposeScope();
        var direction = zeros(channels, ScalarType.Float64);
        direction[0] = -0.6;
        direction[2] = -0.8;
        var along = arange(pictures, dtype: ScalarType.Float64).mul(2);

        var found = PrincipalComponents.Of(along.unsqueeze(1).mul(direction).add(5), 3);

        // The largest weight is made positive: the line runs the other way.
        for (var i = 0; i < pictures; i++)
        {
            Assert.Equal(-(2 * i - (pictures - 1)), found.Points[i, 0], 1e-6);
            Assert.Equal(0, found.Points[i, 1], 1e-6);
        }

        Assert.Equal(1, found.Shares[0], 1e-9);
        Assert.Equal(0, found.Shares[1] + found.Shares[2], 1e-9);
    }

    [Fact]
    public void Of_Groups_SharesAndVariancesAgree()
    {
        using var scope = NewDisposeScope();

        var found = PrincipalComponents.Of(Features(), Channels);

        Assert.Equal(1, found.Shares.Sum(), 1e-9);
        Assert.Equal(found.Shares.OrderDescending(), found.Shares);
        double Variance(int c) => Enumerable.Range(0, Groups * GroupSize).Sum(i => found.Points[i, c] * found.Points[i, c]);
        var total = Enumerable.Range(0, Channels).Sum(Variance);
        Assert.All(Enumerable.Range(0, Channels), c => Assert.Equal(found.Shares[c], Variance(c) / total, 1e-9));
        Assert.All(Enumerable.Range(0, Groups * GroupSize), i => Assert.Equal(GroupOf(i), GroupOf(Nearest(found.Points, i))));
    }

    [Fact]
    public void Map_SeparableGroups_KeepsThemApartAndIsTheSameEveryTime()
    {
        using var scope = NewDisposeScope();
        var options = new TSneOptions { Perplexity = 10, Steps = 400 };

        var map = TSne.Map(Features(), options, Ct);
        var again = TSne.Map(Features(), options, Ct);

        Assert.Equal(map, again);
        Assert.All(Enumerable.Range(0, Groups * GroupSize), i => Assert.Equal(GroupOf(i), GroupOf(Nearest(map, i))));
        Assert.True(SmallestBetween(map) > LargestStepWithin(map), "The groups touch.");
    }

    [Fact]
    public void Similarities_AnyDistances_HaveThePerplexityAskedFor()
    {
        var random = new Random(3);
        var squared = Enumerable.Range(0, 30).Select(_ => Enumerable.Range(0, 30).Select(_ => random.NextDouble() * 100).ToArray()).ToArray();

        var rows = TSne.Similarities(squared, 7);

        for (var i = 0; i < 30; i++)
        {
            Assert.Equal(0, rows[i][i]);
            Assert.Equal(1, rows[i].Sum(), 1e-9);
            Assert.Equal(7, Math.Exp(-rows[i].Where(p => p > 0).Sum(p => p * Math.Log(p))), 1e-4);
        }
    }

    [Fact]
    public void Map_EqualOrFewPictures_GivesFiniteCoordinates()
    {
        using var scope = NewDisposeScope();
        var options = new TSneOptions { Steps = 20 };

        Assert.All(TSne.Map(ones(9, 4), options, Ct).Cast<double>(), c => Assert.True(double.IsFinite(c)));
        Assert.All(TSne.Map(randn(2, 4), options, Ct).Cast<double>(), c => Assert.True(double.IsFinite(c)));
    }

    [Fact]
    public void Map_WrongFeatures_SaysWhatIsWrong()
    {
        using var scope = NewDisposeScope();

        Assert.Contains("[4]", Assert.Throws<ArgumentException>(() => TSne.Map(ones(4), cancellation: Ct)).Message, StringComparison.Ordinal);
        Assert.Contains("finite", Assert.Throws<ArgumentException>(() => PrincipalComponents.Of(full(2, 2, float.NaN))).Message, StringComparison.Ordinal);
        Assert.Contains("2000", Assert.Throws<ArgumentException>(() => TSne.Map(ones(2001, 1), cancellation: Ct)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Features_ASet_AreThoseOfItsPicturesInOrder()
    {
        using var scope = NewDisposeScope();
        var set = new SquaresSource(5, 3, 64, 1);
        var path = Path.GetTempFileName();
        try
        {
            Safetensors.Save(path, Golden.Weights.Tensors.Select(t => (t.Key, t.Value)));
            using var predictor = Predictor.FromWeights(path, Golden.Config());
            using var batch = set.ReadPass(0, 5, 64, training: false, 0, Ct).Single();

            using var features = predictor.Features(set, batchSize: 2, Ct);

            using var expected = predictor.Describe(batch.Images);
            Golden.Close(expected.Features, features, "features");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static int GroupOf(int picture) => picture / GroupSize;

    /// <summary>Three groups around directions of their own.</summary>
    private static Tensor Features()
    {
        manual_seed(4);
        var centres = randn(Groups, Channels).mul(4).repeat_interleave(GroupSize, 0);
        return centres.add(randn(Groups * GroupSize, Channels).mul(0.5));
    }

    private static double Distance(double[,] map, int i, int j) => Math.Sqrt(Enumerable.Range(0, map.GetLength(1)).Sum(c => Math.Pow(map[i, c] - map[j, c], 2)));

    private static int Nearest(double[,] map, int i) => Enumerable.Range(0, map.GetLength(0)).Where(j => j != i).MinBy(j => Distance(map, i, j));

    private static double SmallestBetween(double[,] map) => Enumerable.Range(0, map.GetLength(0))
        .Min(i => Enumerable.Range(0, map.GetLength(0)).Where(j => GroupOf(j) != GroupOf(i)).Min(j => Distance(map, i, j)));

    private static double LargestStepWithin(double[,] map) => Enumerable.Range(0, map.GetLength(0)).Max(i => Distance(map, i, Nearest(map, i)));
}
