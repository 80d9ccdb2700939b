using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace MlTr.Grains.Storage;

/// <summary>
/// The store in one SQLite file. One writer with group commit (<see cref="GroupWriter"/>); readers on connections of their own, each
/// read in one snapshot, which WAL gives without waiting for the writer.
/// </summary>
internal sealed partial class SqliteExperimentStore : IExperimentStore, IAsyncDisposable, IDisposable
{
    private readonly StoreLock _lock;
    private readonly TimeSpan _busyTimeout;
    private readonly GroupWriter _writer;
    private readonly ConcurrentBag<Reader> _idleReaders = [];
    private volatile bool _isClosed;

    private SqliteExperimentStore(StoreLock held, StoreOptions options, TimeProvider clock)
    {
        (_lock, _busyTimeout) = (held, options.BusyTimeout);
        _writer = new(new(StoreConnections.OpenWriter(held.DatabasePath, _busyTimeout)), held.DatabasePath, clock);
    }

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
            throw new StoreStartupException($"{held.DatabasePath} {StoreUnavailableException.Describe(error)}", error);
        }
    }

    /// <summary>Copies the whole database, as it is at this moment, to a new file, while everything goes on.</summary>
    /// <exception cref="IOException">There is a file of that name already, or it cannot be written.</exception>
    public Task BackupAsync(string path, CancellationToken cancellationToken = default) => ReadAsync(reader =>
    {
        StoreStartup.CopyTo(reader.Connection, path);
        return true;
    }, cancellationToken);

    /// <summary>Finishes the waiting writes, moves the WAL into the file and gives the lock back.</summary>
    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        while (_idleReaders.TryTake(out var reader))
        {
            reader.Dispose();
        }

        await _writer.DisposeAsync();
        _lock.Dispose();
    }

    /// <inheritdoc cref="DisposeAsync" />
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>For tests that need the writer's connection itself.</summary>
    internal Task WriteAsync(Action<WriteSession> write, CancellationToken cancellationToken = default) => _writer.RunAsync(write, cancellationToken);

    /// <summary>Reads in one snapshot, away from the caller's thread: SQLite has no asynchronous reads, and a grain's turn must stay short.</summary>
    private Task<T> ReadAsync<T>(Func<Reader, T> read, CancellationToken cancellationToken) => Task.Run(() =>
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        Reader? reader = null;
        try
        {
            reader = _idleReaders.TryTake(out var idle) ? idle : new(StoreConnections.OpenReader(DatabasePath, _busyTimeout));
            reader.Connection.Execute("BEGIN");
            var result = read(reader);
            reader.Connection.Execute("COMMIT");
            GiveBack(reader);
            return result;
        }
        catch (Exception error)
        {
            reader?.Dispose(); // with whatever is wrong with it, and its open transaction
            var told = StoreUnavailableException.Translate(error, DatabasePath);
            if (told != error)
            {
                throw told;
            }

            throw;
        }
    }, cancellationToken);

    private void GiveBack(Reader reader)
    {
        _idleReaders.Add(reader);
        if (_isClosed && _idleReaders.TryTake(out var late))
        {
            late.Dispose(); // closed while this one was out
        }
    }

    private sealed class Reader(SqliteConnection connection) : IDisposable
    {
        public SqliteConnection Connection => connection;

        public StoreContext Context { get; } = StoreConnections.CreateContext(connection);

        public void Dispose()
        {
            Context.Dispose();
            connection.Dispose();
        }
    }
}
