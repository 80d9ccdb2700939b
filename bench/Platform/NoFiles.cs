using MlTr.Grains.Sweeps;

namespace MlTr.Bench.Platform;

/// <summary>Trials that do nothing leave nothing.</summary>
internal sealed class NoFiles : ISweepFiles
{
    public void Delete(string sweepId)
    {
    }

    public (long Free, long Total)? Space() => null;
}
