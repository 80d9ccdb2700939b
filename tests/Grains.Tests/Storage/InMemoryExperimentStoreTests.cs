using MlTr.Grains.Storage;
using MlTr.Testing;

namespace MlTr.Grains.Tests.Storage;

public sealed class InMemoryExperimentStoreTests : ExperimentStoreContract
{
    internal override IExperimentStore Store { get; } = new InMemoryExperimentStore();

    public override ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
