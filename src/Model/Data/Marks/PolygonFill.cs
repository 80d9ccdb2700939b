namespace MlTr.Model.Data.Marks;

/// <summary>
/// Fills polygons by the even-odd rule into a map of owners. Written out rather than drawn by a graphics library, because
/// the pictures' digest is pinned: vertices are rounded to 1/256 of a sample, so no machine's arithmetic can move an edge.
/// </summary>
internal static class PolygonFill
{
    private const int Unit = 256;

    public static void Fill(byte[] owners, int side, (double X, double Y)[][] contours, byte owner)
    {
        var edges = new List<(long X0, long Y0, long X1, long Y1)>();
        var (top, bottom) = (long.MaxValue, long.MinValue);
        foreach (var contour in contours)
        {
            for (var i = 0; i < contour.Length; i++)
            {
                var (a, b) = (contour[i], contour[(i + 1) % contour.Length]);
                var edge = (Round(a.X), Round(a.Y), Round(b.X), Round(b.Y));
                edges.Add(edge.Item2 <= edge.Item4 ? edge : (edge.Item3, edge.Item4, edge.Item1, edge.Item2));
                (top, bottom) = (Math.Min(top, Math.Min(edge.Item2, edge.Item4)), Math.Max(bottom, Math.Max(edge.Item2, edge.Item4)));
            }
        }

        var crossings = new List<long>();
        for (var row = (int)Math.Max(0, (top / Unit) - 1); row < Math.Min(side, (bottom / Unit) + 2); row++)
        {
            var y = (row * (long)Unit) + (Unit / 2);
            crossings.Clear();
            foreach (var (x0, y0, x1, y1) in edges)
            {
                if (y0 <= y && y < y1)
                {
                    crossings.Add(x0 + ((x1 - x0) * (y - y0) / (y1 - y0)));
                }
            }

            crossings.Sort();
            for (var i = 0; i + 1 < crossings.Count; i += 2)
            {
                var from = Math.Clamp(Sample(crossings[i]), 0, side);
                var to = Math.Clamp(Sample(crossings[i + 1]), 0, side);
                owners.AsSpan((row * side) + from, Math.Max(0, to - from)).Fill(owner);
            }
        }
    }

    private static long Round(double value) => (long)Math.Floor((value * Unit) + 0.5);

    // The first sample whose centre is not left of x.
    private static int Sample(long x) => (int)Math.Clamp((x + (Unit / 2) - 1) >> 8, -1, int.MaxValue / 2);
}
