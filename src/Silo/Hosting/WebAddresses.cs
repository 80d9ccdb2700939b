namespace MlTr.Silo.Hosting;

/// <summary>Where the web server can be reached from.</summary>
internal static class WebAddresses
{
    /// <summary>The first thing by which others than this machine reach the web server; null if nothing is.</summary>
    public static string? Open(IConfiguration configuration, PlatformOptions options) =>
        options.TrustedProxies.Length > 0 ? $"{options.Addresses} behind Platform:TrustedProxies" : All(configuration, options).FirstOrDefault(address => !Loopback.IsLoopback(address));

    // Endpoints of Kestrel's own section are listened on instead of the platform's addresses.
    private static IEnumerable<string> All(IConfiguration configuration, PlatformOptions options) =>
    [
        .. options.Addresses.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        .. configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>(),
    ];
}
