using MlTr.Model.Data;
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

    [Theory]
    [InlineData(nameof(Operation.Invert), 9, 10, 245)]
    [InlineData(nameof(Operation.Posterise), 9, 0b1011_0111, 0b1011_0000)] // 8 - round(3.6) bits stay
    [InlineData(nameof(Operation.Posterise), 1, 0b1011_0111, 0b1011_0111)] // 8 - round(0.4)
    [InlineData(nameof(Operation.Solarise), 5, 127, 127)] // above 128
    [InlineData(nameof(Operation.Solarise), 5, 200, 55)]
    [InlineData(nameof(Operation.Brightness), 5, 100, 145)]
    public void Apply_OneOperation_DoesWhatItsLevelSays(string operation, int level, byte before, byte after)
    {
        var picture = Enumerable.Repeat(before, 4 * 4 * 3).ToArray();

        Augmenter.Apply(picture, 4, Enum.Parse<Operation>(operation), level, 1);

        Assert.All(picture, value => Assert.Equal(after, value));
    }

    [Fact]
    public void Apply_EveryPublishedOperation_ChangesThePicture()
    {
        string[] published =
        [
            "Autocontrast", "Equalise", "Invert", "Posterise", "Solarise", "Colour", "Contrast", "Brightness", "Sharpness",
            "ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate",
        ];

        Assert.Equal(published, Enum.GetNames<Operation>());
        foreach (var operation in Enum.GetValues<Operation>())
        {
            // A gradient with colour and some roughness.
            var picture = Enumerable.Range(0, 32 * 32 * 3).Select(i => (byte)(40 + (i / 3 % 32 * 4) + (i / 96) + (i % 3 * 10) + (i * 7 % 11))).ToArray();
            var before = picture.ToArray();

            Augmenter.Apply(picture, 32, operation, 9, -1);

            Assert.True(!before.SequenceEqual(picture), $"{operation} changes nothing");
        }
    }

    [Theory]
    [InlineData(nameof(Operation.TranslateX))]
    [InlineData(nameof(Operation.TranslateY))]
    public void Apply_Translate_MovesByThatShareOfTheSide(string operation)
    {
        // 0.033 * 10 * 100 = 33 pixels come from outside.
        var picture = new byte[100 * 100 * 3];

        Augmenter.Apply(picture, 100, Enum.Parse<Operation>(operation), 10, 1);

        Assert.Equal(33 * 100 * 3, picture.Count(value => value == 128));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.25)]
    [InlineData(0)]
    public void Apply_Cutout_HidesARectangleOfThatSizeInOneColour(double share)
    {
        var largest = 0;
        for (ulong seed = 0; seed < 60; seed++)
        {
            var picture = new byte[20 * 20 * 3];
            var draw = new SeededDraw(seed);
            Augmenter.Apply(picture, 20, new BatchSourceOptions { Augmentations = Augmentations.Cutout, CutoutSize = share }, ref draw);
            var colours = picture.Chunk(3).Select(p => (p[0], p[1], p[2])).Where(p => p != default).ToList();
            Assert.True(colours.Distinct().Count() <= 1);
            largest = Math.Max(largest, colours.Count);
        }

        Assert.Equal((int)(20 * share) * (int)(20 * share), largest); // clipped at the border in most draws
    }

    [Fact]
    public void Options_StrengthOutOfRange_IsRefused()
    {
        BatchSourceOptions[] wrong = [new() { CutoutSize = 1.1 }, new() { RandAugmentLevel = 11 }, new() { RandAugmentOperations = 0 }];

        Assert.All(wrong, options => Assert.Throws<ArgumentException>(options.ThrowIfInvalid));
    }

    [Fact]
    public void Tables_KnownLevels_AreStretched()
    {
        byte[] picture = [50, 50, 50, 100, 100, 100, 150, 150, 150];

        PixelTables.PerChannel(picture, PixelTables.Autocontrast);

        Assert.Equal([0, 0, 0, 128, 128, 128, 255, 255, 255], picture);
    }
}
