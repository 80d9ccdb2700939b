using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace MlTr.Grains.Storage;

/// <summary>The store in a PostgreSQL database that several control processes share: what two of them decide at once, the rows' versions tell apart.</summary>
internal sealed class PostgresExperimentStore : RelationalExperimentStore
{
    // Any number that no other program on the database uses. Processes that start together migrate one after the other.
    private const long MigrationLock = 0x4D6C5472;

    private PostgresExperimentStore(string connectionString, TimeProvider clock)
        : base(new PostgresDialect(connectionString), clock)
    {
    }

    /// <summary>Migrates the database and opens it.</summary>
    /// <exception cref="StoreStartupException">It cannot be opened; the message says what to do.</exception>
    public static PostgresExperimentStore Open(string connectionString, TimeProvider clock)
    {
        if (PostgresConnections.Check(connectionString) is { } wrong)
        {
            throw new StoreStartupException(wrong);
        }

        try
        {
            Migrate(connectionString);
            return new(connectionString, clock);
        }
        catch (NpgsqlException error)
        {
            throw new StoreStartupException($"{PostgresConnections.Describe(connectionString)} {PostgresErrors.Describe(error)}", error);
        }
    }

    private static void Migrate(string connectionString)
    {
        using var connection = PostgresConnections.Open(connectionString);
        connection.Execute("SET lock_timeout = 0"); // another process may migrate for a while
        connection.Execute(FormattableString.Invariant($"SELECT pg_advisory_lock({MigrationLock})")); // let go with the connection
        using var context = PostgresConnections.CreateContext(connection);
        context.Database.AutoTransactionBehavior = AutoTransactionBehavior.WhenNeeded;
        string[] known = [.. context.Database.GetMigrations()];
        string[] applied = [.. context.Database.GetAppliedMigrations()];
        if (applied.Except(known).LastOrDefault() is { } unknown)
        {
            throw new StoreStartupException(
                $"{PostgresConnections.Describe(connectionString)} was written by a newer MlTr (schema {unknown}): run that version or a later one, or name another database in Platform:Store.");
        }

        if (applied.Length < known.Length)
        {
            context.Database.Migrate();
        }
    }
}
