using MlTr.Abstractions.Predictions;
using MlTr.Grains.Predictions;

namespace MlTr.Grains.Tests.Predictions;

public sealed class PredictionBoardTests
{
    // Four pictures, three classes, thresholds 0.5, 0.5, 0.8; the last picture could not be read.
    private readonly PredictionBoard _board = new(new TrialScores(
        12, ["a", "b", "c"], [0.5, 0.5, 0.8], ["0", "1", "2", "3"],
        [1, 0, 0, /**/ 1, 0, 0, /**/ 1, 1, -1, /**/ 1, 1, 1],
        [0.9f, 0.1f, 0.7f, /**/ 0.3f, 0.95f, 0.1f, /**/ 0.2f, 0.6f, 0.9f, /**/ 0, 0, 0],
        [], [3]));

    [Fact]
    public void Find_All_ThePictureWithTheSurestMistakeFirst_WithoutUnreadOnes()
    {
        var page = _board.Find(new PredictionQuery());

        Assert.Equal([1, 2, 0], page.Pictures.Select(picture => picture.Index)); // 0.95 found wrongly, 0.2 missed, nothing wrong
        Assert.Equal([0.9, 0.6, 0], page.Pictures.Select(picture => Math.Round(picture.Mistake, 4)));
        Assert.Equal((3, 3), (page.Total, _board.Count));
    }

    [Theory]
    [InlineData(null, PredictionFilter.Mistakes, "1 2")]
    [InlineData(null, PredictionFilter.FalsePositives, "1")]
    [InlineData(null, PredictionFilter.FalseNegatives, "2 1")]
    [InlineData(0, PredictionFilter.FalseNegatives, "2 1")]
    [InlineData(0, PredictionFilter.FalsePositives, "")]
    [InlineData(1, PredictionFilter.All, "1 2")]
    [InlineData(2, PredictionFilter.Mistakes, "")] // what the labels do not say is no mistake
    public void Find_OfAClassAndKind_OrdersByThatMistake(int? k, PredictionFilter filter, string expected) =>
        Assert.Equal(expected, string.Join(' ', _board.Find(new PredictionQuery(k, filter)).Pictures.Select(picture => picture.Index)));

    [Fact]
    public void Find_APage_KnowsTheTotal()
    {
        var page = _board.Find(new PredictionQuery(Skip: 1, Take: 1));

        Assert.Equal((3, 2), (page.Total, Assert.Single(page.Pictures).Index));
    }

    [Fact]
    public void Picture_HoldsWhatIsFoundOrLabelled_TheHighestScoreFirst() =>
        Assert.Equal([new ClassVerdict(2, 0.9f, 0.8f, null), new ClassVerdict(1, 0.6f, 0.5f, true), new ClassVerdict(0, 0.2f, 0.5f, true)], _board.Picture(2).Verdicts);

    [Fact]
    public void Together_CountsPicturesOfBothClasses_WithoutUnreadOnes_AndWithoutWhatLabelsDoNotTell()
    {
        // Found: a in 0; b in 1; b in 2, where c is found too but not told of by the labels. Labelled: a in 0, 1 and 2; b in 2.
        Assert.Equal([1, 0, 0, /**/ 0, 2, 0, /**/ 0, 0, 0], _board.Together.Predicted);
        Assert.Equal([3, 1, 0, /**/ 1, 1, 0, /**/ 0, 0, 0], _board.Together.True);
    }

    [Fact]
    public void Confusions_CountOneMissedWhereAnotherIsFound() => Assert.Equal([new Confusion(0, 1, 1)], _board.Confusions(10));
}
