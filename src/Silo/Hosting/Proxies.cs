using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace MlTr.Silo.Hosting;

/// <summary>The reverse proxies whose word about the caller is taken: no other may say that a request came by https or from elsewhere.</summary>
internal static class Proxies
{
    /// <summary>What is wrong with the setting, in one line; null if nothing is.</summary>
    public static string? Check(string setting) => Split(setting).FirstOrDefault(entry => !IPAddress.TryParse(entry, out _) && !IPNetwork.TryParse(entry, out _)) is { } wrong
        ? $"Platform:TrustedProxies: '{wrong}' is neither an address nor a network: use such as 10.0.0.7 or 172.16.0.0/12, parted by commas."
        : null;

    public static void Use(IApplicationBuilder app, string setting)
    {
        if (setting.Length == 0)
        {
            return;
        }

        var headers = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.All };
        headers.KnownProxies.Clear();
        headers.KnownIPNetworks.Clear();
        foreach (var entry in Split(setting))
        {
            if (IPAddress.TryParse(entry, out var address))
            {
                headers.KnownProxies.Add(address);
            }
            else
            {
                headers.KnownIPNetworks.Add(IPNetwork.Parse(entry));
            }
        }

        app.UseForwardedHeaders(headers);
    }

    private static string[] Split(string setting) => setting.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
