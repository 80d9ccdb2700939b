using System.IO.Compression;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Storage;

namespace MlTr.Grains.Tests.Storage;

public sealed class StoreStartupTests : IDisposable
{
    private readonly TemporaryDatabase _database = new();

    public void Dispose() => _database.Dispose();

    [Fact]
    public void Migrations_DescribeTheModelAsItIs()
    {
        using var connection = StoreConnections.OpenWriter(_database.Path, _database.Options.BusyTimeout);
        using var context = StoreConnections.CreateContext(connection);

        Assert.False(context.Database.HasPendingModelChanges());
    }

    [Fact]
    public async Task Migrate_NoFolder_CreatesIt()
    {
        var options = new StoreOptions { DatabasePath = Path.Combine(_database.Folder, "deep", "er", "mltr.db") };

        using var held = await MigrateAsync(options);

        Assert.True(File.Exists(options.DatabasePath));
        Assert.Equal(options.DatabasePath, held.DatabasePath);
    }

    [Fact]
    public async Task Migrate_Twice_MakesNoBackup()
    {
        (await MigrateAsync(_database.Options)).Dispose();
        (await MigrateAsync(_database.Options)).Dispose();

        Assert.Empty(Directory.GetFiles(_database.Folder, "*.bak"));
    }

    /// <summary>A database as each earlier schema left it: a finished sweep of three trials with conditional parameters.</summary>
    [Theory]
    [InlineData("schema-20260101")]
    public async Task Open_ADatabaseOfAnEarlierSchema_ReadsEverythingAndKeepsACopy(string name)
    {
        await using (var packed = new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Storage", "Fixtures", name + ".db.gz")), CompressionMode.Decompress))
        await using (var file = File.Create(_database.Path))
        {
            await packed.CopyToAsync(file, TestContext.Current.CancellationToken);
        }

        using (var held = await MigrateAsync(_database.Options))
        {
            await using var store = SqliteExperimentStore.Open(_database.Options, TimeProvider.System, held);
            var sweep = Assert.Single(await store.ListSweepsAsync(0, 10, cancellationToken: TestContext.Current.CancellationToken));
            var loaded = (await store.LoadSweepAsync(sweep.Id, TestContext.Current.CancellationToken)).GetValueOrDefault();

            Assert.Equal(("Quick look", SweepState.Completed, 3), (sweep.Spec.Name, sweep.State, loaded.Trials.Length));
            Assert.Equal("cross_window", sweep.Spec.Parameters.Single(axis => axis.Name == "cutout_size").When!.Name);
            foreach (var trial in loaded.Trials)
            {
                var attempt = Assert.Single((await store.LoadTrialHistoryAsync(trial.Id, TestContext.Current.CancellationToken))!.Attempts);
                Assert.Equal((AttemptState.Completed, null), (attempt.State, attempt.Failure));
                Assert.NotEmpty(Assert.Single(await store.LoadCurvesAsync(trial.Id, ["val/mAP"], TestContext.Current.CancellationToken)).Points);
            }
        }

        Assert.Single(Directory.GetFiles(_database.Folder, "*.bak"));
    }

    [Fact]
    public async Task Migrate_OlderDatabase_IsCopiedFirst()
    {
        using (var connection = StoreConnections.OpenWriter(_database.Path, _database.Options.BusyTimeout))
        using (var context = StoreConnections.CreateContext(connection))
        {
            context.Database.AutoTransactionBehavior = AutoTransactionBehavior.WhenNeeded;
            context.GetService<IMigrator>().Migrate("20260101000000_Initial");
            Execute("INSERT INTO datasets VALUES ('old', 'coco', '/', 'Ready', 1, NULL, '', '[]')");
        }

        await using (var store = SqliteExperimentStore.Open(_database.Options, TimeProvider.System))
        {
            Assert.Equal(["old"], await store.ListDatasetsAsync(TestContext.Current.CancellationToken));
        }

        var backup = Assert.Single(Directory.GetFiles(_database.Folder, "*.bak"));
        using var old = StoreConnections.OpenReader(backup, _database.Options.BusyTimeout);
        using var oldContext = StoreConnections.CreateContext(old);
        Assert.Equal(["20260101000000_Initial"], oldContext.Database.GetAppliedMigrations());
        Assert.Equal(["old"], oldContext.Datasets.Select(row => row.Id));
    }

    [Fact]
    public async Task Migrate_KilledDuringAnEarlierMigration_DoesNotWaitForItsLockForever()
    {
        Execute("CREATE TABLE \"__EFMigrationsLock\" (\"Id\" INTEGER PRIMARY KEY, \"Timestamp\" TEXT NOT NULL); INSERT INTO \"__EFMigrationsLock\" VALUES (1, '2026-01-01')");

        using var held = await MigrateAsync(_database.Options).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Migrate_NewerDatabase_IsRefusedInOneLine()
    {
        (await MigrateAsync(_database.Options)).Dispose();
        Execute("INSERT INTO \"__EFMigrationsHistory\" VALUES ('29990101000000_Future', '99.0')");

        var error = await Assert.ThrowsAsync<StoreStartupException>(() => MigrateAsync(_database.Options));

        Assert.Equal(
            $"{_database.Path} was written by a newer MlTr (schema 29990101000000_Future): run that version or a later one, or choose another database with Store:DatabasePath.",
            error.Message);
    }

    [Fact]
    public async Task Migrate_SecondProcess_IsRefusedInOneLine_UntilTheFirstEnds()
    {
        var first = SqliteExperimentStore.Open(_database.Options, TimeProvider.System);

        var error = await Assert.ThrowsAsync<StoreStartupException>(() => MigrateAsync(_database.Options));

        Assert.Equal(
            $"{_database.Path} is in use by another MlTr process: stop that one, or give this one a database of its own with Store:DatabasePath.", error.Message);
        await first.DisposeAsync();
        (await MigrateAsync(_database.Options)).Dispose();
    }

    [Fact]
    public async Task Migrate_FolderCannotBeMade_IsRefusedInOneLine()
    {
        var file = Path.Combine(_database.Folder, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);

        var error = await Assert.ThrowsAsync<StoreStartupException>(() => MigrateAsync(new() { DatabasePath = Path.Combine(file, "data", "mltr.db") }));

        Assert.StartsWith($"The folder {Path.Combine(file, "data")} cannot be written (", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task Migrate_NotADatabase_IsRefusedInOneLine()
    {
        await File.WriteAllTextAsync(_database.Path, new string('x', 10_000), TestContext.Current.CancellationToken);

        var error = await Assert.ThrowsAsync<StoreStartupException>(() => MigrateAsync(_database.Options));

        Assert.StartsWith($"{_database.Path} is not an MlTr database", error.Message, StringComparison.Ordinal);
        Assert.Equal(new string('x', 10_000), await File.ReadAllTextAsync(_database.Path, TestContext.Current.CancellationToken));
    }

    private static Task<StoreLock> MigrateAsync(StoreOptions options) =>
        StoreStartup.MigrateAsync(options, TimeProvider.System, TestContext.Current.CancellationToken);

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_database.Path};Pooling=False");
        connection.Open();
        connection.Execute(sql);
    }
}
