using System.Net;
using MlTr.Abstractions.Accounts;
using MlTr.Abstractions.Workers;
using MlTr.Grains.Storage;
using MlTr.Silo.Artifacts;
using MlTr.Silo.Notifications;

namespace MlTr.Silo.Hosting;

/// <summary>What this process is and where its things lie. Section <see cref="Section"/>; the command line overrides environment and files.</summary>
internal sealed class PlatformOptions
{
    public const string Section = "Platform";

    /// <summary>The cluster id where a store is shared and none is given.</summary>
    public const string SharedClusterId = "mltr";

    /// <summary>The folder of everything that is kept: database, datasets, checkpoints.</summary>
    public string Data { get; set; } = "data";

    /// <summary>The dashboard's port on loopback; 0 takes a free one.</summary>
    public int Port { get; set; } = 5080;

    /// <summary>Addresses of the dashboard, instead of <see cref="Port"/> on loopback; parted by semicolons.</summary>
    public string? Urls { get; set; }

    /// <summary>Any of control, dashboard and worker. With control, worker means supervised child processes; alone, it makes this process one.</summary>
    public string Roles { get; set; } = "control,dashboard,worker";

    /// <summary>CPU worker processes, where no CUDA device is used.</summary>
    public int Workers { get; set; } = 1;

    /// <summary>CPU threads of each worker; 0 shares all cores among the workers. Another number gives other last bits.</summary>
    public int Threads { get; set; }

    /// <summary>
    /// The connection string of a PostgreSQL database. It makes this process one of a cluster, whose processes find each other and keep everything
    /// but files there; the data folder must then be one that all hosts share, under the same path.
    /// </summary>
    public string Store { get; set; } = "";

    /// <summary>
    /// The address of a Redis server in which the cluster's processes find each other instead of in the store, such as <c>redis:6379,password=...</c>.
    /// With it only control processes need the store.
    /// </summary>
    public string Membership { get; set; } = "";

    /// <summary>
    /// Where copies of the checkpoints go if the machines of a cluster do not share the data folder: a folder that they share, or a bucket such as
    /// <c>s3://bucket/prefix?endpoint=http://host:9000</c>. Nowhere if empty.
    /// </summary>
    public string Artifacts { get; set; } = "";

    /// <summary>Where the workers of this machine keep decoded pictures, on a disk of its own if that is faster; a folder of the machine's name under the data folder if empty.</summary>
    public string DecodedFolder { get; set; } = "";

    /// <summary>
    /// What the machine is called whose workers share decoded pictures: equal for containers of one host that share <see cref="DecodedFolder"/> or the data folder.
    /// The host's own name if empty.
    /// </summary>
    public string Machine { get; set; } = "";

    /// <summary>How many gigabytes (10^9 bytes) decoded pictures may take; what was not used for longest is deleted for others. 0 keeps none: each trial decodes its own.</summary>
    public double DecodedGigabytes { get; set; } = 50;

    /// <summary>In a cluster, what other hosts reach this one at: an address, a name, or <c>auto</c> for the address of this machine's own name. Loopback if empty.</summary>
    public string Address { get; set; } = "";

    /// <summary>
    /// In a cluster, the address of this host's own that silo and gateway listen on, where the others' way to it is a forwarded one: an address such as
    /// <c>0.0.0.0</c>, and with a port the silo's own behind <see cref="SiloPort"/>. The same as <see cref="Address"/> if empty.
    /// </summary>
    public string Listen { get; set; } = "";

    /// <summary>Orleans' own port; 0 takes a free one.</summary>
    public int SiloPort { get; set; }

    /// <summary>The port that grain clients connect to; 0 takes a free one.</summary>
    public int GatewayPort { get; set; }

    /// <summary>A worker process: its id, stable over restarts.</summary>
    public string WorkerId { get; set; } = "";

    /// <summary>A worker process: its device, <c>cpu</c> or <c>cuda:N</c>.</summary>
    public string Device { get; set; } = "cpu";

    /// <summary>A worker process: the control silo's address.</summary>
    public string Primary { get; set; } = "";

    /// <summary>A worker process: the cluster to join. A control process makes a name of its own if this is empty.</summary>
    public string ClusterId { get; set; } = "";

    /// <summary>Labels of the workers of this machine besides <c>device</c> and <c>machine</c>, such as <c>gpu=h100, site=north</c>.</summary>
    public string Labels { get; set; } = "";

    /// <summary>The name of an admin that is added at the start if there is no user at all, with the password of <see cref="FirstAdminPasswordFile"/>.</summary>
    public string FirstAdmin { get; set; } = "";

    /// <summary>A file whose first line is the password of <see cref="FirstAdmin"/>, such as a container's secret.</summary>
    public string FirstAdminPasswordFile { get; set; } = "";

    /// <summary>
    /// The reverse proxies in front of the dashboard, as addresses or networks (<c>10.0.0.7, 172.16.0.0/12</c>): what they say in X-Forwarded-For, -Proto and -Host
    /// is believed. As others reach the dashboard through them, it needs a login then.
    /// </summary>
    public string TrustedProxies { get; set; } = "";

    /// <summary>Who is told when a sweep ends.</summary>
    public WebhookOptions Webhook { get; set; } = new();

    /// <summary>A worker process that a control process started and looks after.</summary>
    public bool IsSupervised { get; set; }

    /// <summary>Whether the process is one of a cluster.</summary>
    public bool IsShared => Store.Length > 0 || Membership.Length > 0;

