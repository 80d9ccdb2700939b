using MlTr.Model.Data;

namespace MlTr.Model.Tests.Data;

public class ImageDecoderTests
{
    [Theory]
    [InlineData("ok.jpg")]
    [InlineData("cmyk.jpg")]
    [InlineData("progressive.jpg")]
    [InlineData("png_named.jpg")]
    [InlineData("exif_rotated.jpg")]
    [InlineData("name with spaces, ünïcode.jpg")]
    public void DecodeSquare_VariantsOfOnePicture_LookAlike(string name)
    {
        var expected = Decode("ok.jpg", 32);

        var pixels = Decode(name, 32);

        Assert.InRange(expected.Zip(pixels, (a, b) => Math.Abs(a - b)).Average(), 0, 12);
    }

    [Theory]
    [InlineData("grayscale.jpg")]
    [InlineData("palette.png")]
    [InlineData("rgba.png")]
    [InlineData("gray16.png")]
    [InlineData("rgb16.png")]
    [InlineData("one_pixel.jpg")]
    public void DecodeSquare_OtherKinds_HaveAPlausibleBrightness(string name)
    {
        var pixels = Decode(name, 16);

        Assert.InRange(pixels.Average(level => level), 20, 235);
    }

    [Theory]
    [InlineData("truncated.jpg", "cut off")]
    [InlineData("header_only.jpg", "")]
    [InlineData("empty.jpg", "the file is empty")]
    [InlineData("text.jpg", "no PNG, JPEG or WebP")]
    [InlineData("huge_header.jpg", "65500 x 65500")]
    [InlineData("huge_header.png", "")]
    [InlineData("bad_crc.png", "")]
    [InlineData("zero_size.png", "")]
    public void DecodeSquare_BadPicture_SaysWhyAndCostsNoMemory(string name, string reason)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);

        var error = Assert.Throws<BadPictureException>(() => Decode(name, 16));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 8 << 20);
    }

    [Theory]
    [InlineData(1, 60_000)]
    [InlineData(60_000, 1)]
    public void DecodeSquare_ThinPicture_CostsLittleMemory(int width, int height)
    {
        var png = Png(width, height);
        var before = GC.GetTotalAllocatedBytes(precise: true);

        var pixels = ImageDecoder.DecodeSquare(png, 448);

        Assert.All(pixels.Chunk(3).Take(448), colour => Assert.Equal([200, 40, 10], colour));
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 16 << 20);
    }

    [Fact]
    public void DecodeSquare_LongerThanAnyCamera_IsRefused() =>
        Assert.Contains("1 x 1000000", Assert.Throws<BadPictureException>(() => ImageDecoder.DecodeSquare(Png(1, 1_000_000), 1024)).Message, StringComparison.Ordinal);

    [Fact]
    public void DecodeSquare_HeaderOfAHundredMillionPixelsInAFewBytes_IsRefusedBeforeDecoding()
    {
        // A signature, a header of 10000 x 10000 pixels of 8-bit grey, and an IDAT of ten bytes.
        var png = Convert.FromHexString("89504E470D0A1A0A0000000D49484452000027100000271008000000009F253DFB0000000A49444154789C6300000001000100163D5A48");

        var error = Assert.Throws<BadPictureException>(() => ImageDecoder.DecodeSquare(png, 16));

        Assert.Contains("10000 x 10000 pixels in 55 bytes", error.Message, StringComparison.Ordinal);
    }

    private static byte[] Png(int width, int height)
    {
        using var bitmap = new SkiaSharp.SKBitmap(new SkiaSharp.SKImageInfo(width, height, SkiaSharp.SKColorType.Rgba8888, SkiaSharp.SKAlphaType.Unpremul));
        bitmap.Erase(new SkiaSharp.SKColor(200, 40, 10));
        using var data = bitmap.Encode(SkiaSharp.SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    [Fact]
    public void DecodeSquare_TransparentPixels_LieOverWhite()
    {
        using var bitmap = new SkiaSharp.SKBitmap(new SkiaSharp.SKImageInfo(2, 2, SkiaSharp.SKColorType.Rgba8888, SkiaSharp.SKAlphaType.Unpremul));
        bitmap.Erase(new SkiaSharp.SKColor(200, 0, 0, 0));
        bitmap.SetPixel(1, 0, new SkiaSharp.SKColor(0, 0, 0, 128));
        using var data = bitmap.Encode(SkiaSharp.SKEncodedImageFormat.Png, 100);

        var pixels = ImageDecoder.DecodeSquare(data!.ToArray(), 2);

        Assert.Equal([255, 255, 255, 127, 127, 127], pixels[..6]);
    }

    [Fact]
    public void ReadHeader_TurnedPicture_GivesTheUprightSize()
    {
        var upright = ImageDecoder.ReadHeader(Samples.Path("malformed/coco/images/ok.jpg"));

        var turned = ImageDecoder.ReadHeader(Samples.Path("malformed/coco/images/exif_rotated.jpg"));

        Assert.Equal((upright.Width, upright.Height), (turned.Width, turned.Height));
    }

    private static byte[] Decode(string name, int size) => ImageDecoder.DecodeSquare(File.ReadAllBytes(Samples.Path("malformed/coco/images/" + name)), size);
}
