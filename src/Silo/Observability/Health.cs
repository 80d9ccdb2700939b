using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using MlTr.Abstractions.Client;
using MlTr.Grains.Storage;

namespace MlTr.Silo.Observability;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: grains answer and the store can be written; that it answers at all shows the web server.</summary>
internal static class Health
{
    private const string Ready = "ready";

    public static IHealthChecksBuilder AddPlatformHealth(this IServiceCollection services) => services.AddHealthChecks()
        .AddCheck<GrainsCheck>("grains", tags: [Ready], timeout: TimeSpan.FromSeconds(5));

    /// <summary>For a process that has the store.</summary>
    public static IHealthChecksBuilder AddStoreCheck(this IHealthChecksBuilder checks) => checks
        .AddCheck<StoreCheck>("store", tags: [Ready], timeout: TimeSpan.FromSeconds(5));

    public static void MapPlatformHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Ready), ResponseWriter = WriteAsync }).AllowAnonymous();
    }

    private static Task WriteAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(new
    {
        status = report.Status.ToString(),
        checks = report.Entries.ToDictionary(
            entry => entry.Key,
            entry => entry.Value.Status == HealthStatus.Healthy ? "ok" : entry.Value.Description ?? entry.Value.Exception?.Message ?? "no answer"),
    });

    private sealed class GrainsCheck(MlTrClient client) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            var scheduler = await client.GetSchedulerAsync().WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy($"{scheduler.Workers.Length} workers, {scheduler.Queue.Length} trials wait");
        }
    }

    /// <summary>Commits nothing, the way every write goes: finds a full, vanished or read-only disk.</summary>
    private sealed class StoreCheck(RelationalExperimentStore store) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await store.WriteAsync(_ => { }, cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (StoreUnavailableException error)
            {
                return HealthCheckResult.Unhealthy(error.Message);
            }
        }
    }
}
