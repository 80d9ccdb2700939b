using System.Data.Common;

namespace MlTr.Grains.Storage;

/// <summary>What one kind of database needs that the other does not. Everything else of the store is the same for both.</summary>
internal abstract class StoreDialect
{
    /// <summary>The compiled queries; they belong to one provider's model.</summary>
    public abstract StoreQueries Queries { get; }

    /// <summary>Begins the transaction of a group of writes.</summary>
    public abstract string BeginWrite { get; }

    /// <summary>Begins a read of one snapshot.</summary>
    public abstract string BeginRead { get; }

    /// <summary>A query of one column from parameter <c>@names</c>, a JSON list of strings.</summary>
    public abstract string NamesOfJson { get; }

    /// <summary>A query of the database's size in bytes.</summary>
    public abstract string DatabaseBytes { get; }

    /// <summary>How many connections may read at once.</summary>
    public abstract int MaxReaders { get; }

    /// <summary>The connection of the one writer of this process.</summary>
    public abstract DbConnection OpenWriter();

    public abstract DbConnection OpenReader();

    /// <summary>The mapped tables over an open connection. Transactions are begun and ended in SQL by whoever owns the connection.</summary>
    public abstract StoreContext CreateContext(DbConnection connection);

    /// <summary>What writes points and lines on the writer's connection.</summary>
    public abstract IPointTables CreatePoints(DbConnection connection);

    /// <summary>False once the database has ended the transaction by itself, or the connection is lost.</summary>
    public abstract bool IsInTransaction(DbConnection connection);

    /// <summary>Errors of the database itself become a <see cref="StoreUnavailableException"/>; all others stay what they are.</summary>
    public abstract Exception Translate(Exception error);

    /// <summary>Whether another writer has inserted the same row first.</summary>
    public abstract bool IsDuplicateKey(Exception error);

    /// <summary>The writer ends: everything is durable, and may be tidied up.</summary>
    public virtual void BeforeClose(DbConnection connection)
    {
    }
}
