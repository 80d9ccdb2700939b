using MlTr.Grains.Sweeps;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Trials;

/// <summary>The checkpoints under the data folder.</summary>
internal sealed class SweepFiles(DataFolder data) : ISweepFiles
{
    public void Delete(string sweepId)
    {
        try
        {
            Directory.Delete(data.Sweep(sweepId), recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
        }
    }
}
