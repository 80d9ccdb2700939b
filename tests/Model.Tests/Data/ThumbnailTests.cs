using MlTr.Model.Data;
using SkiaSharp;

namespace MlTr.Model.Tests.Data;

public class ThumbnailTests
{
    [Theory]
    [InlineData(400, 200, 100, 100, 50)]
    [InlineData(200, 400, 100, 50, 100)]
    [InlineData(40, 20, 100, 40, 20)]
    [InlineData(3000, 1, 100, 100, 1)]
    public void Make_KeepsTheShape_AndNeverGrows(int width, int height, int side, int smallWidth, int smallHeight)
    {
        var (file, type) = Thumbnail.Make(Picture(width, height), side);

        var info = ImageDecoder.ReadHeader(file);
        Assert.Equal((smallWidth, smallHeight, "image/png"), (info.Width, info.Height, type));
    }

    [Fact]
    public void Make_KeepsTheColours()
    {
        var (file, _) = Thumbnail.Make(Picture(300, 100), 30);

        using var small = SKBitmap.Decode(file);
        Assert.Equal(new SKColor(200, 100, 50), small.GetPixel(15, 5));
    }

    [Fact]
    public void Make_ALargeOne_IsAJpeg() => Assert.Equal("image/jpeg", Thumbnail.Make(Picture(400, 400), 300).MediaType);

    [Fact]
    public void Make_NoPicture_SaysSo() => Assert.Throws<BadPictureException>(() => Thumbnail.Make("<svg/>"u8.ToArray(), 100));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void KeepBoxes_OnGenuineVoc_HasOneForEachObject(bool keep)
    {
        var set = DatasetFolder.Open(Samples.Path("voc-sample"), "voc", "train", new DatasetReadOptions { KeepBoxes = keep, MaxBadShare = 1 }, TestContext.Current.CancellationToken);

        Assert.All(set.Images, image => Assert.Equal(keep, image.Boxes is not null));
        Assert.All(set.Images.SelectMany(image => image.Boxes ?? []), box => Assert.True(box is { X: >= 0, Y: >= 0, Width: > 0, Height: > 0 }));
    }

    private static byte[] Picture(int width, int height)
    {
        using var bitmap = new SKBitmap(width, height);
        bitmap.Erase(new SKColor(200, 100, 50));
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }
}
