using MlTr.Model.Data;

namespace MlTr.Model.Training;

/// <summary>The share of the first picture where mixup blends two (Zhang et al., 2018, Eq. 1): one draw for each step, from the run's seed.</summary>
internal static class Mixup
{
    public const double LargestAlpha = 2;

    private const ulong Stream = 0x313F;

    /// <summary>A draw from Beta(alpha, alpha), above 0 and below 1.</summary>
    /// <param name="alpha">Above 0, at most <see cref="LargestAlpha"/>: small ones leave most pictures almost alone.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="step">Step, from 0.</param>
    public static double Share(double alpha, int seed, long step)
    {
        // Joehnk's method: exact, and quick for an alpha this small.
        var draw = new SeededDraw((ulong)(uint)seed, (ulong)step, Stream);
        while (true)
        {
            var (x, y) = (Math.Pow(draw.NextDouble(), 1 / alpha), Math.Pow(draw.NextDouble(), 1 / alpha));
            if (x + y is > 0 and <= 1 && x > 0 && y > 0)
            {
                return x / (x + y);
            }
        }
    }
}
