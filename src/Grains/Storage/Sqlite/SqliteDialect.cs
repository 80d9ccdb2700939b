using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace MlTr.Grains.Storage;

/// <summary>One SQLite file.</summary>
internal sealed class SqliteDialect(string databasePath, TimeSpan busyTimeout) : StoreDialect
{
    private static readonly StoreQueries Compiled = new();

    public override StoreQueries Queries => Compiled;

    public override string BeginWrite => "BEGIN IMMEDIATE";

    public override string BeginRead => "BEGIN";

    public override string NamesOfJson => "SELECT value FROM json_each(@names)";

    public override string DatabaseBytes => "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";

    public override int MaxReaders => int.MaxValue; // in WAL mode a reader waits for nobody

    public override DbConnection OpenWriter() => StoreConnections.OpenWriter(databasePath, busyTimeout);

    public override DbConnection OpenReader() => StoreConnections.OpenReader(databasePath, busyTimeout);

    public override StoreContext CreateContext(DbConnection connection) => StoreConnections.CreateContext((SqliteConnection)connection);

    public override IPointTables CreatePoints(DbConnection connection) => new SqlitePointTables((SqliteConnection)connection);

    public override bool IsInTransaction(DbConnection connection) => SQLitePCL.raw.sqlite3_get_autocommit(((SqliteConnection)connection).Handle) == 0;

    public override Exception Translate(Exception error) => SqliteErrors.Translate(error, databasePath);

    /// <summary>Never: the lock on the file keeps other writers away, so a broken constraint is a bug.</summary>
    public override bool IsDuplicateKey(Exception error) => false;

    /// <summary>Moves the WAL into the file.</summary>
    public override void BeforeClose(DbConnection connection)
    {
        try
        {
            connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteException)
        {
            // Everything is durable in the WAL; the next start moves it.
        }
    }
}
