using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MlTr.Abstractions.Client;
using Orleans.Configuration;

namespace MlTr.Bench.Pages;

/// <summary>A grain client of the platform under test that also knows the grains that only workers call.</summary>
internal sealed class GrainClient : IAsyncDisposable
{
    private readonly IHost _host;

    private GrainClient(IHost host) => _host = host;

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public IMlTrClient Client => _host.Services.GetRequiredService<IMlTrClient>();

    public static async Task<GrainClient> OpenAsync(HttpClient http)
    {
        var address = (await http.GetFromJsonAsync<PlatformAddress>("/api/cluster"))!;
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleansClient(client => client
            .UseStaticClustering(IPEndPoint.Parse(address.Gateway))
            .Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (address.ClusterId, address.ServiceId)));
        builder.Services.AddMlTrClient();
        var host = builder.Build();
        await host.StartAsync();
        return new GrainClient(host);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
