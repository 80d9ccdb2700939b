using System.Collections.Immutable;
using MlTr.Abstractions.Metrics;
using MlTr.Grains.Storage;
using Npgsql;

namespace MlTr.Grains.Tests.Storage;

/// <summary>What a store must do that several processes share. Two stores on one database stand for two processes.</summary>
public sealed class PostgresExperimentStoreTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Open_TwoAtOnceOnAnEmptyDatabase_BothWork()
    {
        var database = postgres.Server.CreateDatabase();

        var stores = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => Open(database))));

        await Task.WhenAll(stores.Select(store => store.SaveDatasetAsync(SomeRow.Dataset("d"), Token)));
        Assert.Equal(["d"], await stores[0].ListDatasetsAsync(Token));
        foreach (var store in stores)
        {
            await store.DisposeAsync();
        }
    }

    [Fact]
    public async Task SaveSweep_TwoInsertTheSame_OneIsStale()
    {
        var database = postgres.Server.CreateDatabase();
        await using var first = Open(database);
        await using var second = Open(database);

        for (var round = 0; round < 20; round++)
        {
            var outcomes = await Task.WhenAll(((PostgresExperimentStore[])[first, second]).Select(store => Record.ExceptionAsync(
                () => store.SaveSweepAsync(SomeRow.Sweep($"s{round}"), [SomeRow.Trial($"s{round}", 1)], [SomeRow.Event($"s{round}", null, "started")], Token)).AsTask()));

            Assert.IsType<StaleVersionException>(Assert.Single(outcomes, outcome => outcome is not null));
            Assert.Single(await first.LoadEventsAsync($"s{round}", null, Token));
        }
    }

    [Fact]
    public async Task SaveTrial_TwoDecideOnTheSameVersion_OneIsStaleAndLeavesNothing()
    {
        var database = postgres.Server.CreateDatabase();
        await using var first = Open(database);
        await using var second = Open(database);
        await first.SaveSweepAsync(SomeRow.Sweep("s"), [.. Enumerable.Range(1, 50).Select(number => SomeRow.Trial("s", number))], [], Token);

        // In opposite orders, so that the groups of the two wait for each other's rows.
        var outcomes = await Task.WhenAll(Enumerable.Range(1, 50).SelectMany(index => ((PostgresExperimentStore Store, int Number)[])[(first, index), (second, 51 - index)])
            .Select(async write => (write.Number, Error: await Record.ExceptionAsync(() => write.Store.SaveTrialAsync(
                ExperimentStoreContract.Points(write.Number, version: 1, attempt: 1, new MetricPoint("loss", 1, 0.5)) with { Events = [SomeRow.Event("s", write.Number, "told")] }, Token)))));

        foreach (var trial in outcomes.GroupBy(outcome => outcome.Number))
        {
            Assert.InRange(trial.Count(outcome => outcome.Error is null), 0, 1);
            Assert.All(trial, outcome => Assert.True(outcome.Error is null or StaleVersionException or StoreUnavailableException, outcome.Error?.ToString()));
            var written = trial.Count(outcome => outcome.Error is null);
            Assert.Equal(1 + written, (await first.LoadTrialAsync(new("s", trial.Key), Token))!.Version);
            Assert.Equal(written, (await second.LoadEventsAsync("s", trial.Key, Token)).Length);
        }

        Assert.Contains(outcomes, outcome => outcome.Error is null);
    }

    [Fact]
    public async Task SaveTrial_TwoMeetNewNamesAtOnce_BothWrite()
    {
        var database = postgres.Server.CreateDatabase();
        await using var first = Open(database);
        await using var second = Open(database);
        await first.SaveSweepAsync(SomeRow.Sweep("s"), [SomeRow.Trial("s", 1), SomeRow.Trial("s", 2)], [], Token);
        ImmutableArray<MetricPoint> points = [.. Enumerable.Range(0, 200).Select(index => new MetricPoint($"class/{index}", 1, index))];

        await Task.WhenAll(
            first.SaveTrialAsync(ExperimentStoreContract.Points(1, 1, 1, points), Token),
            second.SaveTrialAsync(ExperimentStoreContract.Points(2, 1, 1, [.. points.Reverse()]), Token));

        Assert.Equal(200, (await second.LoadCurvesAsync(new("s", 1), [], Token)).Length);
        Assert.Equal(200, (await first.LoadCurvesAsync(new("s", 2), [], Token)).Length);
    }

    [Fact]
    public async Task Server_CutsEveryConnection_TheStoreGoesOn()
    {
        await using var store = Open(postgres.Server.CreateDatabase());
        await store.SaveSweepAsync(SomeRow.Sweep("s"), [SomeRow.Trial("s", 1)], [], Token);
        Assert.NotNull(await store.LoadTrialAsync(new("s", 1), Token));

        await store.WriteAsync(session => session.Execute("SELECT 1"), Token);
        var gone = await Record.ExceptionAsync(() => store.WriteAsync(session => session.Execute("SELECT pg_terminate_backend(pg_backend_pid())"), Token));

        Assert.IsType<StoreUnavailableException>(gone);
        Assert.StartsWith("PostgreSQL database test", gone.Message, StringComparison.Ordinal);
        await store.SaveTrialAsync(ExperimentStoreContract.FullChange(version: 1), Token);
        Assert.Equal(2, (await store.LoadTrialAsync(new("s", 1), Token))!.Version);
    }

    [Fact]
    public async Task Text_ThatPostgresqlCannotHold_IsReplacedAndNotLost()
    {
        await using var store = Open(postgres.Server.CreateDatabase());
        await store.SaveSweepAsync(SomeRow.Sweep("s"), [SomeRow.Trial("s", 1)], [SomeRow.Event("s", 1, "kind") with { Reason = "zero \0, half \ud83d, whole 😀" }], Token);
        await store.SaveTrialAsync(new(SomeRow.Trial("s", 1) with { Version = 1 }) { AttemptNumber = 1, LogLines = [SomeRow.Line(1, 1) with { Text = "a\0b" }] }, Token);

        Assert.Equal("zero \ufffd, half \ufffd, whole 😀", Assert.Single(await store.LoadEventsAsync("s", 1, Token)).Reason);
        Assert.Equal("a\ufffdb", Assert.Single(await store.LoadLogAsync(new("s", 1), 0, 0, 10, Token)).Text);
    }

    [Fact]
    public async Task Migrations_DescribeTheModelAsItIs_AndNewerOnesAreRefused()
    {
        var database = postgres.Server.CreateDatabase();
        await Open(database).DisposeAsync();
        using var connection = PostgresConnections.Open(database);
        using var context = PostgresConnections.CreateContext(connection);
        Assert.False(Microsoft.EntityFrameworkCore.RelationalDatabaseFacadeExtensions.HasPendingModelChanges(context.Database));

        connection.Execute("INSERT INTO \"__EFMigrationsHistory\" VALUES ('29990101000000_Future', '99.0')");

        var error = Assert.Throws<StoreStartupException>(() => Open(database));
        Assert.Contains("was written by a newer MlTr (schema 29990101000000_Future)", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Server=", "names no server")]
    [InlineData("Host=127.0.0.1", "names no database")]
    [InlineData("not a connection", "is no PostgreSQL connection string")]
    [InlineData("Host=127.0.0.1;Port=1;Database=mltr;Username=mltr", "cannot be reached")]
    public void Open_WhatCannotWork_IsOneLineThatSaysWhatToDo(string connectionString, string says)
    {
        var error = Assert.Throws<StoreStartupException>(() => Open(connectionString));

        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Open_NoSuchDatabase_IsOneLineWithoutThePassword()
    {
        var missing = new NpgsqlConnectionStringBuilder(postgres.Server.ConnectionString("missing")) { Password = "secret" }.ToString();

        var error = Assert.Throws<StoreStartupException>(() => Open(missing));

        Assert.Contains("does not exist: create it", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static PostgresExperimentStore Open(string connectionString) => PostgresExperimentStore.Open(connectionString, TimeProvider.System);
}
