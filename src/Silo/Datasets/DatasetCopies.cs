using System.Collections.Concurrent;
using System.Globalization;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Datasets;
using MlTr.Model.Data;
using MlTr.Model.Data.Marks;
using MlTr.Silo.Artifacts;
using MlTr.Silo.Hosting;
using MlTr.Silo.Workers;

namespace MlTr.Silo.Datasets;

/// <summary>
/// Datasets whose pictures do not lie on this machine yet: built-in ones are drawn, those of a bucket are fetched, once. What a bucket holds under a
/// dataset's address is taken not to change: other pictures are another dataset.
/// </summary>
/// <param name="data">Where they come to lie.</param>
/// <param name="open">Opens a bucket; with the environment's credentials if null.</param>
internal sealed class DatasetCopies(DataFolder data, Func<S3Address, IArtifactStore>? open = null)
{
    private const int TryAgain = 11, TryAgainOnMacOs = 35, SharingViolation = unchecked((int)0x80070020);

    private readonly ConcurrentDictionary<string, Task> _fetches = [];

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);

    public static bool IsBucket(string folder) => folder.StartsWith(S3Address.Scheme, StringComparison.Ordinal);

    /// <summary>The bucket of a dataset's address.</summary>
    /// <exception cref="ArtifactStoreException">There are no credentials for it.</exception>
    public IArtifactStore Open(string address) => open is null ? new S3ArtifactStore(S3Address.Parse(address)) : open(S3Address.Parse(address));

    /// <summary>The dataset for who reads its pictures here, with the folder on this machine. Blocking, once for each machine.</summary>
    /// <param name="dataset">As it is registered.</param>
    /// <param name="progress">Takes the share done, 0 to 1, if something has to be done.</param>
    /// <exception cref="IOException">It cannot be fetched.</exception>
    public DatasetSnapshot Fetch(DatasetSnapshot dataset, Action<double>? progress = null, CancellationToken cancellationToken = default)
    {
        if (ModelDatasetSource.PresetOf(dataset.Id) is { } preset)
        {
            MarksDataset.Ensure(preset, dataset.Folder, progress is null ? null : new Drawn(progress), cancellationToken);
        }

        if (!IsBucket(dataset.Folder))
        {
            return dataset;
        }

        var folder = FolderOf(dataset);
        if (!File.Exists(CompleteMark(folder)))
        {
            progress?.Invoke(0);
            Directory.CreateDirectory(folder);
            using var alone = Lock(folder + ".lock", cancellationToken);
            if (!File.Exists(CompleteMark(folder)))
            {
                FetchAll(dataset.Folder, folder, progress, cancellationToken);
            }
        }

        return dataset with { Folder = folder };
    }

    /// <summary>The dataset for a person who looks at it: one that is not here yet begins to come, and is not waited for.</summary>
    /// <returns>Null while it comes.</returns>
    public DatasetSnapshot? HereOrComing(DatasetSnapshot dataset)
    {
        if (!IsBucket(dataset.Folder) || File.Exists(CompleteMark(FolderOf(dataset))))
        {
            return Fetch(dataset);
        }

        _fetches.AddOrUpdate(dataset.Folder, _ => Begin(), (_, before) => before.IsCompleted ? Begin() : before);
        return null;

        Task Begin() => Task.Run(() => Fetch(dataset));
    }

    /// <summary>The dataset for a worker. Blocking.</summary>
    public DatasetSnapshot OnThisMachine(IMlTrClient client, string datasetId, CancellationToken cancellationToken, Action<double>? progress = null) =>
        Fetch(ControlCalls.Ask(() => client.GetDatasetAsync(datasetId), cancellationToken), progress, cancellationToken);

    private string FolderOf(DatasetSnapshot dataset) =>
        Path.Combine(data.Datasets, $"{dataset.Id}-{DecodedFolder.Hash(dataset.Folder)}");

    // Beside the folder, where no name of the bucket can take its place.
    private static string CompleteMark(string folder) => folder + ".fetched";

    private void FetchAll(string address, string folder, Action<double>? progress, CancellationToken cancellationToken)
    {
        var bucket = Open(address);
        using var closing = bucket as IDisposable;
        var files = bucket.List("");
        var (all, done) = (Math.Max(1L, files.Sum(file => file.Bytes)), 0L);
        foreach (var file in files.Where(file => !file.Name.EndsWith('/')))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var path = Resolve(folder, file.Name);
            if (!File.Exists(path) || new FileInfo(path).Length != file.Bytes) // else an earlier start left it
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                var unfinished = path + ".unfinished";
                if (!bucket.TryGet(file.Name, unfinished))
                {
                    throw new ArtifactStoreException($"{file.Name} is gone from {address} since it was listed.");
                }

                File.Move(unfinished, path, overwrite: true);
            }

            progress?.Invoke((double)(done += file.Bytes) / all);
        }

        File.WriteAllText(CompleteMark(folder), string.Create(CultureInfo.InvariantCulture, $"{files.Count} files of {address}\n"));
    }

    private static string Resolve(string folder, string name)
    {
        try
        {
            return DatasetPaths.Resolve(folder, name);
        }
        catch (DatasetFormatException error)
        {
            throw new ArtifactStoreException($"the name {name} leads out of the dataset's folder: {error.Message}", error);
        }
    }

    /// <summary>Other workers of the machine wait until whoever fetches is done or has died.</summary>
    private static FileStream Lock(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException taken) when (taken.HResult is TryAgain or TryAgainOnMacOs or SharingViolation)
            {
                cancellationToken.WaitHandle.WaitOne(LookAgain);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    private sealed class Drawn(Action<double> progress) : IProgress<DatasetProgress>
    {
        void IProgress<DatasetProgress>.Report(DatasetProgress value) => progress(value.Total == 0 ? 0 : (double)value.Done / value.Total);
    }
}
