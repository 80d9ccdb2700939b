using MlTr.Grains.Tests.Storage;
using MlTr.Testing;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace MlTr.Grains.Tests.Storage;

/// <summary>One server for the assembly; each test has a database of its own.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    public PostgresServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await PostgresServer.StartAsync();

    public ValueTask DisposeAsync() => Server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
