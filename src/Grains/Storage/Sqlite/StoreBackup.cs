using Microsoft.Data.Sqlite;

namespace MlTr.Grains.Storage;

/// <summary>Copies a database that may be in use: a consistent state of one moment, checked.</summary>
internal static class StoreBackup
{
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(10);

    /// <returns>The size of the copy in bytes.</returns>
    /// <exception cref="IOException">There is a file of that name already, it cannot be written, or the copy is not sound.</exception>
    /// <exception cref="StoreUnavailableException">The database cannot be read.</exception>
    public static Task<long> CopyAsync(string database, string target, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            try
            {
                using (var source = StoreConnections.OpenReader(database, BusyTimeout))
                {
                    StoreStartup.CopyTo(source, target);
                }

                Check(target);
                return new FileInfo(target).Length;
            }
            catch (SqliteException error)
            {
                throw new StoreUnavailableException($"{database} {SqliteErrors.Describe(error)}", error);
            }
        },
        cancellationToken);

    private static void Check(string target)
    {
        using var copy = StoreConnections.OpenReader(target, BusyTimeout);
        using var command = copy.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        if (command.ExecuteScalar() is not "ok")
        {
            throw new IOException($"the copy is not sound; {target} is left for inspection.");
        }
    }
}
