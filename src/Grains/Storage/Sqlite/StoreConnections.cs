using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace MlTr.Grains.Storage;

/// <summary>Opens the database the one way that the store relies on.</summary>
internal static class StoreConnections
{
    /// <summary>
    /// For the one writer. WAL lets readers go on meanwhile; synchronous=FULL makes each commit wait for the disk, because what is
    /// acknowledged must survive a power cut.
    /// </summary>
    public static SqliteConnection OpenWriter(string path, TimeSpan busyTimeout)
    {
        var connection = Open(path, SqliteOpenMode.ReadWriteCreate, busyTimeout);
        connection.Execute("PRAGMA journal_mode = WAL");
        connection.Execute("PRAGMA synchronous = FULL");
        connection.Execute("PRAGMA journal_size_limit = 67108864"); // a burst leaves no giant WAL behind
        connection.Execute("PRAGMA cache_size = -65536");
        return connection;
    }

    /// <summary>For a reader: cannot write by mistake.</summary>
    public static SqliteConnection OpenReader(string path, TimeSpan busyTimeout) => Open(path, SqliteOpenMode.ReadOnly, busyTimeout);

    /// <summary>The mapped tables over an open connection. Transactions are begun and ended in SQL by whoever owns the connection.</summary>
    public static StoreContext CreateContext(SqliteConnection connection)
    {
        var context = new StoreContext(new DbContextOptionsBuilder<StoreContext>().UseSqlite(connection).Options);
        context.Database.AutoTransactionBehavior = AutoTransactionBehavior.Never;
        return context;
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode, TimeSpan busyTimeout)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            ForeignKeys = true,
            Pooling = false, // the store keeps its own
            DefaultTimeout = Math.Max(1, (int)Math.Ceiling(busyTimeout.TotalSeconds)),
        }.ToString());
        try
        {
            connection.Open();
            connection.Execute(FormattableString.Invariant($"PRAGMA busy_timeout = {(int)busyTimeout.TotalMilliseconds}"));
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
