using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Sweeps;
using MlTr.Silo.Artifacts;
using MlTr.Silo.Hosting;
using MlTr.Silo.Models;

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

    public void Delete(string sweepId) => DeleteFolder(data.Sweep(sweepId));

    public void DeleteCheckpoint(TrialId trial, CheckpointSnapshot checkpoint)
    {
        if (Folder(trial, checkpoint) is { } folder)
        {
            DeleteFolder(folder);
        }
    }

    public async IAsyncEnumerable<ImmutableArray<byte>> ReadCheckpointAsync(TrialId trial, CheckpointSnapshot checkpoint, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folder = Folder(trial, checkpoint) ?? throw new CheckpointException($"It is recorded at {checkpoint.Path}, where no checkpoint of a trial lies.");
        await Task.Run(() => copies.OpenOrFetch(folder, out _), cancellationToken); // what is still wrong then is said below
        await foreach (var piece in ModelPackage.ReadAsync(folder, Path.GetFileName(folder), words => new CheckpointException(words), cancellationToken))
        {
            yield return piece;
        }
    }

    private string? Folder(TrialId trial, CheckpointSnapshot checkpoint) => new TrialFolder(data.Trial(trial.SweepId, trial.Number), copies, attempt: 0).Here(checkpoint);

    private void DeleteFolder(string folder)
    {
        copies.Delete(folder);
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
        }
    }
}
