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
                // Positions in 1/256 of a pixel: the four weights are whole numbers that sum to 65536.
                var sx = (int)Math.Floor((((a * (x - centre)) + (b * (y - centre)) + dx + centre) * 256) + 0.5);
                var sy = (int)Math.Floor((((c * (x - centre)) + (d * (y - centre)) + dy + centre) * 256) + 0.5);
                var (x0, y0, fx, fy) = (sx >> 8, sy >> 8, sx & 255, sy & 255);
                var to = rgb.Slice(((y * size) + x) * 3, 3);
                if (x0 >= 0 && y0 >= 0 && x0 < size - 1 && y0 < size - 1)
                {
                    var top = from.AsSpan(((y0 * size) + x0) * 3, 6);
                    var bottom = from.AsSpan((((y0 + 1) * size) + x0) * 3, 6);
                    to[0] = Mix(top[0], top[3], bottom[0], bottom[3], fx, fy);
                    to[1] = Mix(top[1], top[4], bottom[1], bottom[4], fx, fy);
                    to[2] = Mix(top[2], top[5], bottom[2], bottom[5], fx, fy);
                    continue;
                }

                for (var k = 0; k < 3; k++)
                {
                    to[k] = Mix(
                        At(from, size, x0, y0, k), At(from, size, x0 + 1, y0, k), At(from, size, x0, y0 + 1, k), At(from, size, x0 + 1, y0 + 1, k), fx, fy);
                }
            }
        }
    }

    private static byte Mix(int a, int b, int c, int d, int fx, int fy) =>
        (byte)(((((a << 8) + ((b - a) * fx)) * (256 - fy)) + (((c << 8) + ((d - c) * fx)) * fy) + 32768) >> 16);

    private static byte At(byte[] from, int size, int x, int y, int channel) =>
        (uint)x < (uint)size && (uint)y < (uint)size ? from[(((y * size) + x) * 3) + channel] : Outside;
}