    /// <summary>The worker's id, in a cluster one of its own by machine and device if none is given.</summary>
    public string WorkerName => WorkerId.Length > 0 || !IsShared ? WorkerId : $"{Environment.MachineName}-{Device.Replace(':', '-')}".ToLowerInvariant();

    public string MachineName => Machine.Length > 0 ? Machine : Environment.MachineName;

    public bool IsControl => Has("control");

    public bool IsDashboard => Has("dashboard");

    public bool IsWorker => Has("worker");

    public string DataFolder => Path.GetFullPath(Data);

    public string Addresses => string.IsNullOrWhiteSpace(Urls) ? $"http://127.0.0.1:{Port}" : Urls;

    /// <summary>What is wrong, in one line, or null.</summary>
    public string? Check()
    {
        var unknown = RoleNames().Except(["control", "dashboard", "worker"], StringComparer.OrdinalIgnoreCase).FirstOrDefault();
        return this switch
        {
            _ when unknown is not null => $"There is no role '{unknown}': use control, dashboard and worker, parted by commas.",
            { Store.Length: > 0 } when PostgresConnections.Check(Store) is { } wrong => wrong,
            { Membership.Length: > 0 } when RedisMembership.Check(Membership) is { } wrong => wrong,
            { Membership.Length: > 0, IsControl: true, Store: "" } =>
                "Platform:Membership makes a cluster, and its control processes need one database: set Platform:Store to one in PostgreSQL. SQLite cannot be shared.",
            { IsControl: false, IsDashboard: true, IsWorker: true } => "A worker is a process of its own: use --roles dashboard and --roles worker, or all three with control.",
            { IsControl: false, IsDashboard: true, IsShared: false } =>
                "The dashboard runs in the control process: use --roles control,dashboard. Only in a cluster (Platform:Store) can it be alone.",
            { IsControl: false, IsDashboard: false, IsWorker: false } => "Give this process a role: control, dashboard, worker.",
            _ when string.IsNullOrWhiteSpace(Data) => "Platform:Data is empty: name a folder, such as --data data.",
            { Port: < 0 or > 65535 } or { SiloPort: < 0 or > 65535 } or { GatewayPort: < 0 or > 65535 } => "A port lies between 0 and 65535.",
            _ when LabelProblem() is { } problem => $"--labels: {problem}",
            _ when Webhook.Check() is { } problem => problem,
            { FirstAdmin.Length: > 0 } when AccountRules.NameProblem(FirstAdmin) is { } problem => $"Platform:FirstAdmin: {problem}",
            { FirstAdmin.Length: > 0 } when string.IsNullOrWhiteSpace(FirstAdminPasswordFile) => "Platform:FirstAdmin needs a password: name a file that has it in its first line with Platform:FirstAdminPasswordFile.",
            { TrustedProxies.Length: > 0 } when Proxies.Check(TrustedProxies) is { } problem => problem,
            { Workers: < 0 or > 64 } => $"--workers is {Workers}: use 0 to 64.",
            { Machine: var name } when name.Length > 64 || name.Any(letter => !(char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_')) || name.StartsWith('.') =>
                $"Platform:Machine is '{name}': use up to 64 letters, digits, dots, dashes and underscores, such as the host's name.",
            { DecodedGigabytes: not (>= 0 and <= 1e6) } => "Platform:DecodedGigabytes is a number of gigabytes from 0 to 1000000; 0 keeps no decoded pictures.",
            { Threads: < 0 or > 1024 } => $"--threads is {Threads}: use 0 for all cores, or a number up to 1024.",
            { IsShared: false, Address.Length: > 0 } => "Platform:Address is for a cluster: set Platform:Store too, or neither.",
            { Artifacts.Length: > 0 } when Artifacts.Contains("://", StringComparison.Ordinal) && S3Address.Check(Artifacts) is { } wrong => $"Platform:Artifacts: {wrong}",
            { IsShared: false, Listen.Length: > 0 } => "Platform:Listen is for a cluster: set Platform:Store too, or neither.",
            { Listen.Length: > 0 } when !IPEndPoint.TryParse(Listen, out _) => $"Platform:Listen is '{Listen}': give an address of this host, such as 0.0.0.0 or 0.0.0.0:11111.",
            { Listen.Length: > 0, SiloPort: 0 } when IPEndPoint.Parse(Listen).Port > 0 => "Platform:Listen names a port: say with Platform:SiloPort which port leads to it.",
            { IsControl: false, IsWorker: true } when Device != "cpu" && !(Device.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(Device.AsSpan(5), out _)) =>
                $"There is no device '{Device}': use cpu, or cuda:0 and so on.",
            { IsControl: false, IsDashboard: false, IsShared: false } when WorkerId.Length == 0 || ClusterId.Length == 0 || !IPEndPoint.TryParse(Primary, out _) =>
                "A worker process of its own needs --worker-id, --device, --primary ADDRESS:PORT and --cluster; the control process gives them to the workers that it starts. In a cluster it needs Platform:Store.",
            _ => null,
        };
    }

    private string? LabelProblem()
    {
        try
        {
            WorkerLabels.Parse(Labels);
            return null;
        }
        catch (FormatException error)
        {
            return error.Message;
        }
    }

    private bool Has(string role) => RoleNames().Contains(role, StringComparer.OrdinalIgnoreCase);

    private string[] RoleNames() => Roles.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
