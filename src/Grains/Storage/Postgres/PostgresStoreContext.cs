using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace MlTr.Grains.Storage;

/// <summary>The same schema in PostgreSQL; a type of its own, because migrations belong to a context's type.</summary>
internal sealed class PostgresStoreContext(DbContextOptions<PostgresStoreContext> options) : StoreContext(options)
{
    // Orders by bytes, as SQLite does, whatever language the server was set up in.
    private const string Ordinal = "C";

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<string>().HaveConversion<PostgresTextConverter>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()).Where(property => !IsNumber(property.ClrType)))
        {
            property.SetCollation(Ordinal); // everything that is no number is text
        }
    }

    private static bool IsNumber(Type type) => (Nullable.GetUnderlyingType(type) ?? type) is var plain && (plain == typeof(int) || plain == typeof(long) || plain == typeof(double));
}

/// <summary>Lets <c>dotnet ef migrations add --context PostgresStoreContext --output-dir Storage/Migrations/Postgres</c> see the model; it opens no database.</summary>
internal sealed class PostgresStoreContextDesignFactory : IDesignTimeDbContextFactory<PostgresStoreContext>
{
    public PostgresStoreContext CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<PostgresStoreContext>().UseNpgsql("Host=design").Options);
}
