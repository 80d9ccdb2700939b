using Microsoft.Data.Sqlite;

namespace MlTr.Grains.Storage;

/// <summary>The writer's connection and what is prepared on it. Used by one thread.</summary>
internal sealed class WriteSession : IDisposable
{
    public WriteSession(SqliteConnection connection)
    {
        Connection = connection;
        Context = StoreConnections.CreateContext(connection); // first: it registers functions, which would unprepare the statements below
        Points = new(connection);
    }

    public SqliteConnection Connection { get; }

    /// <summary>One context for the writer's life, cleared after each write: to make one costs more than a small write.</summary>
    public StoreContext Context { get; }

    public PointTables Points { get; }

    /// <summary>New points in the open transaction, for the meter.</summary>
    public int PointsInserted { get; set; }

    /// <summary>False once SQLite has ended the transaction by itself, as it does on some disk errors.</summary>
    public bool IsInTransaction => SQLitePCL.raw.sqlite3_get_autocommit(Connection.Handle) == 0;

    public void Execute(string sql) => Connection.Execute(sql);

    /// <summary>Forgets what was read or remembered in a write that was rolled back.</summary>
    public void Forget()
    {
        Context.ChangeTracker.Clear();
        Points.Forget();
    }

    public void Dispose()
    {
        Points.Dispose();
        Context.Dispose();
        Connection.Dispose();
    }
}
