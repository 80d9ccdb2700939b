using MlTr.Grains.Sweeps;
using MlTr.Silo.Artifacts;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Trials;

/// <summary>The checkpoints under the data folder, and their copies.</summary>
internal sealed class SweepFiles(DataFolder data, CheckpointCopies copies) : ISweepFiles
{
    public void Delete(string sweepId)
    {
        copies.Delete(data.Sweep(sweepId));
        try
        {
            Directory.Delete(data.Sweep(sweepId), recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
        }
    }
}
