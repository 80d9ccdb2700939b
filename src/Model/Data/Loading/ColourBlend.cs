namespace MlTr.Model.Data.Loading;

/// <summary>Moves a picture away from or towards a duller version of itself: factor 1 changes nothing.</summary>
internal static class ColourBlend
{
    public static byte Level(double value) => (byte)Math.Clamp((int)Math.Floor(value + 0.5), 0, 255);

    public static void Saturation(Span<byte> rgb, double factor)
    {
        var share = (int)Math.Round(factor * 1024); // whole numbers: this runs over every pixel
        for (var i = 0; i + 2 < rgb.Length; i += 3)
        {
            var grey = ((299 * rgb[i]) + (587 * rgb[i + 1]) + (114 * rgb[i + 2]) + 500) / 1000;
            for (var c = i; c < i + 3; c++)
            {
                rgb[c] = Whole((grey << 10) + ((rgb[c] - grey) * share));
            }
        }
    }

    public static void Contrast(Span<byte> rgb, double factor)
    {
        var sum = 0L;
        for (var i = 0; i + 2 < rgb.Length; i += 3)
        {
            sum += (299 * rgb[i]) + (587 * rgb[i + 1]) + (114 * rgb[i + 2]);
        }

        var mean = Math.Round(sum / 1000.0 / (rgb.Length / 3));
        PixelTables.Map(rgb, value => Level(mean + ((value - mean) * factor)));
    }

    /// <summary>The duller version is smoothed by 1 1 1, 1 5 1, 1 1 1; the border has none.</summary>
    public static void Sharpness(Span<byte> rgb, int size, double factor)
    {
        var from = rgb.ToArray();
        var share = (int)Math.Round(factor * 1024);
        var row = size * 3;
        for (var y = 1; y < size - 1; y++)
        {
            for (var i = (y * row) + 3; i < ((y + 1) * row) - 3; i++)
            {
                var around = from[i - row - 3] + from[i - row] + from[i - row + 3] + from[i - 3] + from[i + 3]
                    + from[i + row - 3] + from[i + row] + from[i + row + 3];
                var smooth = ((around + (5 * from[i])) << 10) / 13;
                rgb[i] = Whole(smooth + ((((from[i] << 10) - smooth) * (long)share) >> 10));
            }
        }
    }

    private static byte Whole(long value) => (byte)Math.Clamp((value + 512) >> 10, 0, 255);
}
