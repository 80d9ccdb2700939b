namespace MlTr.Model.Data.Loading;

/// <summary>Moves a picture away from or towards a duller version of itself: factor 1 changes nothing.</summary>
internal static class ColourBlend
{
    public static byte Level(double value) => (byte)Math.Clamp((int)Math.Floor(value + 0.5), 0, 255);

    public static void Saturation(Span<byte> rgb, double factor)
    {
        for (var i = 0; i < rgb.Length; i += 3)
        {
            var grey = Grey(rgb, i);
            for (var c = 0; c < 3; c++)
            {
                rgb[i + c] = Level(grey + ((rgb[i + c] - grey) * factor));
            }
        }
    }

    public static void Contrast(Span<byte> rgb, double factor)
    {
        var sum = 0.0;
        for (var i = 0; i < rgb.Length; i += 3)
        {
            sum += Grey(rgb, i);
        }

        var mean = Math.Round(sum / (rgb.Length / 3));
        PixelTables.Map(rgb, value => Level(mean + ((value - mean) * factor)));
    }

    /// <summary>The duller version is smoothed by 1 1 1, 1 5 1, 1 1 1; the border has none.</summary>
    public static void Sharpness(Span<byte> rgb, int size, double factor)
    {
        var from = rgb.ToArray();
        var row = size * 3;
        for (var y = 1; y < size - 1; y++)
        {
            for (var i = (y * row) + 3; i < ((y + 1) * row) - 3; i++)
            {
                var around = from[i - row - 3] + from[i - row] + from[i - row + 3] + from[i - 3] + from[i + 3]
                    + from[i + row - 3] + from[i + row] + from[i + row + 3];
                var smooth = (around + (5 * from[i])) / 13.0;
                rgb[i] = Level(smooth + ((from[i] - smooth) * factor));
            }
        }
    }

    private static double Grey(ReadOnlySpan<byte> rgb, int i) => (0.299 * rgb[i]) + (0.587 * rgb[i + 1]) + (0.114 * rgb[i + 2]);
}
