using System.Data;
using System.Data.Common;

namespace MlTr.Grains.Storage;

/// <summary>The writer's connection and what is prepared on it. Used by one thread.</summary>
internal sealed class WriteSession : IDisposable
{
    private readonly StoreDialect _dialect;

    public WriteSession(StoreDialect dialect)
    {
        _dialect = dialect;
        Connection = dialect.OpenWriter();
        try
        {
            Context = dialect.CreateContext(Connection); // first: it registers functions, which would unprepare the statements below
            Points = dialect.CreatePoints(Connection);
            Trials = new TrialStatements(Context, Connection);
        }
        catch
        {
            Context?.Dispose();
            Connection.Dispose(); // the next group tries again with another
            throw;
        }
    }

    public DbConnection Connection { get; }

    /// <summary>One context for the writer's life, cleared after each write: to make one costs more than a small write.</summary>
    public StoreContext Context { get; }

    public IPointTables Points { get; }

    public TrialStatements Trials { get; }

    /// <summary>New points in the open transaction, for the meter.</summary>
    public int PointsInserted { get; set; }

    /// <summary>False once the database has ended the transaction by itself, as it does on some disk errors.</summary>
    public bool IsInTransaction => _dialect.IsInTransaction(Connection);

    /// <summary>The connection is of no use any more.</summary>
    public bool IsLost => Connection.State != ConnectionState.Open;

    public void Execute(string sql) => Connection.Execute(sql);

    /// <summary>Forgets what was read or remembered in a write that was rolled back.</summary>
    public void Forget()
    {
        Context.ChangeTracker.Clear();
        Points.Forget();
    }

    public void Dispose()
    {
        Trials.Dispose();
        Points.Dispose();
        Context.Dispose();
        Connection.Dispose();
    }
}
