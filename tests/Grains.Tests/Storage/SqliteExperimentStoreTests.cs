using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Microsoft.Data.Sqlite;
using MlTr.Abstractions.Metrics;
using MlTr.Grains.Storage;

namespace MlTr.Grains.Tests.Storage;

public sealed class SqliteExperimentStoreTests : IDisposable
{
    private readonly TemporaryDatabase _database = new();

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task SaveTrial_ThousandAtOnce_ShareCommitsAndStaleOnesFailAlone()
    {
        await using var store = Open();
        await store.SaveSweepAsync(SomeRow.Sweep("s"), [.. Enumerable.Range(1, 1_000).Select(number => SomeRow.Trial("s", number))], [], Token);
        var largestGroup = 0;
        using var listener = Listen(StoreMeter.WritesPerCommit, writes => InterlockedMax(ref largestGroup, writes));

        var writes = Enumerable.Range(1, 1_000).Select(number => store.SaveTrialAsync(
            ExperimentStoreContract.Points(number, version: number % 10 == 0 ? 5 : 1, attempt: 1, new MetricPoint("loss", 1, number)), Token)).ToArray();
        var stale = 0;
        foreach (var write in writes)
        {
            stale += await Record.ExceptionAsync(() => write) is StaleVersionException ? 1 : 0;
        }

        Assert.Equal(100, stale);
        Assert.True(largestGroup > 50, $"The largest group had {largestGroup} writes.");
        var curves = await store.LoadSweepCurvesAsync("s", "loss", Token);
        Assert.Equal(Enumerable.Range(1, 1_000).Where(number => number % 10 != 0), curves.Keys.Order());
    }

    [Fact]
    public async Task SaveTrial_FailsAfterItsPointsAreWritten_LeavesNothingOfIt()
    {
        await using var store = Open();
        await StartAsync(store, trials: 1);
        var failing = store.WriteAsync(session =>
        {
            session.Points.InsertPoints(1, 1, [new("new name", 1, 1)]);
            throw new InvalidOperationException("after the points");
        }, Token);

        await Assert.ThrowsAsync<InvalidOperationException>(() => failing);
        Assert.Empty(await store.LoadCurvesAsync(new("s", 1), [], Token));

        // The name's key was rolled back with the point, so it must not be remembered either.
        await store.SaveTrialAsync(ExperimentStoreContract.Points(1, version: 1, attempt: 1, new("other", 1, 1), new("new name", 1, 2)), Token);
        Assert.Equal(["new name", "other"], (await store.LoadCurvesAsync(new("s", 1), [], Token)).Select(curve => curve.Name));
    }

    [Fact]
    public async Task Open_AfterDispose_HasEverythingInOneFile()
    {
        await using (var store = Open())
        {
            await StartAsync(store, trials: 1);
            await store.SaveTrialAsync(ExperimentStoreContract.FullChange(version: 1), Token);
        }

        Assert.Equal(["mltr.db", "mltr.db.lock"], FileNames());
        await using var reopened = Open();
        Assert.Equal(2, (await reopened.LoadTrialAsync(new("s", 1), Token))!.Version);
        await reopened.SaveTrialAsync(ExperimentStoreContract.Points(1, version: 2, attempt: 1, new MetricPoint("train/loss", 9, 0)), Token);
        Assert.Equal([1L, 2L, 9L], (await reopened.LoadCurvesAsync(new("s", 1), ["train/loss"], Token))[0].Points.Select(point => point.Step));
    }

    [Fact]
    public async Task Open_FilesAsAKilledProcessLeavesThem_HasWhatWasAcknowledged()
    {
        using var copy = new TemporaryDatabase();
        await using var store = Open();
        await StartAsync(store, trials: 1);
        await store.SaveTrialAsync(ExperimentStoreContract.FullChange(version: 1), Token);

        File.Copy(_database.Path, copy.Path);
        File.Copy(_database.Path + "-wal", copy.Path + "-wal");

        await using var survivor = SqliteExperimentStore.Open(copy.Options, TimeProvider.System);
        Assert.Equal(2, (await survivor.LoadTrialAsync(new("s", 1), Token))!.Version);
        Assert.Equal(2, (await survivor.LoadCurvesAsync(new("s", 1), [], Token)).Length);
    }

