using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace MlTr.Silo.Observability;

/// <summary>Traces and meters of the platform, of Orleans and of the web server. They leave the process only where <c>Otlp:Endpoint</c> says so.</summary>
internal static class Telemetry
{
    public const string EndpointKey = "Otlp:Endpoint";

    public static readonly string[] Sources = ["MlTr.*", "Microsoft.Orleans.*"];

    public static readonly string[] Meters = ["MlTr.*", "Microsoft.Orleans", "System.Runtime"];

    public static void AddMlTrTelemetry(this IServiceCollection services, IConfiguration configuration, string instance)
    {
        var endpoint = configuration[EndpointKey];
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("mltr", serviceInstanceId: $"{Environment.MachineName}/{instance}"))
            .WithTracing(traces => traces.AddSource(Sources).AddAspNetCoreInstrumentation())
            .WithMetrics(meters => meters.AddMeter(Meters).AddAspNetCoreInstrumentation());
        if (string.IsNullOrWhiteSpace(endpoint))
        {
            return;
        }

        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var address))
        {
            throw new Hosting.PlatformException($"{EndpointKey} '{endpoint}' is no address: use one such as http://localhost:4317.");
        }

        telemetry.WithTracing(traces => traces.AddOtlpExporter(exporter => exporter.Endpoint = address));
        telemetry.WithMetrics(meters => meters.AddOtlpExporter(exporter => exporter.Endpoint = address));
    }
}
