using System.Numerics;

namespace MlTr.Model.Data;

/// <summary>Bilinear resizing whose filter widens with the reduction, so that no pixel is skipped. Equal sizes change nothing.</summary>
internal static class AntialiasedResize
{
    public static byte[] Squash(byte[] rgb, int width, int height, int size)
    {
        if (width == size && height == size)
        {
            return rgb;
        }

        var (across, down) = (Weights(width, size), Weights(height, size));
        var narrow = new float[height * size * 3];
        for (var y = 0; y < height; y++)
        {
            var row = rgb.AsSpan(y * width * 3, width * 3);
            for (var x = 0; x < size; x++)
            {
                var (first, weights) = across[x];
                var (r, g, b, at) = (0f, 0f, 0f, first * 3);
                foreach (var weight in weights)
                {
                    r += weight * row[at];
                    g += weight * row[at + 1];
                    b += weight * row[at + 2];
                    at += 3;
                }

                var to = ((y * size) + x) * 3;
                (narrow[to], narrow[to + 1], narrow[to + 2]) = (r, g, b);
            }
        }

        var square = new byte[size * size * 3];
        var sums = new float[size * 3];
        for (var y = 0; y < size; y++)
        {
            var (first, weights) = down[y];
            Array.Clear(sums);
            for (var i = 0; i < weights.Length; i++)
            {
                var row = narrow.AsSpan((first + i) * size * 3, size * 3);
                var x = 0;
                for (; x <= sums.Length - Vector<float>.Count; x += Vector<float>.Count)
                {
                    (new Vector<float>(sums, x) + (new Vector<float>(row[x..]) * weights[i])).CopyTo(sums, x);
                }

                for (; x < sums.Length; x++)
                {
                    sums[x] += weights[i] * row[x];
                }
            }

            for (var x = 0; x < sums.Length; x++)
            {
                square[(y * size * 3) + x] = (byte)Math.Clamp((int)(sums[x] + 0.5f), 0, 255);
            }
        }

        return square;
    }

    private static (int First, float[] Weights)[] Weights(int from, int to)
    {
        var scale = (double)from / to;
        var reach = Math.Max(1, scale);
        var all = new (int, float[])[to];
        for (var i = 0; i < to; i++)
        {
            var centre = (i + 0.5) * scale;
            var first = Math.Max(0, (int)(centre - reach + 0.5));
            var end = Math.Min(from, (int)(centre + reach + 0.5));
            var weights = Enumerable.Range(first, end - first).Select(x => Math.Max(0, 1 - Math.Abs((x + 0.5 - centre) / reach))).ToArray();
            var sum = weights.Sum();
            all[i] = (first, Array.ConvertAll(weights, w => (float)(w / sum)));
        }

        return all;
    }
}
