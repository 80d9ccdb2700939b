using System.Diagnostics;
using System.Globalization;
using MlTr.Model.Native;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Workers;

/// <summary>Starts this same program as a worker.</summary>
internal sealed class WorkerLauncher(DataFolder data, Cluster cluster, IConfiguration configuration)
{
    /// <summary>The exit code of a worker that can never work here: its last line says why, and starting it again would not help.</summary>
    public const int CannotWork = 3;

    // Read by libgomp and glibc before any managed code runs, hence here and not in the worker. On busy cores, spinning made threads many
    // times slower; huge pages and a heap that keeps its memory gave a training step up to a third.
    private static readonly (string Name, string Value)[] NativeSettings =
    [
        ("OMP_WAIT_POLICY", "PASSIVE"),
        (GpuMeter.OrderVariable, GpuMeter.BusOrder), // so that cuda:N is the device that the driver counts as N
        ("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=8589934592:glibc.malloc.trim_threshold=34359738368:glibc.malloc.top_pad=268435456"),
    ];

    public WorkerProcess Start(Device device, WorkerLogFeed log) =>
        new(Process.Start(Describe(device))!, log, configuration[Settings.LogsToErrors] == nameof(LogLevel.Trace) ? Console.Error : Console.Out);

    internal ProcessStartInfo Describe(Device device)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(WorkerLauncher).Assembly.Location);
        }

        (string Option, string Value)[] arguments =
        [
            ("--roles", "worker"),
            ("--worker-id", device.WorkerId),
            ("--device", device.Name),
            ("--threads", device.Threads.ToString(CultureInfo.InvariantCulture)),
            .. (cluster.Primary is { } primary ? [("--primary", primary.ToString())] : ((string, string)[])[]),
            ("--cluster", cluster.ClusterId),
            ("--labels", configuration[$"{PlatformOptions.Section}:{nameof(PlatformOptions.Labels)}"] ?? ""),
            ("--data", data.Root),
            ("--address", cluster.IsShared ? cluster.Silo.Address.ToString() : ""),
            ("--log", configuration["Logging:LogLevel:Default"] ?? "Information"),
        ];
        foreach (var (option, value) in arguments)
        {
            start.ArgumentList.Add(option);
            start.ArgumentList.Add(value);
        }

        start.Environment[Setting(nameof(PlatformOptions.IsSupervised))] = "true";
        foreach (var name in (string[])[nameof(PlatformOptions.Store), nameof(PlatformOptions.Membership), nameof(PlatformOptions.Artifacts)])
        {
            start.Environment[Setting(name)] = configuration[$"{PlatformOptions.Section}:{name}"] ?? ""; // not an argument: everybody on the machine sees those
        }

        foreach (var name in (string[])[nameof(PlatformOptions.DecodedFolder), nameof(PlatformOptions.DecodedGigabytes), nameof(PlatformOptions.Machine)])
        {
            if (configuration[$"{PlatformOptions.Section}:{name}"] is { } value)
            {
                start.Environment[Setting(name)] = value;
            }
        }

        foreach (var (name, value) in NativeSettings)
        {
            start.Environment.TryAdd(name, value);
        }

        return start;
    }

    private static string Setting(string name) => $"{Settings.EnvironmentPrefix}{PlatformOptions.Section}__{name}";
}
