using System.Data;
using System.Data.Common;
using Npgsql;

namespace MlTr.Grains.Storage;

/// <summary>A PostgreSQL database, which several control processes share.</summary>
internal sealed class PostgresDialect(string connectionString) : StoreDialect
{
    private static readonly StoreQueries Compiled = new();
    private readonly string _database = PostgresConnections.Describe(connectionString);

    public override StoreQueries Queries => Compiled;

    public override string BeginWrite => "BEGIN ISOLATION LEVEL READ COMMITTED"; // versions on the rows find what others changed

    public override string BeginRead => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

    public override string NamesOfJson => "SELECT value FROM json_array_elements_text(@names::json)";

    public override string DatabaseBytes => "SELECT pg_database_size(current_database())";

    public override int MaxReaders => 8; // each is a process of the server

    public override DbConnection OpenWriter() => PostgresConnections.Open(connectionString);

    public override DbConnection OpenReader() => PostgresConnections.Open(connectionString);

    public override StoreContext CreateContext(DbConnection connection) => PostgresConnections.CreateContext((NpgsqlConnection)connection);

    public override IPointTables CreatePoints(DbConnection connection) => new PostgresPointTables((NpgsqlConnection)connection, connectionString);

    public override bool IsInTransaction(DbConnection connection) => connection.State == ConnectionState.Open;

    public override Exception Translate(Exception error) => PostgresErrors.Translate(error, _database);

    public override bool IsDuplicateKey(Exception error) => PostgresErrors.IsDuplicateKey(error);
}
