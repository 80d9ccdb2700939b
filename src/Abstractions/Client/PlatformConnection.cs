using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace MlTr.Abstractions.Client;

/// <summary>How grain clients reach a running platform; the platform tells it at <c>/api/cluster</c> and in <c>cluster.json</c> of its data folder.</summary>
/// <param name="ClusterId">Orleans' cluster id; another one after each start of a platform on one machine.</param>
/// <param name="ServiceId">Orleans' service id.</param>
/// <param name="Gateway">Address and port of the gateway; of a cluster's several, parted by commas.</param>
/// <param name="Dashboard">The dashboard's address.</param>
/// <param name="ProcessId">The control process on its machine.</param>
public sealed record PlatformAddress(string ClusterId, string ServiceId, string Gateway, string Dashboard, int ProcessId);

/// <summary>There is no platform to talk to; the message says what to do.</summary>
public sealed class PlatformUnreachableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A program's connection to a running platform.</summary>
/// <example><code>
/// await using var platform = await PlatformConnection.OpenAsync("http://127.0.0.1:5080");
/// var id = await platform.Client.StartSweepAsync(SweepTemplates.FirstSweep);
/// </code></example>
public sealed class PlatformConnection : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly IHost _host;

    private PlatformConnection(IHost host) => _host = host;

    /// <summary>The typed client.</summary>
    public IMlTrClient Client => _host.Services.GetRequiredService<IMlTrClient>();

    /// <summary>Connects by the dashboard's address.</summary>
    /// <exception cref="PlatformUnreachableException">No platform answers there, or it asks for a login.</exception>
    public static Task<PlatformConnection> OpenAsync(string dashboard, CancellationToken cancellationToken = default) => OpenAsync(dashboard, token: null, cancellationToken);

    /// <summary>Connects by the dashboard's address to a platform that asks for a login.</summary>
    /// <param name="dashboard">The address, such as <c>https://mltr.example</c>.</param>
    /// <param name="token">The secret of an API token of an editor or admin; null without one.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    /// <exception cref="PlatformUnreachableException">No platform answers there, or the token is not accepted.</exception>
    public static async Task<PlatformConnection> OpenAsync(string dashboard, string? token, CancellationToken cancellationToken = default)
    {
        if (!Uri.TryCreate(dashboard, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new PlatformUnreachableException($"'{dashboard}' is no address: give the dashboard's, such as http://127.0.0.1:5080.");
        }

        try
        {
            using var http = new HttpClient { Timeout = Patience };
            http.DefaultRequestHeaders.Authorization = string.IsNullOrEmpty(token) ? null : new("Bearer", token);
            var known = await http.GetFromJsonAsync<PlatformAddress>(new Uri(address, "/api/cluster"), JsonSerializerOptions.Web, cancellationToken);
            return await OpenAsync(known!, cancellationToken);
        }
        catch (HttpRequestException refused) when (refused.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            throw new PlatformUnreachableException($"The platform at {dashboard} wants an API token of an editor or admin (in MLTR_TOKEN for verbs): make one on its page Account, or with: token add.", refused);
        }
        catch (Exception error) when (error is HttpRequestException or JsonException or NotSupportedException || (error is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new PlatformUnreachableException($"No MlTr Platform answers at {dashboard} ({error.Message.ReplaceLineEndings(" ")}): start one, or correct the address.", error);
        }
    }

    /// <summary>Connects by the gateway.</summary>
    /// <exception cref="PlatformUnreachableException">No platform answers there.</exception>
    public static async Task<PlatformConnection> OpenAsync(PlatformAddress address, CancellationToken cancellationToken = default)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleansClient(client => client
            .UseStaticClustering([.. address.Gateway.Split(',').Select(gateway => IPEndPoint.Parse(gateway))])
            .Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (address.ClusterId, address.ServiceId)));
        builder.Services.AddMlTrClient();
        var host = builder.Build();
        try
        {
            await host.StartAsync(cancellationToken).WaitAsync(Patience, cancellationToken);
            return new PlatformConnection(host);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            host.Dispose();
            throw new PlatformUnreachableException($"The platform at {address.Dashboard} does not let grain clients in at {address.Gateway} ({error.Message.ReplaceLineEndings(" ")}).", error);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
