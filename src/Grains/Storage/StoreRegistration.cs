using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MlTr.Grains.Storage;

/// <summary>Registration of the store.</summary>
internal static class StoreRegistration
{
    /// <summary>
    /// Adds the store as <see cref="IExperimentStore"/>, bound to section <see cref="StoreOptions.Section"/>. It is opened and migrated
    /// when the host starts, before the services that are added after it, and closed when the host is disposed.
    /// </summary>
    public static IServiceCollection AddExperimentStore(this IServiceCollection services, Action<StoreOptions>? configure = null)
    {
        var options = services.AddOptionsWithValidateOnStart<StoreOptions>().BindConfiguration(StoreOptions.Section);
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<StoreOptions>, StoreOptionsValidator>());
        services.TryAddSingleton(provider => Open(provider.GetRequiredService<IOptions<StoreOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IExperimentStore>(provider => provider.GetRequiredService<RelationalExperimentStore>());
        services.AddHostedService<StoreOpener>();
        return services;
    }

    private static RelationalExperimentStore Open(StoreOptions options, TimeProvider clock) => options.ConnectionString.Length > 0
        ? PostgresExperimentStore.Open(options.ConnectionString, clock)
        : SqliteExperimentStore.Open(options, clock);

    /// <summary>Opens the store at start, so that what is wrong with it stops the host instead of the first grain.</summary>
    private sealed class StoreOpener(IServiceProvider services) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.Run(services.GetRequiredService<RelationalExperimentStore>, cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
