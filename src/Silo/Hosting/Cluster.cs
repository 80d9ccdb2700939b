using System.Net;
using System.Text.Json;
using MlTr.Abstractions.Client;
using Orleans.Configuration;

namespace MlTr.Silo.Hosting;

/// <summary>
/// How silos and clients of one machine find each other: development clustering on loopback, with the control silo as its primary.
/// Ports are free ones and every start is a cluster of its own, so several platforms can run side by side.
/// </summary>
internal sealed record Cluster(string ClusterId, IPEndPoint Silo, int GatewayPort, IPEndPoint Primary)
{
    public const string ServiceId = "mltr";

    public static Cluster ForControl(PlatformOptions options)
    {
        var free = Loopback.FreePorts(2);
        var silo = new IPEndPoint(IPAddress.Loopback, options.SiloPort > 0 ? options.SiloPort : free[0]);
        var id = options.ClusterId.Length > 0 ? options.ClusterId : $"mltr-{Guid.NewGuid():N}"[..17];
        return new Cluster(id, silo, options.GatewayPort > 0 ? options.GatewayPort : free[1], silo);
    }

    public static Cluster ForWorker(PlatformOptions options) =>
        new(options.ClusterId, new IPEndPoint(IPAddress.Loopback, Loopback.FreePorts(1)[0]), GatewayPort: 0, IPEndPoint.Parse(options.Primary));

    public void Configure(ISiloBuilder silo)
    {
        silo.UseDevelopmentClustering(Primary);
        silo.ConfigureEndpoints(Silo.Address, Silo.Port, GatewayPort, listenOnAnyHostAddress: false);
        silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (ClusterId, ServiceId));

        // Supervisors see their workers die and leases judge silence; this is the slow safety net, still faster than the defaults.
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            membership.ProbeTimeout = TimeSpan.FromSeconds(1);
            membership.NumMissedProbesLimit = 3;
            membership.NumVotesForDeathDeclaration = 1;
        });
        silo.AddActivityPropagation();
    }

    /// <summary>What a grain client on this machine needs to know.</summary>
    public PlatformAddress Address(string dashboard) => new(ClusterId, ServiceId, $"{Silo.Address}:{GatewayPort}", dashboard, Environment.ProcessId);

    /// <summary>Leaves a note for grain clients on this machine.</summary>
    public void Publish(string path, string dashboard)
    {
        File.WriteAllText(path + ".new", JsonSerializer.Serialize(Address(dashboard), JsonSerializerOptions.Web));
        File.Move(path + ".new", path, overwrite: true);
    }
}
