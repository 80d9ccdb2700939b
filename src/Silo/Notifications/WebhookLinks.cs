using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace MlTr.Silo.Notifications;

/// <summary>Where a sweep is seen.</summary>
internal sealed class WebhookLinks(WebhookOptions options, IServer? server = null)
{
    public string Of(string sweepId)
    {
        var home = options.Dashboard.Length > 0 ? options.Dashboard : server?.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "";
        return $"{home.TrimEnd('/')}/sweeps/{Uri.EscapeDataString(sweepId)}";
    }
}
