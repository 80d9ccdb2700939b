using MlTr.Grains.Storage;

namespace MlTr.Grains.Tests.Storage;

public sealed class SqliteExperimentStoreContractTests : ExperimentStoreContract
{
    private readonly TemporaryDatabase _database = new();
    private SqliteExperimentStore? _store;

    internal override IExperimentStore Store => _store!;

    public override ValueTask InitializeAsync()
    {
        _store = SqliteExperimentStore.Open(_database.Options, TimeProvider.System);
        return ValueTask.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        await _store!.DisposeAsync();
        _database.Dispose();
    }
}
