using MlTr.Grains.Sweeps.Search;

namespace MlTr.Grains.Tests.Sweeps.Search;

public sealed class SobolSequenceTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void At_First256_HitEach256thOfEveryAxisOnce(int seed)
    {
        for (var dimension = 0; dimension < SobolSequence.MaxDimensions; dimension++)
        {
            var parts = Enumerable.Range(0, 256).Select(index => (int)(SobolSequence.At(seed, index, dimension) * 256)).Order();

            Assert.Equal(Enumerable.Range(0, 256), parts);
        }
    }

    [Fact]
    public void At_First256OfTwoAxes_HitEachOf16By16SquaresOnce()
    {
        var squares = Enumerable.Range(0, 256).Select(index => ((int)(SobolSequence.At(3, index, 0) * 16), (int)(SobolSequence.At(3, index, 1) * 16)));

        Assert.Equal(256, squares.Distinct().Count());
    }

    [Fact]
    public void At_OtherSeed_GivesOtherPoints() =>
        Assert.DoesNotContain(Enumerable.Range(0, 64), index => SobolSequence.At(1, index, 0).Equals(SobolSequence.At(2, index, 0)));
}
