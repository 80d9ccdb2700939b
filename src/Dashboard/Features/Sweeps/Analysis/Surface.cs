using System.Collections.Immutable;

namespace MlTr.Dashboard.Features.Sweeps.Analysis;

/// <summary>A value over two parameters, known at some points and guessed between them.</summary>
internal static class Surface
{
    /// <summary>Points nearer than this, in shares of the axes, are taken as the same.</summary>
    private const double Near = 1e-9;

    /// <summary>
    /// The values on a square raster, rows from low to high y: at each place the mean of the points weighted by the inverse fourth power of their
    /// distance (Shepard 1968), both axes scaled to 0..1. The fourth power keeps far points from blurring near ones.
    /// </summary>
    /// <param name="points">Where something was measured, and what. At least one.</param>
    /// <param name="size">Places along each axis.</param>
    public static double[][] Interpolate(ImmutableArray<(double X, double Y, double Value)> points, int size)
    {
        var (left, width) = Extent(points.Select(point => point.X));
        var (bottom, height) = Extent(points.Select(point => point.Y));
        return [.. Enumerable.Range(0, size).Select(row => Enumerable.Range(0, size).Select(column => At(column / (size - 1.0), row / (size - 1.0))).ToArray())];

        double At(double x, double y)
        {
            var (sum, weights) = (0.0, 0.0);
            foreach (var point in points)
            {
                var (dx, dy) = (((point.X - left) / width) - x, ((point.Y - bottom) / height) - y);
                var weight = 1 / Math.Max(Near, Math.Pow((dx * dx) + (dy * dy), 2));
                sum += weight * point.Value;
                weights += weight;
            }

            return sum / weights;
        }
    }

    private static (double Low, double Width) Extent(IEnumerable<double> places)
    {
        var all = places.ToList();
        return (all.Min(), Math.Max(Near, all.Max() - all.Min()));
    }
}
