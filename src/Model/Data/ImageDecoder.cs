using SkiaSharp;

namespace MlTr.Model.Data;

/// <summary>A picture that cannot be used; the message says why.</summary>
public sealed class BadPictureException(string reason) : Exception(reason);

/// <summary>Size of a picture once it is upright, and its format.</summary>
public sealed record PictureInfo(int Width, int Height, string Format);

/// <summary>
/// Decodes PNG, JPEG and WebP by content: grey and palette become RGB, alpha lies over white, EXIF orientation is applied,
/// 16 bits are scaled to 8. A picture is squashed to a square by an antialiased bilinear filter (the one Pillow has).
/// </summary>
public static class ImageDecoder
{
    /// <summary>No header is believed that claims more pixels than this.</summary>
    public const long DefaultMaxPixels = 100_000_000;

    /// <summary>No side may be longer: the longest that JPEG has.</summary>
    public const int MaxSide = 65_535;

    /// <summary>Why a picture that failed with this cannot be used; null for what is not the picture's fault.</summary>
    internal static string? Fault(Exception error) => error switch
    {
        OverflowException or OutOfMemoryException => "the picture is too large to decode",
        BadPictureException or IOException or UnauthorizedAccessException => error.Message,
        _ => null,
    };

    /// <summary>Reads size and format without decoding.</summary>
    public static PictureInfo ReadHeader(string path, long maxPixels = DefaultMaxPixels)
    {
        using var stream = File.OpenRead(path);
        var length = stream.Length; // before Skia sees the stream: what it cannot read it closes
        using var codec = Open(SKCodec.Create(stream), length, maxPixels);
        return InfoOf(codec);
    }

    /// <summary>Reads size and format without decoding.</summary>
    public static PictureInfo ReadHeader(byte[] bytes, long maxPixels = DefaultMaxPixels)
    {
        using var data = SKData.CreateCopy(bytes);
        using var codec = Open(SKCodec.Create(data), bytes.Length, maxPixels);
        return InfoOf(codec);
    }

    /// <summary>Decodes to <paramref name="size"/> x <paramref name="size"/> pixels, RGB, row by row.</summary>
    public static byte[] DecodeSquare(byte[] bytes, int size, long maxPixels = DefaultMaxPixels)
    {
        var target = new byte[size * size * 3];
        DecodeSquare(bytes, size, target, maxPixels);
        return target;
    }

    /// <summary>Decodes to <paramref name="size"/> x <paramref name="size"/> pixels, RGB, row by row.</summary>
    public static void DecodeSquare(byte[] bytes, int size, Span<byte> target, long maxPixels = DefaultMaxPixels)
    {
        using var data = SKData.CreateCopy(bytes);
        using var codec = Open(SKCodec.Create(data), bytes.Length, maxPixels);
        var info = codec.Info;

        // A JPEG may be decoded at an eighth, a quarter or half of its size; twice the target leaves the filter its work.
        var scale = Math.Min(1f, 2f * size / Math.Min(info.Width, info.Height));
        var scaled = scale < 1 ? codec.GetScaledDimensions(scale) : new SKSizeI(info.Width, info.Height);
        using var bitmap = new SKBitmap();
        if (!bitmap.TryAllocPixels(new SKImageInfo(scaled.Width, scaled.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul)))
        {
            throw new BadPictureException(FormattableString.Invariant($"there is no memory for {scaled.Width} x {scaled.Height} pixels"));
        }

        var result = codec.GetPixels(bitmap.Info, bitmap.GetPixels());
        if (result != SKCodecResult.Success)
        {
            throw new BadPictureException(result == SKCodecResult.IncompleteInput ? "the picture is cut off" : $"the picture is damaged ({result})");
        }

        var rgb = new byte[scaled.Width * scaled.Height * 3];
        OverWhite(bitmap.GetPixelSpan(), rgb);
        Turn(AntialiasedResize.Squash(rgb, scaled.Width, scaled.Height, size), size, codec.EncodedOrigin, target);
    }

    private static SKCodec Open(SKCodec? codec, long length, long maxPixels)
    {
        if (codec is null)
        {
            throw new BadPictureException(length == 0 ? "the file is empty" : "is no PNG, JPEG or WebP picture");
        }

        var reason = Refusal(codec, length, maxPixels);
        if (reason is not null)
        {
            codec.Dispose();
            throw new BadPictureException(reason);
        }

        return codec;
    }

    /// <summary>Why a picture is not decoded, by its header alone; null if it may be.</summary>
    private static string? Refusal(SKCodec codec, long length, long maxPixels)
    {
        var (width, height, format) = (codec.Info.Width, codec.Info.Height, codec.EncodedFormat);
        var pixels = (long)width * height;

        // Deflate packs 1032 bytes into one and a byte holds 8 pixels of one bit; a JPEG spends a bit or more on 64 pixels. WebP knows no such limit.
        var pixelsInAByte = format switch { SKEncodedImageFormat.Png => 10_000, SKEncodedImageFormat.Jpeg => 1_000, _ => long.MaxValue };
        return format is not (SKEncodedImageFormat.Png or SKEncodedImageFormat.Jpeg or SKEncodedImageFormat.Webp)
            ? $"{format} pictures are not supported; convert to PNG, JPEG or WebP"
            : pixels > maxPixels
            ? FormattableString.Invariant($"the header claims {width} x {height} pixels; at most {maxPixels} are accepted")
            : Math.Max(width, height) > MaxSide
            ? FormattableString.Invariant($"the header claims {width} x {height} pixels; at most {MaxSide} to a side are accepted")
            : pixels / pixelsInAByte > length
            ? FormattableString.Invariant($"the header claims {width} x {height} pixels in {length} bytes: the picture is damaged or cut off")
            : width < 1 || height < 1 ? "the picture has no pixels" : null;
    }

    private static PictureInfo InfoOf(SKCodec codec)
    {
        var sideways = codec.EncodedOrigin >= SKEncodedOrigin.LeftTop; // 5 to 8 swap width and height
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        return new PictureInfo(sideways ? height : width, sideways ? width : height, codec.EncodedFormat.ToString());
    }

    private static void OverWhite(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        for (int from = 0, to = 0; to < rgb.Length; from += 4, to += 3)
        {
            var alpha = rgba[from + 3];
            for (var c = 0; c < 3; c++)
            {
                rgb[to + c] = alpha == 255 ? rgba[from + c] : (byte)(((rgba[from + c] * alpha) + (255 * (255 - alpha)) + 127) / 255);
            }
        }
    }

    // Turning the square after the squash is the same as turning the picture before it.
    private static void Turn(ReadOnlySpan<byte> square, int size, SKEncodedOrigin origin, Span<byte> target)
    {
        if (origin is SKEncodedOrigin.TopLeft or SKEncodedOrigin.Default)
        {
            square.CopyTo(target);
            return;
        }

        var last = size - 1;
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var (sx, sy) = origin switch
                {
                    SKEncodedOrigin.TopRight => (last - x, y),
                    SKEncodedOrigin.BottomRight => (last - x, last - y),
                    SKEncodedOrigin.BottomLeft => (x, last - y),
                    SKEncodedOrigin.LeftTop => (y, x),
                    SKEncodedOrigin.RightTop => (y, last - x),
                    SKEncodedOrigin.RightBottom => (last - y, last - x),
                    _ => (last - y, x),
                };
                square.Slice(((sy * size) + sx) * 3, 3).CopyTo(target[(((y * size) + x) * 3)..]);
            }
        }
    }
}
