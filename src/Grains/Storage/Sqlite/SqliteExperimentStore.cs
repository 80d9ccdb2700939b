using Microsoft.Data.Sqlite;

namespace MlTr.Grains.Storage;

/// <summary>The store in one SQLite file, which belongs to this process alone. Readers do not wait for the writer: WAL gives each a snapshot.</summary>
internal sealed class SqliteExperimentStore : RelationalExperimentStore
{
    private readonly StoreLock _lock;

    private SqliteExperimentStore(StoreLock held, StoreOptions options, TimeProvider clock)
        : base(new SqliteDialect(held.DatabasePath, options.BusyTimeout), clock) => _lock = held;

    /// <summary>The full path of the database file.</summary>
    public string DatabasePath => _lock.DatabasePath;

    /// <summary>Migrates the database and opens it.</summary>
    /// <param name="options">Where it lies.</param>
    /// <param name="clock">For durations and the names of backups.</param>
    /// <param name="held">The lock from an earlier <see cref="StoreStartup.MigrateAsync"/>, which the store then owns.</param>
    /// <exception cref="StoreStartupException">It cannot be opened; the message says what to do.</exception>
    public static SqliteExperimentStore Open(StoreOptions options, TimeProvider clock, StoreLock? held = null)
    {
        held ??= StoreStartup.Migrate(options, clock);
        try
        {
            return new(held, options, clock);
        }
        catch (SqliteException error)
        {
            held.Dispose();
            throw new StoreStartupException($"{held.DatabasePath} {SqliteErrors.Describe(error)}", error);
        }
    }

    /// <summary>Copies the whole database, as it is at this moment, to a new file, while everything goes on.</summary>
    /// <exception cref="IOException">There is a file of that name already, or it cannot be written.</exception>
    public Task BackupAsync(string path, CancellationToken cancellationToken = default) => ReadAsync(reader =>
    {
        StoreStartup.CopyTo((SqliteConnection)reader.Connection, path);
        return true;
    }, cancellationToken);

    /// <summary>Finishes the waiting writes, moves the WAL into the file and gives the lock back.</summary>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _lock.Dispose();
    }
}
