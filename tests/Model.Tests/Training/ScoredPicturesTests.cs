using System.Collections.Immutable;
using MlTr.Model.Checkpoints;
using MlTr.Model.Data;
using MlTr.Model.Inspection;
using MlTr.Model.Native;
using MlTr.Model.Tests.Data;
using MlTr.Model.Training;

namespace MlTr.Model.Tests.Training;

public sealed class ScoredPicturesTests(MarksFixture marks) : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Merge_AnyNumberOfPartsAndThreads_GivesTheSameBits()
    {
        var set = marks.Read("validation");
        using var predictor = Network(set.Classes);

        var single = ScoredPictures.Merge([predictor.Score(set, 0, 1, ct: Ct)], set.Images.Count);
        var three = ScoredPictures.Merge(Parts(predictor, set, 3, threads: 1), set.Images.Count);
        var eight = ScoredPictures.Merge([.. Parts(predictor, set, 8, threads: 3).Reverse().Select(Again)], set.Images.Count);

        Assert.NotNull(single.Metrics.Map);
        Assert.NotNull(single.Count);
        Assert.NotNull(single.Sizes);
        foreach (var merged in new[] { three, eight })
        {
            Assert.Equal(single.Scores.Cast<float>(), merged.Scores.Cast<float>());
            Assert.Equal(single.Metrics.ClassAp, merged.Metrics.ClassAp);
            Assert.Equal(single.Metrics.BestThresholds, merged.Metrics.BestThresholds);
            Assert.Equal(single.Metrics.Labels, merged.Metrics.Labels);
            Assert.Equal((single.Metrics.Map, single.Sizes, single.Top3, single.Count), (merged.Metrics.Map, merged.Sizes, merged.Top3, merged.Count));
        }
    }

    [Fact]
    public void Score_ClassesInAnotherOrder_AreFoundByName()
    {
        var set = marks.Read("validation");
        using var predictor = Network([.. set.Classes.Reverse()]);
        using var same = Network(set.Classes);

        var found = ScoredPictures.Merge([predictor.Score(set, 0, 1, ct: Ct)], set.Images.Count);
        var plain = ScoredPictures.Merge([same.Score(set, 0, 1, ct: Ct)], set.Images.Count);

        var classes = set.Classes.Count;
        Assert.Equal(plain.Scores.Cast<float>().Chunk(classes).SelectMany(row => row.Reverse()), found.Scores.Cast<float>());
    }

    [Fact]
    public void Score_ClassThatTheNetworkDoesNotKnow_NamesIt()
    {
        var set = marks.Read("validation");
        using var predictor = Network([.. set.Classes.Skip(1), "zebra"]);

        var error = Assert.Throws<ArgumentException>(() => predictor.Score(set, 0, 1, ct: Ct));

        Assert.Contains($"does not know 1 of the set's {set.Classes.Count} classes: {set.Classes[0]};", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Merge_PartMissingOrTwice_IsRefused()
    {
        var set = marks.Read("validation");
        using var predictor = Network(set.Classes);
        var part = predictor.Score(set, 0, 3, ct: Ct);

        Assert.Throws<InvalidDataException>(() => ScoredPictures.Merge([part], set.Images.Count));
        Assert.Throws<InvalidDataException>(() => ScoredPictures.Merge([part, part], 2 * part.Indices.Count));
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(8_000, 4)]
    [InlineData(8_001, 8)]
    [InlineData(10_000_000, 64)]
    public void CountFor_MorePictures_AreMoreParts(int pictures, int parts) => Assert.Equal(parts, SetParts.CountFor(pictures, shards: 4));

    private static ImmutableArray<ScoredPictures> Parts(Predictor predictor, ImageSet set, int parts, int threads) =>
        [.. Enumerable.Range(0, parts).Select(part => predictor.Score(set, part, parts, threads: threads, ct: Ct))];

    private ScoredPictures Again(ScoredPictures part)
    {
        part.Save(_folder["part.safetensors"]);
        return ScoredPictures.Load(_folder["part.safetensors"]);
    }

    /// <summary>Untrained, the same each time.</summary>
    private Predictor Network(IReadOnlyList<string> classes)
    {
        NativeTorch.EnsureLoaded();
        TorchSharp.torch.manual_seed(3);
        using var network = new MlTrClassifier(MlTrConfig.Nano(classes.Count) with { ImageHeight = 32, ImageWidth = 32 });
        var path = _folder["network.safetensors"];
        Safetensors.Save(path, network.state_dict().Select(pair => (pair.Key, pair.Value)));
        return Predictor.FromWeights(path, network.Config, classes);
    }
}
