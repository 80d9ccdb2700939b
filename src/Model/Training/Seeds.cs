namespace MlTr.Model.Training;

/// <summary>One seed for each step of a run, so that no generator state has to be kept.</summary>
public static class Seeds
{
    /// <summary>The step's seed: the two numbers well mixed (splitmix64), never negative.</summary>
    public static long Mix(int seed, long step)
    {
        var x = ((ulong)(uint)seed << 32) ^ (ulong)step;
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return (long)((x ^ (x >> 31)) >> 1);
    }
}
