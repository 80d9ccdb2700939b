using MlTr.Grains.Notifications;
using MlTr.Grains.Storage;

namespace MlTr.Silo.Notifications;

/// <summary>Adds the webhook to a control process.</summary>
internal static class WebhookHosting
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Sends notices if an address is set; else sweeps leave none.</summary>
    public static IServiceCollection AddWebhook(this IServiceCollection services, WebhookOptions options)
    {
        services.AddSingleton(options).AddSingleton(new WebhookQueue(options.IsOn));
        return !options.IsOn ? services : services.AddSingleton<WebhookLinks>().AddHostedService(provider => new WebhookSender(
            provider.GetRequiredService<IExperimentStore>(), provider.GetRequiredService<WebhookQueue>(), options, provider.GetRequiredService<WebhookLinks>(), Client(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<WebhookSender>>()));
    }

    /// <summary>One for the life of the process. A redirection is no success: the body was signed for one address.</summary>
    internal static HttpClient Client() => new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = Patience };
}
