using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using MlTr.Abstractions.Client;
using MlTr.Dashboard;
using MlTr.Dashboard.Features.Accounts.Access;
using MlTr.Grains;
using MlTr.Grains.Datasets;
using MlTr.Grains.Evaluations;
using MlTr.Grains.Storage;
using MlTr.Grains.Sweeps;
using MlTr.Silo.Artifacts;
using MlTr.Silo.Datasets;
using MlTr.Silo.Evaluations;
using MlTr.Silo.Notifications;
using MlTr.Silo.Observability;
using MlTr.Silo.Trials;
using MlTr.Silo.Workers;
using Orleans.Dashboard;

namespace MlTr.Silo.Hosting;

/// <summary>The control process: grains, store and dashboard, with its worker processes. In a cluster also the dashboard alone, as a client of the silos.</summary>
internal static class ControlHost
{
    // Workers get most of it for their checkpoints; together under the ten seconds that a stop may take.
    private static readonly TimeSpan StopDuration = TimeSpan.FromSeconds(9);

    public static WebApplication Build(IReadOnlyDictionary<string, string?> commandLine, Action<IServiceCollection>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(ControlHost).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.Configuration.AddPlatformSettings(commandLine);
        var options = builder.Configuration.ReadPlatform();
        var data = new DataFolder(options.DataFolder);
        data.EnsureWritable();
        Loopback.ThrowIfTaken(options.Addresses);

        builder.Logging.AddPlatformLogging(builder.Configuration);
        var quiet = new QuietStop();
        builder.Services.PostConfigure<LoggerFilterOptions>(quiet.Apply);
        builder.WebHost.UseUrls(options.Addresses);
        builder.WebHost.UseStaticWebAssets();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopDuration);
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(data);
        builder.Services.AddSingleton<PlatformFailure>();
        if (Loopback.IsLoopback(options.Addresses))
        {
            builder.Configuration["AllowedHosts"] ??= "localhost;127.0.0.1;[::1]"; // no other site's name may lead here
        }

        if (options.IsControl)
        {
            AddPlatform(builder, options, data);
        }
        else
        {
            AddClient(builder, options);
        }

        configure?.Invoke(builder.Services);
        var app = builder.Build();
        app.Lifetime.ApplicationStopping.Register(quiet.Begin);
        Proxies.Use(app, options.TrustedProxies);
        app.UseMlTrLogin();
        app.MapPlatformHealth();
        app.MapGet(Cluster.IdPath, (Cluster cluster) => cluster.ClusterId).AllowAnonymous();
        app.MapGet(Cluster.AddressPath, (Cluster cluster, IGrainFactory grains) => cluster.AddressAsync(grains, app.Addresses().FirstOrDefault() ?? options.Addresses))
            .RequireAuthorization(AccessKeys.Editors);
        if (options.IsDashboard)
        {
            app.UseAntiforgery();
            app.MapMlTrDashboard();
            app.MapOrleansDashboard("/orleans").RequireAuthorization(AccessKeys.Admins); // it can look into every grain
        }

        return app;
    }

    /// <summary>The addresses that the web server really listens on.</summary>
    public static string[] Addresses(this WebApplication app) =>
        [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? []];

    /// <summary>Stops it; what does not stop in time is cut short, with a line.</summary>
    public static async Task StopInOrderAsync(this WebApplication app)
    {
        try
        {
            await app.StopAsync();
        }
        catch (Exception error) when (error is OperationCanceledException or AggregateException)
        {
            await Console.Error.WriteLineAsync("Stopping took too long and was cut short; the newest checkpoints count.");
        }
    }

    // The order is the order of starting, and backwards that of stopping: store, silo, supervisor; the web server comes last.
    private static void AddPlatform(WebApplicationBuilder builder, PlatformOptions options, DataFolder data)
    {
        var cluster = Cluster.ForControl(options);
        builder.Services.AddSingleton(cluster);
        builder.Services.AddExperimentStore(store =>
        {
            store.ConnectionString = options.Store;
            if (builder.Configuration[$"{StoreOptions.Section}:{nameof(StoreOptions.DatabasePath)}"] is null)
            {
                store.DatabasePath = data.Database;
            }
        });
        builder.Services.AddSingleton(new DatasetCopies(data));
        builder.Services.AddHostedService<LoginCheck>();
        builder.Services.AddSingleton<IDatasetSource, ModelDatasetSource>();
        builder.Services.AddSingleton(CheckpointCopies.Open(options));
        builder.Services.AddSingleton<ISweepFiles, SweepFiles>();
        builder.Services.AddSingleton<IEvaluationPlanner, ModelEvaluationPlanner>();
        builder.Services.AddInsight();
        builder.Services.AddWebhook(options.Webhook);
        builder.UseOrleans(silo =>
        {
            cluster.Configure(silo);
            silo.AddMlTrGrains();
        });
        AddPages(builder, options, "control");
        builder.Services.AddPlatformHealth().AddStoreCheck();
        if (options.IsWorker && options.Workers > 0)
        {
            builder.Services.AddSingleton<WorkerLauncher>();
            builder.Services.AddHostedService<WorkerSupervisor>();
        }
    }

    private static void AddClient(WebApplicationBuilder builder, PlatformOptions options)
    {
        var cluster = Cluster.ForClient(options);
        builder.Services.AddSingleton(cluster);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.UseOrleansClient(cluster.Configure);
        AddPages(builder, options, "dashboard");
        builder.Services.AddPlatformHealth();
    }

    private static void AddPages(WebApplicationBuilder builder, PlatformOptions options, string instance)
    {
        builder.Services.AddSingleton<MlTrClient>();
        builder.Services.AddSingleton<StoppingClient>();
        builder.Services.AddMlTrLogin(services => services.GetRequiredService<StoppingClient>());
        builder.Services.AddHostedService<LoginStart>();
        builder.Services.AddDataProtection().SetApplicationName("mltr").PersistKeysToFileSystem(new DataFolder(options.DataFolder).CreateKeys());
        builder.Services.AddMlTrTelemetry(builder.Configuration, instance);
        if (options.IsDashboard)
        {
            builder.Services.AddMlTrDashboard();
        }
    }
}
