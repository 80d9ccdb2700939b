using MlTr.Model.Checkpoints;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Artifacts;

/// <summary>
/// Copies of the checkpoints in the data folder, for machines that do not share it: a worker keeps one of each that it writes, and another fetches it to
/// go on from there. Without a store nothing is copied, because the data folder itself is shared.
/// </summary>
internal sealed class CheckpointCopies(DataFolder data, IArtifactStore? store)
{
    /// <summary>As the settings say, and usable.</summary>
    /// <exception cref="PlatformException">The store cannot be used.</exception>
    public static CheckpointCopies Open(PlatformOptions options)
    {
        try
        {
            IArtifactStore? store = options.Artifacts switch
            {
                "" => null,
                var address when address.StartsWith(S3Address.Scheme, StringComparison.Ordinal) => new S3ArtifactStore(S3Address.Parse(address)),
                var folder => new FolderArtifactStore(Path.GetFullPath(folder)),
            };
            store?.EnsureReady();
            return new CheckpointCopies(new DataFolder(options.DataFolder), store);
        }
        catch (ArtifactStoreException error)
        {
            throw new PlatformException($"Platform:Artifacts cannot be used, {error.Message}", error);
        }
    }

    /// <summary>Keeps a copy of a complete checkpoint; its manifest comes last, and with it the copy is complete.</summary>
    /// <exception cref="ArtifactStoreException">It is not kept.</exception>
    public void Put(string checkpoint)
    {
        if (store is not null)
        {
            foreach (var file in Directory.GetFiles(checkpoint).OrderBy(file => Path.GetFileName(file) == CheckpointStore.ManifestFile))
            {
                store.Put($"{NameOf(checkpoint)}/{Path.GetFileName(file)}", file);
            }
        }
    }

    /// <summary>The checkpoint at its place in the data folder, fetched if it is not there or damaged.</summary>
    /// <returns>Null where it cannot be used, with the problem.</returns>
    public TrainerCheckpoint? OpenOrFetch(string checkpoint, out string? problem)
    {
        if (CheckpointStore.TryOpen(checkpoint, out problem) is { } here)
        {
            return here;
        }

        try
        {
            return TryFetch(checkpoint) ? CheckpointStore.TryOpen(checkpoint, out problem) : null;
        }
        catch (ArtifactStoreException error)
        {
            problem = error.Message;
            return null;
        }
    }

    /// <summary>Keeps a copy of one file of the data folder.</summary>
    /// <exception cref="ArtifactStoreException">It is not kept.</exception>
    public void PutFile(string path) => store?.Put(NameOf(path), path);

    /// <summary>Fetches one file to its place in the data folder.</summary>
    /// <returns>False if there is no copy.</returns>
    /// <exception cref="ArtifactStoreException">It cannot be read.</exception>
    public bool TryFetchFile(string path)
    {
        if (store is null)
        {
            return false;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return store.TryGet(NameOf(path), path);
    }

    /// <summary>Fetches a checkpoint to its place in the data folder, over what may be there.</summary>
    /// <returns>False if there is no copy.</returns>
    /// <exception cref="ArtifactStoreException">It cannot be read.</exception>
    public bool TryFetch(string checkpoint)
    {
        var files = store?.List(NameOf(checkpoint)) ?? [];
        if (!files.Any(file => Path.GetFileName(file.Name) == CheckpointStore.ManifestFile))
        {
            return false;
        }

        var unfinished = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(checkpoint)!, $".fetched-{Guid.NewGuid():N}"));
        try
        {
            if (!files.All(file => store!.TryGet(file.Name, Path.Combine(unfinished.FullName, Path.GetFileName(file.Name)))))
            {
                return false; // deleted meanwhile
            }

            if (Directory.Exists(checkpoint))
            {
                Directory.Delete(checkpoint, recursive: true);
            }

            Directory.Move(unfinished.FullName, checkpoint);
            return true;
        }
        finally
        {
            if (Directory.Exists(unfinished.FullName))
            {
                unfinished.Delete(recursive: true);
            }
        }
    }

    /// <summary>The folders in which there are copies, complete or not, under a trial's folder.</summary>
    /// <exception cref="ArtifactStoreException">It cannot be read.</exception>
    public IReadOnlyList<string> Checkpoints(string trial) => store is null
        ? []
        : [.. store.List(NameOf(trial)).Select(file => Path.GetDirectoryName(Path.Combine(data.Root, file.Name))!).Distinct(StringComparer.Ordinal)];

    /// <summary>Deletes the copies of everything under a folder of the data folder.</summary>
    /// <exception cref="ArtifactStoreException">Something of it may still be there.</exception>
    public void Delete(string folder) => store?.Delete(NameOf(folder));

    private string NameOf(string folder) => Path.GetRelativePath(data.Root, folder).Replace(Path.DirectorySeparatorChar, '/');
}
