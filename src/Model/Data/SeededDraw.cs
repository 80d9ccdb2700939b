namespace MlTr.Model.Data;

/// <summary>SplitMix64: small, fast, and the same on every machine. Every draw follows from the seeds it was made with.</summary>
internal struct SeededDraw
{
    private ulong state;

    public SeededDraw(params ReadOnlySpan<ulong> seeds)
    {
        foreach (var seed in seeds)
        {
            state = Mix(state + 0x9E3779B97F4A7C15UL ^ seed);
        }
    }

    public ulong Next() => Mix(state += 0x9E3779B97F4A7C15UL);

    /// <summary>0 inclusive to 1 exclusive.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>0 inclusive to <paramref name="end"/> exclusive.</summary>
    public int NextInt(int end) => (int)(((UInt128)Next() * (ulong)end) >> 64);

    public double Between(double low, double high) => low + ((high - low) * NextDouble());

    public bool Chance(double probability) => NextDouble() < probability;

    public void Shuffle(Span<int> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
