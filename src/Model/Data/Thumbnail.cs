using SkiaSharp;

namespace MlTr.Model.Data;

/// <summary>Small copies of pictures for the screen: decoded and written anew, so that nothing else of a file is passed on.</summary>
public static class Thumbnail
{
    /// <summary>Up to this side a copy is a PNG, since a JPEG would smear it; above it a JPEG.</summary>
    public const int PngSide = 160;

    private const int Quality = 85;

    /// <summary>An upright copy whose longer side is at most <paramref name="side"/> pixels; a smaller picture keeps its size.</summary>
    /// <param name="bytes">A PNG, JPEG or WebP file.</param>
    /// <param name="side">Most pixels of the longer side.</param>
    /// <param name="maxPixels">A header that claims more is refused before anything is allocated.</param>
    /// <returns>The file and its media type. <see cref="BadPictureException"/> says what is wrong with the picture.</returns>
    public static (byte[] File, string MediaType) Make(byte[] bytes, int side, long maxPixels = ImageDecoder.DefaultMaxPixels)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        var info = ImageDecoder.ReadHeader(bytes, maxPixels);
        var share = Math.Min(1.0, (double)side / Math.Max(info.Width, info.Height));
        var (width, height) = (Math.Max(1, (int)Math.Round(info.Width * share)), Math.Max(1, (int)Math.Round(info.Height * share)));

        // Decoded to a square by the filter that the network sees through, then stretched back to its shape.
        var square = Math.Max(width, height);
        var rgb = ImageDecoder.DecodeSquare(bytes, square, maxPixels);
        using var bitmap = new SKBitmap(new SKImageInfo(square, square, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var pixels = bitmap.GetPixelSpan();
        for (int from = 0, to = 0; from < rgb.Length; from += 3, to += 4)
        {
            (pixels[to], pixels[to + 1], pixels[to + 2], pixels[to + 3]) = (rgb[from], rgb[from + 1], rgb[from + 2], 255);
        }

        using var shaped = bitmap.Resize(new SKSizeI(width, height), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        var png = square <= PngSide;
        using var file = shaped.Encode(png ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Jpeg, Quality);
        return (file.ToArray(), png ? "image/png" : "image/jpeg");
    }
}
