using MlTr.Grains.Storage;

namespace MlTr.Grains.Tests.Storage;

/// <summary>In one database that is emptied before each test: to create one takes longer than most tests.</summary>
public sealed class PostgresExperimentStoreContractTests(PostgresFixture postgres, PostgresExperimentStoreContractTests.Shared shared)
    : ExperimentStoreContract, IClassFixture<PostgresExperimentStoreContractTests.Shared>
{
    internal override IExperimentStore Store => shared.Store!;

    public override async ValueTask InitializeAsync()
    {
        shared.Store ??= PostgresExperimentStore.Open(postgres.Server.CreateDatabase(), TimeProvider.System);
        await shared.Store.WriteAsync(session => session.Execute("TRUNCATE sweeps, datasets, users, drained_workers, worker_events RESTART IDENTITY CASCADE"), TestContext.Current.CancellationToken);
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public sealed class Shared : IAsyncDisposable
    {
        internal PostgresExperimentStore? Store { get; set; }

        public ValueTask DisposeAsync() => Store?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
