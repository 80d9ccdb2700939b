namespace MlTr.Model.Data.Loading;

/// <summary>Operations that map each level to another by a table of 256 entries.</summary>
internal static class PixelTables
{
    public delegate void FillTable(ReadOnlySpan<int> histogram, Span<byte> table);

    public static void Map(Span<byte> rgb, Func<byte, byte> map)
    {
        Span<byte> table = stackalloc byte[256];
        for (var value = 0; value < 256; value++)
        {
            table[value] = map((byte)value);
        }

        foreach (ref var level in rgb)
        {
            level = table[level];
        }
    }

    public static void PerChannel(Span<byte> rgb, FillTable fill)
    {
        Span<int> histogram = stackalloc int[256];
        Span<byte> table = stackalloc byte[256];
        for (var c = 0; c < 3; c++)
        {
            histogram.Clear();
            for (var i = c; i < rgb.Length; i += 3)
            {
                histogram[rgb[i]]++;
            }

            fill(histogram, table);
            for (var i = c; i < rgb.Length; i += 3)
            {
                rgb[i] = table[rgb[i]];
            }
        }
    }

    public static void Autocontrast(ReadOnlySpan<int> histogram, Span<byte> table)
    {
        var (low, high) = (histogram.IndexOfAnyExcept(0), histogram.LastIndexOfAnyExcept(0));
        for (var value = 0; value < 256; value++)
        {
            table[value] = high <= low ? (byte)value : ColourBlend.Level((value - low) * 255.0 / (high - low));
        }
    }

    /// <summary>As in Pillow, so that a picture of one level stays as it is.</summary>
    public static void Equalise(ReadOnlySpan<int> histogram, Span<byte> table)
    {
        var total = 0;
        foreach (var count in histogram)
        {
            total += count;
        }

        var step = (total - histogram[histogram.LastIndexOfAnyExcept(0)]) / 255;
        var sum = step / 2;
        for (var value = 0; value < 256; value++)
        {
            table[value] = step == 0 ? (byte)value : (byte)Math.Min(255, sum / step);
            sum += histogram[value];
        }
    }
}
