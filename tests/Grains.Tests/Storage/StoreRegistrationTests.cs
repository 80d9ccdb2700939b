using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using MlTr.Grains.Storage;

namespace MlTr.Grains.Tests.Storage;

public sealed class StoreRegistrationTests : IDisposable
{
    private readonly TemporaryDatabase _database = new();

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task Host_StartsWithTheStoreOpen_AndClosesItAtTheEnd()
    {
        using (var host = Build(("Store:DatabasePath", _database.Path)))
        {
            await host.StartAsync(Token);
            await host.Services.GetRequiredService<IExperimentStore>().SaveDatasetAsync(SomeRow.Dataset("d"), Token);
            Assert.True(File.Exists(_database.Path + "-wal"));
            await host.StopAsync(Token);
        }

        Assert.False(File.Exists(_database.Path + "-wal"));
    }

    [Fact]
    public async Task Host_BadDatabase_DoesNotStart()
    {
        await File.WriteAllTextAsync(_database.Path, new string('x', 10_000), Token);
        using var host = Build(("Store:DatabasePath", _database.Path));

        await Assert.ThrowsAsync<StoreStartupException>(() => host.StartAsync(Token));
    }

    [Theory]
    [InlineData("Store:DatabasePath", " ")]
    [InlineData("Store:DatabasePath", "/")]
    [InlineData("Store:BusyTimeout", "01:00:00")]
    public async Task Host_WrongOption_DoesNotStartAndNamesTheKey(string key, string value)
    {
        using var host = Build((key, value));

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));

        Assert.Contains(key, error.Message, StringComparison.Ordinal);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static IHost Build((string Key, string Value) setting)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration[setting.Key] = setting.Value;
        builder.Services.AddExperimentStore();
        return builder.Build();
    }
}