    /// <summary>A power cut: of the log, what was not flushed may be missing from any byte on, or be rubbish.</summary>
    [Fact]
    public async Task Open_LogCutOffAnywhere_HasWhatWasAcknowledged_WholeWritesOnly_AndIsIntact()
    {
        await using var store = Open();
        await StartAsync(store, trials: 1);
        var acknowledged = new List<long> { new FileInfo(_database.Path + "-wal").Length };
        for (var step = 1; step <= 12; step++)
        {
            await store.SaveTrialAsync(ExperimentStoreContract.Points(1, version: step, attempt: 1, new MetricPoint("loss", step, step)), Token);
            acknowledged.Add(new FileInfo(_database.Path + "-wal").Length);
        }

        var random = new Random(7);
        for (var cut = 0; cut < 40; cut++)
        {
            var length = random.NextInt64(acknowledged[0], acknowledged[^1] + 1);
            using var copy = new TemporaryDatabase();
            File.Copy(_database.Path, copy.Path);
            var log = await File.ReadAllBytesAsync(_database.Path + "-wal", Token);
            var rubbish = new byte[cut % 2 == 0 ? 0 : 5000];
            random.NextBytes(rubbish);
            await File.WriteAllBytesAsync(copy.Path + "-wal", [.. log.AsSpan(0, (int)length), .. rubbish], Token);

            await using var survivor = SqliteExperimentStore.Open(copy.Options, TimeProvider.System);
            var written = (int)(await survivor.LoadTrialAsync(new("s", 1), Token))!.Version - 1;
            var points = (await survivor.LoadCurvesAsync(new("s", 1), [], Token)).SelectMany(curve => curve.Points).Select(point => point.Step);
            Assert.Equal(acknowledged.FindLastIndex(end => end <= length), written);
            Assert.Equal(Enumerable.Range(1, written).Select(step => (long)step), points);
            await survivor.SaveTrialAsync(ExperimentStoreContract.Points(1, version: written + 1, attempt: 1, new MetricPoint("loss", 100, 1)), Token);
            Assert.Equal("ok", await survivor.WriteAndReadAsync("PRAGMA integrity_check", Token));
        }
    }

