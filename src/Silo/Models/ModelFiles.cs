using System.Collections.Immutable;
using System.Globalization;
using MlTr.Abstractions.Models;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Models;
using MlTr.Model.Checkpoints;
using MlTr.Silo.Artifacts;
using MlTr.Silo.Hosting;
using MlTr.Silo.Trials;

namespace MlTr.Silo.Models;

/// <summary>The registered models under the data folder, each version a folder that <c>predict</c> reads.</summary>
internal sealed class ModelFiles(DataFolder data, CheckpointCopies copies) : IModelFiles
{
    public Task<long> FindAsync(TrialId trial, ImmutableArray<CheckpointSnapshot> recorded, ModelCheckpoint choice) =>
        RunAsync(() => Find(trial, recorded, choice).State.Step);

    public Task<ModelFile?> AddAsync(string name, int version, TrialId trial, ImmutableArray<CheckpointSnapshot> recorded, ModelCheckpoint choice) =>
        RunAsync(() => Add(name, version, trial, Find(trial, recorded, choice)));

    public void Delete(string name, int version)
    {
        try
        {
            Directory.Delete(data.Model(name, version), recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ModelRegistryException($"The files of version {version} of {name} cannot be deleted: {error.Message}");
        }
    }

    public IAsyncEnumerable<ImmutableArray<byte>> ReadPackageAsync(string name, int version, CancellationToken cancellationToken)
    {
        var folder = data.Model(name, version);
        return ModelPackage.ReadAsync(folder, string.Create(CultureInfo.InvariantCulture, $"{name}-{version}"), words => new ModelRegistryException(words), cancellationToken);
    }

    private ModelFile? Add(string name, int version, TrialId trial, TrainerCheckpoint checkpoint)
    {
        var folder = data.Model(name, version);
        try
        {
            var written = CheckpointStore.Export(checkpoint.Folder, folder, new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["model"] = name,
                ["version"] = version.ToString(CultureInfo.InvariantCulture),
                ["trial"] = trial.ToString(),
            });
            return new ModelFile(written.State.Step, written.State.Config.NumClasses, written.Bytes, written.Sha256);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            return null;
        }
    }

    private TrainerCheckpoint Find(TrialId trial, ImmutableArray<CheckpointSnapshot> recorded, ModelCheckpoint choice)
    {
        if (recorded.IsEmpty)
        {
            throw new ModelRegistryException($"Trial {trial} has no checkpoint: a trial saves the first one after its first validation, and they may have been deleted since.");
        }

        var root = data.Trial(trial.SweepId, trial.Number);
        var folder = new TrialFolder(root, copies, attempt: 0);
        var found = folder.FindStart(recorded);
        var newest = found.Newest ?? throw new ModelRegistryException(
            $"No checkpoint of trial {trial} can be used; they should lie in {root} on the control machine. {(found.Problems.Count > 0 ? found.Problems[0] : "")}".TrimEnd());
        return choice == ModelCheckpoint.Last
            ? newest
            : folder.FindBest(newest, recorded)
                ?? throw new ModelRegistryException($"The best checkpoint of trial {trial}, at step {newest.State.BestStep}, is gone or damaged: register the last one instead.");
    }

    /// <summary>Away from the grain's turn, since it reads and writes whole checkpoints; with words for what fails.</summary>
    private static async Task<T> RunAsync<T>(Func<T> work)
    {
        try
        {
            return await Task.Run(work);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new ModelRegistryException($"The checkpoint cannot be copied: {error.Message}");
        }
    }
}
