using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using MlTr.Abstractions.Accounts;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Models;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;
using MlTr.Grains.Evaluations;

namespace MlTr.Grains.Storage;

/// <summary>
/// The schema. Made to be read with a shell too: snake_case names, states by name, times as ISO text, JSON where a value has
/// parts. The tables of <see cref="IPointTables"/> are added by hand in their migration.
/// </summary>
internal class StoreContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<SweepEntity> Sweeps => Set<SweepEntity>();

    public DbSet<TrialEntity> Trials => Set<TrialEntity>();

    public DbSet<AttemptEntity> Attempts => Set<AttemptEntity>();

    public DbSet<CheckpointEntity> Checkpoints => Set<CheckpointEntity>();

    public DbSet<EventEntity> Events => Set<EventEntity>();

    public DbSet<EvaluationEntity> Evaluations => Set<EvaluationEntity>();

    public DbSet<EvaluationPartEntity> EvaluationParts => Set<EvaluationPartEntity>();

    public DbSet<DatasetEntity> Datasets => Set<DatasetEntity>();

    public DbSet<ShardEntity> Shards => Set<ShardEntity>();

    public DbSet<ModelEntity> Models => Set<ModelEntity>();

    public DbSet<NoteEntity> Notes => Set<NoteEntity>();

    public DbSet<DeliveryEntity> Deliveries => Set<DeliveryEntity>();

    public DbSet<DrainedWorkerEntity> DrainedWorkers => Set<DrainedWorkerEntity>();

    public DbSet<UserEntity> Users => Set<UserEntity>();

    public DbSet<ApiTokenEntity> ApiTokens => Set<ApiTokenEntity>();

    public DbSet<WorkerEventEntity> WorkerEvents => Set<WorkerEventEntity>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTextConverter>();
        configurationBuilder.Properties<SweepState>().HaveConversion<string>();
        configurationBuilder.Properties<TrialState>().HaveConversion<string>();
        configurationBuilder.Properties<AttemptState>().HaveConversion<string>();
        configurationBuilder.Properties<DatasetState>().HaveConversion<string>();
        configurationBuilder.Properties<EvaluationState>().HaveConversion<string>();
        configurationBuilder.Properties<PartState>().HaveConversion<string>();
        configurationBuilder.Properties<UserRole>().HaveConversion<string>();
        configurationBuilder.Properties<FailureKind>().HaveConversion<string>();
        configurationBuilder.Properties<WorkerEventKind>().HaveConversion<string>();
        configurationBuilder.Properties<SweepSpec>().HaveConversion<JsonConverter<SweepSpec>>();
        configurationBuilder.Properties<SearchState>().HaveConversion<JsonConverter<SearchState>>();
        configurationBuilder.Properties<EvaluationSpec>().HaveConversion<JsonConverter<EvaluationSpec>>();
        configurationBuilder.Properties<EvaluationPlan>().HaveConversion<JsonConverter<EvaluationPlan>>();
        configurationBuilder.Properties<ImmutableArray<int>>().HaveConversion<JsonConverter<ImmutableArray<int>>>();
        configurationBuilder.Properties<ImmutableArray<string>>().HaveConversion<JsonConverter<ImmutableArray<string>>>();
        configurationBuilder.Properties<Notice>().HaveConversion<JsonConverter<Notice>>();
        configurationBuilder.Properties<ImmutableArray<ModelVersion>>().HaveConversion<JsonConverter<ImmutableArray<ModelVersion>>>();
        configurationBuilder.Properties<ImmutableArray<ModelEvent>>().HaveConversion<JsonConverter<ImmutableArray<ModelEvent>>>();
        configurationBuilder.Properties<ImmutableSortedDictionary<string, double>>()
            .HaveConversion<JsonConverter<ImmutableSortedDictionary<string, double>>>();
        configurationBuilder.Properties<ImmutableSortedDictionary<string, ParameterValue>>()
            .HaveConversion<JsonConverter<ImmutableSortedDictionary<string, ParameterValue>>>();
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<SweepEntity>(sweep =>
        {
            sweep.HasKey(row => row.Id);
            sweep.Property(row => row.Version).IsConcurrencyToken();
            sweep.HasIndex(row => row.CreatedAt);
        });
        modelBuilder.Entity<TrialEntity>(trial =>
        {
            trial.HasKey(row => row.TrialKey);
            trial.Property(row => row.Version).IsConcurrencyToken();
            trial.HasOne<SweepEntity>().WithMany().HasForeignKey(row => row.SweepId).OnDelete(DeleteBehavior.Cascade);
            trial.HasIndex(row => new { row.SweepId, row.Number }).IsUnique();
            trial.HasIndex(row => row.State).HasFilter("state IN ('Queued', 'Running')");
            trial.HasIndex(row => new { row.Objective, row.SweepId, row.Number }).HasFilter("objective IS NOT NULL").IsDescending(true, false, false);
        });
        modelBuilder.Entity<AttemptEntity>(attempt =>
        {
            attempt.HasKey(row => new { row.TrialKey, row.Number });
            attempt.HasOne<TrialEntity>().WithMany().HasForeignKey(row => row.TrialKey).OnDelete(DeleteBehavior.Cascade);
            attempt.HasIndex(row => new { row.Worker, row.StartedAt });
            attempt.HasIndex(row => row.EndedAt);
        });
        modelBuilder.Entity<CheckpointEntity>(checkpoint =>
        {
            checkpoint.HasKey(row => new { row.TrialKey, row.Path });
            checkpoint.HasOne<TrialEntity>().WithMany().HasForeignKey(row => row.TrialKey).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<EventEntity>(happened =>
        {
            happened.HasKey(row => row.Number);
            happened.HasOne<SweepEntity>().WithMany().HasForeignKey(row => row.SweepId).OnDelete(DeleteBehavior.Cascade);
            happened.HasIndex(row => new { row.SweepId, row.Trial });
        });
        modelBuilder.Entity<EvaluationEntity>(evaluation =>
        {
            evaluation.HasKey(row => row.Id);
            evaluation.Property(row => row.Version).IsConcurrencyToken();
            evaluation.HasOne<SweepEntity>().WithMany().HasForeignKey(row => row.SweepId).OnDelete(DeleteBehavior.Cascade);
            evaluation.HasIndex(row => new { row.SweepId, row.Trial });
            evaluation.HasIndex(row => row.CreatedAt).HasFilter("ended_at IS NULL");
        });
        modelBuilder.Entity<EvaluationPartEntity>(part =>
        {
            part.HasKey(row => new { row.EvaluationId, row.Number });
            part.HasOne<EvaluationEntity>().WithMany().HasForeignKey(row => row.EvaluationId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<DatasetEntity>().HasKey(row => row.Id);
        modelBuilder.Entity<ShardEntity>(shard =>
        {
            shard.HasKey(row => new { row.DatasetId, row.Split, row.Number });
            shard.HasOne<DatasetEntity>().WithMany().HasForeignKey(row => row.DatasetId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<ModelEntity>(model =>
        {
            model.HasKey(row => row.Name);
            model.Property(row => row.Version).IsConcurrencyToken();
        });
        modelBuilder.Entity<NoteEntity>(note =>
        {
            note.HasKey(row => new { row.SweepId, row.Trial });
            note.HasOne<SweepEntity>().WithMany().HasForeignKey(row => row.SweepId).OnDelete(DeleteBehavior.Cascade);
        });
        modelBuilder.Entity<DrainedWorkerEntity>().HasKey(row => row.WorkerId);
        modelBuilder.Entity<UserEntity>(user =>
        {
            user.HasKey(row => row.Name);
            user.Property(row => row.Version).IsConcurrencyToken();
        });
        modelBuilder.Entity<ApiTokenEntity>(token =>
        {
            token.HasKey(row => row.Id);
            token.HasOne<UserEntity>().WithMany().HasForeignKey(row => row.UserName).OnDelete(DeleteBehavior.Cascade);
            token.HasIndex(row => row.Sha256).IsUnique();
            token.HasIndex(row => row.UserName);
        });
        modelBuilder.Entity<WorkerEventEntity>(happened =>
        {
            happened.HasKey(row => row.Number);
            happened.HasIndex(row => new { row.WorkerId, row.Number });
        });
        modelBuilder.Entity<DeliveryEntity>(delivery =>
        {
            delivery.HasKey(row => row.Id);
            delivery.Property(row => row.Attempts).IsConcurrencyToken();
            delivery.HasOne<SweepEntity>().WithMany().HasForeignKey(row => row.SweepId).OnDelete(DeleteBehavior.Cascade);
            delivery.HasIndex(row => row.SweepId);
        });

        foreach (var entity in modelBuilder.Model.GetEntityTypes())
        {
            entity.SetTableName(Snake(entity.ClrType.Name.Replace("yEntity", "ies", StringComparison.Ordinal).Replace("Entity", "s", StringComparison.Ordinal)));
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(Snake(property.Name));
            }
        }
    }

    private static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}

/// <summary>Lets <c>dotnet ef migrations add</c> see the model; it opens no database.</summary>
internal sealed class StoreContextDesignFactory : IDesignTimeDbContextFactory<StoreContext>
{
    public StoreContext CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<StoreContext>().UseSqlite("Data Source=design.db").Options);
}