    [Fact]
    public async Task Dispose_WithWritesWaiting_FinishesThem_ThenRefuses()
    {
        var store = Open();
        await StartAsync(store, trials: 100);
        var writes = Enumerable.Range(1, 100).Select(number => store.SaveTrialAsync(ExperimentStoreContract.Points(number, 1, 1, new MetricPoint("loss", 1, 1)), Token)).ToArray();

        await store.DisposeAsync();
        await store.DisposeAsync();

        await Task.WhenAll(writes);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.SaveDatasetAsync(SomeRow.Dataset("d"), Token));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.ListDatasetsAsync(Token));
        await using var reopened = Open();
        Assert.Equal(100, (await reopened.LoadSweepCurvesAsync("s", "loss", Token)).Count);
    }

    [Fact]
    public async Task SaveTrial_DiskFull_SaysSoWritesNothingAndGoesOn()
    {
        await using var store = Open();
        await StartAsync(store, trials: 1);
        await store.WriteAsync(session => session.Execute("PRAGMA max_page_count = 1"), Token); // not below what the file has
        ImmutableArray<MetricPoint> many = [.. Enumerable.Range(1, 20_000).Select(step => new MetricPoint("loss", step, step))];

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.SaveTrialAsync(ExperimentStoreContract.Points(1, 1, 1, many), Token));

        Assert.Equal($"{_database.Path} cannot grow: the disk is full. Free some space; nothing needs a restart.", error.Message);
        Assert.Equal(1, (await store.LoadTrialAsync(new("s", 1), Token))!.Version);
        Assert.Empty(await store.LoadCurvesAsync(new("s", 1), [], Token));
        await store.WriteAsync(session => session.Execute("PRAGMA max_page_count = 1000000"), Token);
        await store.SaveTrialAsync(ExperimentStoreContract.Points(1, 1, 1, many), Token);
        Assert.Equal(20_000, (await store.LoadCurvesAsync(new("s", 1), [], Token))[0].Points.Length);
    }

    [Fact]
    public async Task SaveTrial_ReadOnly_SaysSoAndWritesNothing_AndGoesOnOnceItMayBeWritten()
    {
        await using (var store = Open())
        {
            await StartAsync(store, trials: 1);
            await store.WriteAsync(session => session.Execute("PRAGMA query_only = ON"), Token); // answers as a file system that is mounted read-only, also to root

            var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.SaveTrialAsync(ExperimentStoreContract.FullChange(version: 1), Token));

            Assert.Equal($"{_database.Path} is read-only: give the user that runs MlTr write permission on the file and its folder.", error.Message);
            Assert.Equal(1, (await store.LoadTrialAsync(new("s", 1), Token))!.Version);
        }

        await using var again = Open();
        await again.SaveTrialAsync(ExperimentStoreContract.FullChange(version: 1), Token);
        Assert.Equal(2, (await again.LoadTrialAsync(new("s", 1), Token))!.Version);
    }

    [Fact]
    public async Task SaveTrial_LockedByAnotherProgram_SaysSoAndGoesOn()
    {
        await using var store = Open();
        await StartAsync(store, trials: 1);
        using (var shell = new SqliteConnection($"Data Source={_database.Path};Pooling=False"))
        {
            shell.Open();
            using var command = shell.CreateCommand();
            command.CommandText = "BEGIN IMMEDIATE";
            command.ExecuteNonQuery();

            var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.SaveTrialAsync(ExperimentStoreContract.FullChange(version: 1), Token));
            Assert.StartsWith($"{_database.Path} is locked by another program", error.Message, StringComparison.Ordinal);
            Assert.Equal(1, (await store.LoadTrialAsync(new("s", 1), Token))!.Version); // readers do not wait
        }

        await store.SaveTrialAsync(ExperimentStoreContract.FullChange(version: 1), Token);
    }

    [Fact]
    public async Task SaveTrial_Cancelled_EndsBeforeItsTurn()
    {
        await using var store = Open();
        await StartAsync(store, trials: 1);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.SaveTrialAsync(ExperimentStoreContract.FullChange(version: 1), new(canceled: true)));

        Assert.Equal(1, (await store.LoadTrialAsync(new("s", 1), Token))!.Version);
    }

    [Fact]
    public async Task Backup_WhileOpen_IsACompleteDatabase()
    {
        using var copy = new TemporaryDatabase();
        await using var store = Open();
        await StartAsync(store, trials: 1);
        await store.SaveTrialAsync(ExperimentStoreContract.FullChange(version: 1), Token);

        await store.BackupAsync(copy.Path, Token);

        await Assert.ThrowsAsync<IOException>(() => store.BackupAsync(copy.Path, Token));
        Assert.Equal(["mltr.db"], Directory.GetFiles(copy.Folder).Select(Path.GetFileName));
        await using var restored = SqliteExperimentStore.Open(copy.Options, TimeProvider.System);
        Assert.Equal(2, (await restored.LoadTrialAsync(new("s", 1), Token))!.Version);
    }

    [Fact]
    public async Task View_MetricPoints_JoinsNamesForAPersonWithAShell()
    {
        await using var store = Open();
        await StartAsync(store, trials: 1);
        await store.SaveTrialAsync(ExperimentStoreContract.Points(1, 1, 1, new MetricPoint("train/loss", 7, 0.5)), Token);

        var row = await store.WriteAndReadAsync("SELECT sweep_id || ' ' || trial || ' ' || name || ' ' || step || ' ' || value FROM metric_points", Token);

        Assert.Equal("s 1 train/loss 7 0.5", row);
    }

    [Fact]
    public async Task Writer_IsDurableAtEachCommit()
    {
        await using var store = Open();

        Assert.Equal("wal", await store.WriteAndReadAsync("SELECT journal_mode FROM pragma_journal_mode", Token));
        Assert.Equal("1", await store.WriteAndReadAsync("SELECT foreign_keys FROM pragma_foreign_keys", Token));
        Assert.Equal("2", await store.WriteAndReadAsync("PRAGMA synchronous", Token));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SqliteExperimentStore Open() => SqliteExperimentStore.Open(_database.Options, TimeProvider.System);

    private string[] FileNames() => [.. Directory.GetFiles(_database.Folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static Task StartAsync(SqliteExperimentStore store, int trials) =>
        store.SaveSweepAsync(SomeRow.Sweep("s"), [.. Enumerable.Range(1, trials).Select(number => SomeRow.Trial("s", number))], [], Token);

    private static MeterListener Listen(Instrument instrument, Action<int> take)
    {
        var listener = new MeterListener();
        listener.SetMeasurementEventCallback<int>((_, value, _, _) => take(value));
        listener.EnableMeasurementEvents(instrument);
        listener.Start();
        return listener;
    }

    private static void InterlockedMax(ref int largest, int value)
    {
        int seen;
        while (value > (seen = Volatile.Read(ref largest)) && Interlocked.CompareExchange(ref largest, value, seen) != seen)
        {
        }
    }
}

internal static class SqliteExperimentStoreProbe
{
    /// <summary>One value, read on the writer's own connection.</summary>
    public static async Task<string?> WriteAndReadAsync(this SqliteExperimentStore store, string sql, CancellationToken cancellationToken)
    {
        string? value = null;
        await store.WriteAsync(session =>
        {
            using var command = session.Connection.CreateCommand();
#pragma warning disable CA2100 // constants of the tests
            command.CommandText = sql;
#pragma warning restore CA2100
            value = command.ExecuteScalar()?.ToString();
        }, cancellationToken);
        return value;
    }
}
