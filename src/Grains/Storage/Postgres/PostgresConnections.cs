using System.Diagnostics.CodeAnalysis;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace MlTr.Grains.Storage;

/// <summary>Opens PostgreSQL the one way that the store relies on.</summary>
internal static class PostgresConnections
{
    /// <summary>What is wrong with a connection string, in one line that says what to do, or null.</summary>
    public static string? Check(string connectionString) => TryParse(connectionString, out var parsed, out var problem) switch
    {
        false => $"Platform:Store is no PostgreSQL connection string ({problem}): use one such as 'Host=db;Database=mltr;Username=mltr;Password=...'.",
        _ when string.IsNullOrWhiteSpace(parsed.Host) => "Platform:Store names no server: add Host=... to the connection string.",
        _ when string.IsNullOrWhiteSpace(parsed.Database) => "Platform:Store names no database: add Database=... to the connection string.",
        _ => null,
    };

    /// <summary>The database for people: server and name, without the password.</summary>
    public static string Describe(string connectionString)
    {
        var parsed = new NpgsqlConnectionStringBuilder(connectionString);
        return $"PostgreSQL database {parsed.Database} at {parsed.Host}:{parsed.Port}";
    }

    /// <summary>
    /// A connection outside the pool: the store keeps its own. Commits wait for the disk, because what is acknowledged must survive a power cut;
    /// a process that stops in the middle of a transaction must not keep its rows from the others.
    /// </summary>
    public static NpgsqlConnection Open(string connectionString)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString)
        {
            Pooling = false,
            ApplicationName = "mltr",
            CommandTimeout = 30,
        }.ToString());
        try
        {
            connection.Open();
            connection.Execute("SET synchronous_commit = on; SET idle_in_transaction_session_timeout = '10s'; SET lock_timeout = '10s'");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The mapped tables over an open connection.</summary>
    public static PostgresStoreContext CreateContext(NpgsqlConnection connection)
    {
        var context = new PostgresStoreContext(new DbContextOptionsBuilder<PostgresStoreContext>().UseNpgsql(connection).Options);
        context.Database.AutoTransactionBehavior = AutoTransactionBehavior.Never;
        return context;
    }

    private static bool TryParse(string text, [NotNullWhen(true)] out NpgsqlConnectionStringBuilder? parsed, out string problem)
    {
        try
        {
            (parsed, problem) = (new NpgsqlConnectionStringBuilder(text), "");
            return true;
        }
        catch (Exception error) when (error is ArgumentException or FormatException or InvalidCastException)
        {
            (parsed, problem) = (null, error.Message.ReplaceLineEndings(" "));
            return false;
        }
    }
}
