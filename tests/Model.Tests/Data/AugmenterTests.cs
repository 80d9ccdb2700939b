using MlTr.Model.Data.Loading;

namespace MlTr.Model.Tests.Data;

public class AugmenterTests
{
    private static readonly byte[] Picture = [.. Enumerable.Range(0, 8 * 8 * 3).Select(i => (byte)(i * 53 % 251))];

    [Fact]
    public void Affine_Identity_ChangesNothing()
    {
        var picture = Picture.ToArray();

        Affine.Apply(picture, 8, 1, 0, 0, 1, 0, 0);

        Assert.Equal(Picture, picture);
    }

    [Fact]
    public void Affine_OneToTheRight_MovesAndFillsWithGrey()
    {
        var picture = Picture.ToArray();

        Affine.Apply(picture, 8, 1, 0, 0, 1, -1, 0);

        Assert.Equal([128, 128, 128, .. Picture[..21]], picture[..24]);
    }

    [Fact]
    public void Affine_QuarterTurns_ComeBackAfterFour()
    {
        var picture = Picture.ToArray();

        for (var i = 0; i < 4; i++)
        {
            Affine.Apply(picture, 8, 0, 1, -1, 0, 0, 0);
        }

        Assert.Equal(Picture, picture);
    }

    [Fact]
    public void Blends_FactorOne_ChangeNothing()
    {
        var picture = Picture.ToArray();

        ColourBlend.Saturation(picture, 1);
        ColourBlend.Contrast(picture, 1);
        ColourBlend.Sharpness(picture, 8, 1);

        Assert.Equal(Picture, picture);
    }

    [Fact]
    public void Saturation_FactorZero_GivesGrey()
    {
        byte[] picture = [255, 0, 0, 10, 20, 30];

        ColourBlend.Saturation(picture, 0);

        Assert.Equal([76, 76, 76, 18, 18, 18], picture);
    }

    [Fact]
    public void Tables_KnownLevels_AreStretched()
    {
        byte[] picture = [50, 50, 50, 100, 100, 100, 150, 150, 150];

        PixelTables.PerChannel(picture, PixelTables.Autocontrast);

        Assert.Equal([0, 0, 0, 128, 128, 128, 255, 255, 255], picture);
    }
}
