namespace MlTr.Model.Data.Loading;

/// <summary>Moves every pixel of a square by a matrix around its centre, bilinearly; what comes from outside is grey.</summary>
internal static class Affine
{
    private const byte Outside = 128;

    /// <summary>The target's (x, y) is taken from (a x + b y + dx, c x + d y + dy), both counted from the centre.</summary>
    public static void Apply(Span<byte> rgb, int size, double a, double b, double c, double d, double dx, double dy)
    {
        var from = rgb.ToArray();
        var centre = (size - 1) / 2.0;
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var sx = (a * (x - centre)) + (b * (y - centre)) + dx + centre;
                var sy = (c * (x - centre)) + (d * (y - centre)) + dy + centre;
                var (x0, y0) = ((int)Math.Floor(sx), (int)Math.Floor(sy));
                var (fx, fy) = (sx - x0, sy - y0);
                for (var channel = 0; channel < 3; channel++)
                {
                    var top = At(from, size, x0, y0, channel) + ((At(from, size, x0 + 1, y0, channel) - At(from, size, x0, y0, channel)) * fx);
                    var bottom = At(from, size, x0, y0 + 1, channel) + ((At(from, size, x0 + 1, y0 + 1, channel) - At(from, size, x0, y0 + 1, channel)) * fx);
                    rgb[(((y * size) + x) * 3) + channel] = ColourBlend.Level(top + ((bottom - top) * fy));
                }
            }
        }
    }

    private static byte At(byte[] from, int size, int x, int y, int channel) =>
        (uint)x < (uint)size && (uint)y < (uint)size ? from[(((y * size) + x) * 3) + channel] : Outside;
}
