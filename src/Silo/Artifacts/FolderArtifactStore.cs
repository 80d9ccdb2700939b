namespace MlTr.Silo.Artifacts;

/// <summary>A folder that all machines share.</summary>
internal sealed class FolderArtifactStore(string root) : IArtifactStore
{
    private const string Unfinished = ".unfinished-";

    public void EnsureReady() => Try(() =>
    {
        var probe = Path.Combine(Directory.CreateDirectory(root).FullName, $"{Unfinished}{Guid.NewGuid():N}");
        File.WriteAllText(probe, "");
        File.Delete(probe);
        return true;
    });

    public void Put(string name, string path) => Try(() =>
    {
        var kept = Of(name);
        var unfinished = Path.Combine(Directory.CreateDirectory(Path.GetDirectoryName(kept)!).FullName, $"{Unfinished}{Guid.NewGuid():N}");
        try
        {
            using (var from = File.OpenRead(path))
            using (var to = new FileStream(unfinished, FileMode.CreateNew))
            {
                from.CopyTo(to);
                to.Flush(flushToDisk: true);
            }

            File.Move(unfinished, kept, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }

        return true;
    });

    public bool TryGet(string name, string path) => Try(() =>
    {
        if (!File.Exists(Of(name)))
        {
            return false;
        }

        File.Copy(Of(name), path, overwrite: true);
        return true;
    });

    public IReadOnlyList<Artifact> List(string folder) => Try<IReadOnlyList<Artifact>>(() => !Directory.Exists(Of(folder))
        ? []
        : [.. new DirectoryInfo(Of(folder)).EnumerateFiles("*", SearchOption.AllDirectories)
            .Where(file => !file.Name.StartsWith(Unfinished, StringComparison.Ordinal))
            .Select(file => new Artifact(Path.GetRelativePath(root, file.FullName).Replace(Path.DirectorySeparatorChar, '/'), file.Length))
            .OrderBy(file => file.Name, StringComparer.Ordinal)]);

    public void Delete(string folder) => Try(() =>
    {
        if (Directory.Exists(Of(folder)))
        {
            Directory.Delete(Of(folder), recursive: true);
        }

        return true;
    });

    private string Of(string name) => Path.Combine(root, name);

    private T Try<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ArtifactStoreException($"The folder {root} cannot be used: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }
}
