namespace MlTr.Grains.Storage;

/// <summary>
/// Keeps a second process off the database: the group writer and the migrations count on being alone. The file stays behind; only
/// an open handle on it locks, so a killed process leaves no lock.
/// </summary>
internal sealed class StoreLock : IDisposable
{
    private readonly FileStream _file;

    private StoreLock(string databasePath, FileStream file) => (DatabasePath, _file) = (databasePath, file);

    /// <summary>The full path of the database that is locked.</summary>
    public string DatabasePath { get; }

    /// <summary>Creates the folder if need be and locks.</summary>
    /// <exception cref="StoreStartupException">The folder cannot be written, or another process has the lock.</exception>
    public static StoreLock Take(string databasePath)
    {
        var full = Path.GetFullPath(databasePath);
        var folder = Path.GetDirectoryName(full)!;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw NoFolder(folder, error);
        }

        var lockPath = full + ".lock";
        try
        {
            return new(full, new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException error)
        {
            throw NoFolder(folder, error);
        }
        catch (IOException error) when (File.Exists(lockPath))
        {
            throw new StoreStartupException(
                $"{full} is in use by another MlTr process: stop that one, or give this one a database of its own with Store:DatabasePath.", error);
        }
        catch (IOException error)
        {
            throw NoFolder(folder, error);
        }
    }

    public void Dispose() => _file.Dispose();

    private static StoreStartupException NoFolder(string folder, Exception error) => new(
        $"The folder {folder} cannot be written ({error.Message.ReplaceLineEndings(" ")}): correct its permissions, or choose another with Store:DatabasePath.", error);
}
