using MlTr.Grains.Storage;
using Npgsql;

namespace MlTr.Silo.Hosting;

/// <summary>Tables in the store's own database.</summary>
internal sealed class PostgresMembership(string connectionString) : Membership
{
    private const string Invariant = "Npgsql"; // the provider's name for PostgreSQL
    private const long CreationLock = 0x4D6C5473; // processes that start together create the tables one after the other

    public override void EnsureReady()
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

    public override void Configure(ISiloBuilder silo) =>
        silo.UseAdoNetClustering(table => (table.Invariant, table.ConnectionString) = (Invariant, connectionString));

    public override void Configure(IClientBuilder client) =>
        client.UseAdoNetClustering(table => (table.Invariant, table.ConnectionString) = (Invariant, connectionString));

    internal static string Script()
    {
        using var script = new StreamReader(typeof(PostgresMembership).Assembly.GetManifestResourceStream("Membership.sql")!);
        return script.ReadToEnd();
    }
}
