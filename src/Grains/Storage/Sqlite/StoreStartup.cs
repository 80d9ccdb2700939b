using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace MlTr.Grains.Storage;

/// <summary>Brings the database to this program's schema, or says in one line why that cannot be.</summary>
internal static class StoreStartup
{
    /// <summary>Creates, locks and migrates the database; an older one is copied first.</summary>
    /// <returns>The lock, to be held for the life of the process: dispose it, or give it to <see cref="SqliteExperimentStore.Open"/>.</returns>
    /// <exception cref="StoreStartupException">One line that says what to do.</exception>
    public static Task<StoreLock> MigrateAsync(StoreOptions options, TimeProvider clock, CancellationToken cancellationToken = default) =>
        Task.Run(() => Migrate(options, clock), cancellationToken);

    /// <inheritdoc cref="MigrateAsync" />
    public static StoreLock Migrate(StoreOptions options, TimeProvider clock)
    {
        var held = StoreLock.Take(options.DatabasePath);
        try
        {
            using var connection = StoreConnections.OpenWriter(held.DatabasePath, options.BusyTimeout);
            Migrate(connection, held.DatabasePath, clock);
            return held;
        }
        catch (Exception error)
        {
            held.Dispose();
            throw error switch
            {
                StoreStartupException => error,
                _ when SqliteErrors.Find(error) is { } sqlite =>
                    new StoreStartupException($"{held.DatabasePath} {SqliteErrors.Describe(sqlite)}", error),
                IOException or UnauthorizedAccessException =>
                    new StoreStartupException($"{held.DatabasePath} cannot be backed up before its migration: {error.Message.ReplaceLineEndings(" ")}", error),
                _ => error,
            };
        }
    }

    /// <summary>SQLite's online backup to a new file, which appears under its name only when it is complete.</summary>
    /// <exception cref="IOException">There is a file of that name already, or it cannot be written.</exception>
    public static void CopyTo(SqliteConnection source, string path)
    {
        var full = Path.GetFullPath(path);
        if (File.Exists(full))
        {
            throw new IOException($"{full} exists already: choose another name for the backup.");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        var unfinished = full + ".unfinished";
        File.Delete(unfinished);
        var target = new SqliteConnectionStringBuilder { DataSource = unfinished, Pooling = false };
        using (var copy = new SqliteConnection(target.ToString()))
        {
            copy.Open();
            source.BackupDatabase(copy);
            copy.Execute("PRAGMA journal_mode = DELETE"); // one file, complete in itself
        }

        File.Move(unfinished, full);
    }

    private static void Migrate(SqliteConnection connection, string path, TimeProvider clock)
    {
        connection.Execute("BEGIN IMMEDIATE"); // a database that cannot be written is better found now than at the first report
        connection.Execute("ROLLBACK");

        using var context = StoreConnections.CreateContext(connection);
        context.Database.AutoTransactionBehavior = AutoTransactionBehavior.WhenNeeded;
        string[] known = [.. context.Database.GetMigrations()];
        string[] applied = [.. context.Database.GetAppliedMigrations()];
        if (applied.Except(known).LastOrDefault() is { } unknown)
        {
            throw new StoreStartupException(
                $"{path} was written by a newer MlTr (schema {unknown}): run that version or a later one, or choose another database with Store:DatabasePath.");
        }

        if (applied.Length == known.Length)
        {
            return;
        }

        if (applied.Length > 0)
        {
            CopyTo(connection, string.Create(CultureInfo.InvariantCulture, $"{path}.{clock.GetUtcNow():yyyyMMdd-HHmmss}.bak"));
        }

        RemoveAbandonedLock(connection);
        context.Database.Migrate();
    }

    /// <summary>
    /// Entity Framework guards migrations with a row that a killed process leaves behind, and then waits for it forever. Whoever holds
    /// our lock file is alone, so any such row is abandoned.
    /// </summary>
    private static void RemoveAbandonedLock(SqliteConnection connection) => connection.Execute("DROP TABLE IF EXISTS \"__EFMigrationsLock\"");
}
