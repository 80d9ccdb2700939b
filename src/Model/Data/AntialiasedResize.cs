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

        // One row at a time is narrowed and added to every row of the square that it is part of: a thin, long picture costs no more than others.
        var (across, down) = (Weights(width, size), Weights(height, size));
        var (narrow, sums) = (new float[size * 3], new float[size * size * 3]);
        var lowest = 0;
        for (var y = 0; y < height; y++)
        {
            Narrow(rgb.AsSpan(y * width * 3, width * 3), across, narrow);
            while (down[lowest].First + down[lowest].Weights.Length <= y)
            {
                lowest++;
            }

            for (var to = lowest; to < size && down[to].First <= y; to++)
            {
                Add(narrow, down[to].Weights[y - down[to].First], sums.AsSpan(to * size * 3, size * 3));
            }
        }

        return Array.ConvertAll(sums, sum => (byte)Math.Clamp((int)(sum + 0.5f), 0, 255));
    }

    private static void Narrow(ReadOnlySpan<byte> row, (int First, float[] Weights)[] across, float[] narrow)
    {
        for (var x = 0; x < across.Length; x++)
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

            (narrow[x * 3], narrow[(x * 3) + 1], narrow[(x * 3) + 2]) = (r, g, b);
        }
    }

    private static void Add(float[] row, float weight, Span<float> sums)
    {
        var x = 0;
        for (; x <= row.Length - Vector<float>.Count; x += Vector<float>.Count)
        {
            (new Vector<float>(sums[x..]) + (new Vector<float>(row, x) * weight)).CopyTo(sums[x..]);
        }

        for (; x < row.Length; x++)
        {
            sums[x] += weight * row[x];
        }
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
