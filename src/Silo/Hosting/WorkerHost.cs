using MlTr.Abstractions.Client;
using MlTr.Grains;
using MlTr.Grains.Datasets.Decoded;
using MlTr.Grains.Evaluations;
using MlTr.Grains.Trials;
using MlTr.Grains.Workers;
using MlTr.Model.Native;
using MlTr.Silo.Artifacts;
using MlTr.Silo.Datasets;
using MlTr.Silo.Evaluations;
using MlTr.Silo.Observability;
using MlTr.Silo.Trials;
using MlTr.Silo.Workers;

namespace MlTr.Silo.Hosting;

/// <summary>A worker process: one silo with one device.</summary>
internal static class WorkerHost
{
    private static readonly TimeSpan StopDuration = TimeSpan.FromSeconds(6);

    public static IHost Build(IReadOnlyDictionary<string, string?> commandLine, TextReader parent)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings
        {
            ApplicationName = typeof(WorkerHost).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
            DisableDefaults = true,
        });
        builder.Configuration.AddPlatformSettings(commandLine);
        var options = builder.Configuration.ReadPlatform();
        var cluster = Cluster.ForWorker(options);
        var threads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount;

        var decoded = DecodedFolder.Of(options);

        builder.Logging.AddPlatformLogging(builder.Configuration);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopDuration);
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
        builder.Services.AddSingleton(new DataFolder(options.DataFolder));
        builder.Services.AddSingleton(CheckpointCopies.Open(options));
        if (options.IsSupervised)
        {
            builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<ParentWatch>(
                services, parent, ParentWatch.DefaultPatience, (Action)ParentWatch.ExitNow));
        }

        builder.UseOrleans(silo =>
        {
            cluster.Configure(silo);
            silo.AddMlTrWorker(new WorkerOptions
            {
                Id = options.WorkerName,
                Device = options.Device,
                DeviceName = DeviceName(options.Device, threads),
                Labels = options.Labels,
                Place = decoded.Place,
            });
        });
        builder.Services.AddMlTrClient();
        builder.Services.AddSingleton(new DatasetCopies(new DataFolder(options.DataFolder)));
        builder.Services.AddSingleton(decoded);
        builder.Services.AddSingleton<IPictureDecoder, ModelPictureDecoder>();
        builder.Services.AddSingleton(services => new TrialPictures(
            decoded, id => services.GetRequiredService<IGrainFactory>().GetGrain<IDecodingRequests>(id), services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<ITrialRunner>(services => ActivatorUtilities.CreateInstance<ModelTrialRunner>(services, threads));
        builder.Services.AddSingleton<IPartEvaluator>(services => ActivatorUtilities.CreateInstance<ModelPartEvaluator>(services, threads));
        builder.Services.AddMlTrTelemetry(builder.Configuration, options.WorkerName);
        return builder.Build();
    }

    private static string DeviceName(string device, int threads) => device == "cpu"
        ? $"CPU, {threads} {(threads == 1 ? "thread" : "threads")}"
        : GpuMeter.TryOpen(device)?.Name ?? $"CUDA device {device["cuda:".Length..]}";
}
