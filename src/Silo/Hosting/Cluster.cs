using System.Net;
using System.Text.Json;
using MlTr.Abstractions.Client;
using MlTr.Grains.Placement;
using Orleans.Configuration;
using Orleans.Dashboard;

namespace MlTr.Silo.Hosting;

/// <summary>
/// How silos and clients find each other. On one machine by development clustering on loopback, with the control silo as its primary: ports are
/// free ones and every start is a cluster of its own, so several platforms can run side by side. In a cluster by PostgreSQL or Redis.
/// </summary>
/// <param name="ClusterId">Orleans' cluster id.</param>
/// <param name="Silo">Where this process's silo listens.</param>
/// <param name="GatewayPort">Where it lets clients in; 0 for nowhere.</param>
/// <param name="Primary">The primary of a development cluster.</param>
/// <param name="Membership">Where the processes of a cluster find each other.</param>
internal sealed record Cluster(string ClusterId, IPEndPoint Silo, int GatewayPort, IPEndPoint? Primary, Membership? Membership)
{
    public const string ServiceId = "mltr";

    /// <summary>Where a process says what grain clients need; gateways have no login, so only to those who may change things.</summary>
    public const string AddressPath = "/api/cluster";

    /// <summary>Where it says to everybody which cluster it is of, and no more.</summary>
    public const string IdPath = "/api/cluster/id";

    public bool IsShared => Membership is not null;

    /// <summary>Where silo and gateway listen if not at the address that others know; port 0 is the silo's known one.</summary>
    public IPEndPoint? Listen { get; init; }

    public static Cluster ForControl(PlatformOptions options)
    {
        var free = Loopback.FreePorts(2);
        var silo = new IPEndPoint(HostAddress.Of(options), options.SiloPort > 0 ? options.SiloPort : free[0]);
        var id = options.ClusterId.Length > 0 ? options.ClusterId : options.IsShared ? PlatformOptions.SharedClusterId : $"mltr-{Guid.NewGuid():N}"[..17];
        return new Cluster(id, silo, options.GatewayPort > 0 ? options.GatewayPort : free[1], options.IsShared ? null : silo, Membership.Of(options)) { Listen = ListenOf(options) }.Prepared();
    }

    public static Cluster ForWorker(PlatformOptions options)
    {
        var port = options is { IsSupervised: false, SiloPort: > 0 } ? options.SiloPort : Loopback.FreePorts(1)[0];
        return options.IsShared
            ? new Cluster(IdOf(options), new IPEndPoint(HostAddress.Of(options), port), GatewayPort: 0, Primary: null, Membership.Of(options)) { Listen = ListenOf(options) }.Prepared()
            : new Cluster(options.ClusterId, new IPEndPoint(IPAddress.Loopback, port), GatewayPort: 0, IPEndPoint.Parse(options.Primary), Membership: null);
    }

    /// <summary>A process that is no silo.</summary>
    public static Cluster ForClient(PlatformOptions options) =>
        new Cluster(IdOf(options), new IPEndPoint(IPAddress.Loopback, 0), GatewayPort: 0, Primary: null, Membership.Of(options)).Prepared();

    public void Configure(ISiloBuilder silo)
    {
        silo.ConfigureEndpoints(Silo.Address, Silo.Port, GatewayPort, listenOnAnyHostAddress: false);
        if (Listen is { } own)
        {
            silo.Configure<EndpointOptions>(endpoints =>
            {
                endpoints.SiloListeningEndpoint = new(own.Address, own.Port > 0 ? own.Port : Silo.Port);
                endpoints.GatewayListeningEndpoint = GatewayPort > 0 ? new(own.Address, GatewayPort) : null;
            });
        }

        silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (ClusterId, ServiceId));
        if (Membership is not null)
        {
            silo.Configure<SiloOptions>(options => options.SiloName = $"{(GatewayPort > 0 ? SiloRoles.ControlNamePrefix : "worker-")}{Environment.MachineName}-{Silo.Port}");
            Membership.Configure(silo);
            silo.Services.AddSingleton<IFatalErrorHandler, CutOff>();
#pragma warning disable ORLEANSEXP003 // the default directory takes live workers' activations down with a control silo that held their entries
            silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
        }
        else
        {
            silo.UseDevelopmentClustering(Primary!);
        }

        // Supervisors see their workers die and leases judge silence; this is the slow safety net, still faster than the defaults. Between
        // machines two silos must agree, so that one that is short of time does not end another.
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            membership.ProbeTimeout = TimeSpan.FromSeconds(IsShared ? 2 : 1);
            membership.NumMissedProbesLimit = 3;
            membership.NumVotesForDeathDeclaration = IsShared ? 2 : 1;
            membership.TableRefreshTimeout = TimeSpan.FromSeconds(IsShared ? 10 : 60); // one that was taken for dead hears of it here
        });
        silo.AddDashboard(Quiet); // on every silo, since its grains may be placed on any
        silo.AddActivityPropagation();
    }

    public void Configure(IClientBuilder client)
    {
        client.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (ClusterId, ServiceId));
        Membership!.Configure(client);
        client.UseConnectionRetryFilter(async (_, cancellationToken) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken); // no control silo yet: it may be on its way
            return true;
        });
        client.AddActivityPropagation();
        client.AddDashboard(Quiet);
    }

    /// <summary>What a grain client needs to know: in a cluster, of every gateway.</summary>
    public async Task<PlatformAddress> AddressAsync(IGrainFactory grains, string dashboard)
    {
        var gateways = IsShared
            ? (await grains.GetGrain<IManagementGrain>(0).GetDetailedHosts(onlyActive: true)).Where(host => host.ProxyPort > 0).Select(host => $"{host.SiloAddress.Endpoint.Address}:{host.ProxyPort}")
            : [$"{Silo.Address}:{GatewayPort}"];
        return new(ClusterId, ServiceId, string.Join(',', gateways.Order(StringComparer.Ordinal)), dashboard, Environment.ProcessId);
    }

    /// <summary>Leaves a note for grain clients that see the data folder.</summary>
    public async Task PublishAsync(IGrainFactory grains, string path, string dashboard)
    {
        var unfinished = $"{path}.{Guid.NewGuid():N}.new"; // several processes of a cluster may share the folder
        await File.WriteAllTextAsync(unfinished, JsonSerializer.Serialize(await AddressAsync(grains, dashboard), JsonSerializerOptions.Web));
        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>Without its stream of log lines, which would hold up a stop for as long as somebody looks at it.</summary>
    private static void Quiet(DashboardOptions dashboard) => dashboard.HideTrace = true;

    // A supervised worker has its setting from the control process, whose port it cannot share.
    private static IPEndPoint? ListenOf(PlatformOptions options) => options.Listen.Length == 0 ? null
        : IPEndPoint.Parse(options.Listen) is var own && options.IsSupervised ? new IPEndPoint(own.Address, 0) : own;

    private static string IdOf(PlatformOptions options) => options.ClusterId.Length > 0 ? options.ClusterId : PlatformOptions.SharedClusterId;

    private Cluster Prepared()
    {
        Membership?.EnsureReady();
        return this;
    }
}
