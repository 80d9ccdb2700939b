using MlTr.Grains.Storage;
using Npgsql;

namespace MlTr.Silo.Hosting;

/// <summary>The tables in which the silos of a cluster find each other.</summary>
internal static class Membership
{
    /// <summary>The provider's name for PostgreSQL.</summary>
    public const string Invariant = "Npgsql";

    private const long CreationLock = 0x4D6C5473; // processes that start together create the tables one after the other

    /// <summary>Creates what is missing.</summary>
    /// <exception cref="PlatformException">The database cannot be used; the message says what to do.</exception>
    public static void EnsureTables(string connectionString)
    {
        try
        {
            using var connection = PostgresConnections.Open(connectionString);
            connection.Execute(FormattableString.Invariant($"SELECT pg_advisory_lock({CreationLock})")); // let go with the connection
            connection.Execute(Script());
        }
        catch (NpgsqlException error)
        {
            throw new PlatformException($"{PostgresConnections.Describe(connectionString)} {PostgresErrors.Describe(error)}", error);
        }
    }

    internal static string Script()
    {
        using var script = new StreamReader(typeof(Membership).Assembly.GetManifestResourceStream("Membership.sql")!);
        return script.ReadToEnd();
    }
}
