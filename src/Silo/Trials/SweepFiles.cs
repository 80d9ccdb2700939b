using MlTr.Grains.Sweeps;
using MlTr.Silo.Artifacts;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Trials;

/// <summary>The checkpoints under the data folder, and their copies.</summary>
internal sealed class SweepFiles(DataFolder data, CheckpointCopies copies) : ISweepFiles
{
    public (long Free, long Total)? Space()
    {
        try
        {
            var disk = new DriveInfo(data.Root);
            return (disk.AvailableFreeSpace, disk.TotalSize);
        }
        catch (Exception error) when (error is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return null; // a share of the network, perhaps
        }
    }

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
