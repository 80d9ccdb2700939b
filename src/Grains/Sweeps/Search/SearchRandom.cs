namespace MlTr.Grains.Sweeps.Search;

/// <summary>Random numbers that follow from what they are for alone: the same on every machine, whatever was drawn before.</summary>
internal static class SearchRandom
{
    /// <summary>53 random bits in [0, 1): draw <paramref name="draw"/> of axis <paramref name="axis"/> under a seed.</summary>
    public static double UnitInterval(int seed, long draw, int axis) => ToUnit(Mix(Mix(Mix((ulong)seed + 0x9E3779B97F4A7C15) ^ (ulong)draw) ^ (ulong)axis));

    /// <summary>32 random bits of the same kind.</summary>
    public static uint Bits(int seed, long draw, int axis) => (uint)(Mix(Mix(Mix((ulong)seed + 0x9E3779B97F4A7C15) ^ (ulong)draw) ^ (ulong)axis) >> 32);

    /// <summary>SplitMix64.</summary>
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    private static double ToUnit(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));
}
