using System.Collections.Concurrent;
using System.Data.Common;

namespace MlTr.Grains.Storage;

/// <summary>
/// The store in a relational database. One writer for each process, with group commit (<see cref="GroupWriter"/>); readers on connections
/// of their own, each read in one snapshot.
/// </summary>
internal abstract partial class RelationalExperimentStore : IExperimentStore, IAsyncDisposable, IDisposable
{
    private readonly StoreDialect _dialect;
    private readonly GroupWriter _writer;
    private readonly SemaphoreSlim? _readers;
    private readonly ConcurrentBag<Reader> _idleReaders = [];
    private volatile bool _isClosed;

    protected RelationalExperimentStore(StoreDialect dialect, TimeProvider clock)
    {
        _dialect = dialect;
        _readers = dialect.MaxReaders < int.MaxValue ? new SemaphoreSlim(dialect.MaxReaders) : null;
        _writer = new(dialect, clock);
    }

    /// <summary>Finishes the waiting writes and closes.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        _isClosed = true;
        while (_idleReaders.TryTake(out var reader))
        {
            reader.Dispose();
        }

        await _writer.DisposeAsync();
    }

    /// <inheritdoc cref="DisposeAsync" />
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>One write in the next group; also for tests and health checks that need the writer's connection itself.</summary>
    internal Task WriteAsync(Action<WriteSession> write, CancellationToken cancellationToken = default) => _writer.RunAsync(write, cancellationToken);

    /// <summary>Reads in one snapshot, away from the caller's thread: SQLite has no asynchronous reads, and a grain's turn must stay short.</summary>
    protected async Task<T> ReadAsync<T>(Func<Reader, T> read, CancellationToken cancellationToken)
    {
        if (_readers is null)
        {
            return await Task.Run(() => Read(read), cancellationToken);
        }

        await _readers.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Read(read), cancellationToken);
        }
        finally
        {
            _readers.Release();
        }
    }

    private T Read<T>(Func<Reader, T> read)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        Reader? reader = null;
        try
        {
            reader = Begin();
            var result = read(reader);
            reader.Connection.Execute("COMMIT");
            GiveBack(reader);
            return result;
        }
        catch (Exception error)
        {
            reader?.Dispose(); // with whatever is wrong with it, and its open transaction
            var told = _dialect.Translate(error);
            if (told != error)
            {
                throw told;
            }

            throw;
        }
    }

    /// <summary>A reader in a transaction; a new one if the idle ones have lost their server meanwhile.</summary>
    private Reader Begin()
    {
        while (_idleReaders.TryTake(out var idle))
        {
            try
            {
                idle.Connection.Execute(_dialect.BeginRead);
                return idle;
            }
            catch (DbException)
            {
                idle.Dispose();
            }
        }

        var reader = new Reader(_dialect);
        reader.Connection.Execute(_dialect.BeginRead);
        return reader;
    }

    private void GiveBack(Reader reader)
    {
        _idleReaders.Add(reader);
        if (_isClosed && _idleReaders.TryTake(out var late))
        {
            late.Dispose(); // closed while this one was out
        }
    }

    /// <summary>A connection that only reads, with the mapped tables over it.</summary>
    protected sealed class Reader : IDisposable
    {
        public Reader(StoreDialect dialect)
        {
            Connection = dialect.OpenReader();
            Context = dialect.CreateContext(Connection);
        }

        public DbConnection Connection { get; }

        public StoreContext Context { get; }

        public void Dispose()
        {
            Context.Dispose();
            Connection.Dispose();
        }
    }
}
