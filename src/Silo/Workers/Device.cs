using System.ComponentModel;
using System.Diagnostics;
using System.Reflection;

namespace MlTr.Silo.Workers;

/// <summary>What one worker process trains on.</summary>
/// <param name="WorkerId">The worker's id, stable over restarts.</param>
/// <param name="Name"><c>cpu</c> or <c>cuda:N</c>.</param>
/// <param name="Threads">CPU threads.</param>
internal sealed record Device(string WorkerId, string Name, int Threads)
{
    /// <summary>One worker per CUDA device where this build has CUDA and the machine has any; else <paramref name="cpuWorkers"/> on the CPU, which share its cores.</summary>
    public static IReadOnlyList<Device> Find(int cpuWorkers, int threads, int cores, int cudaDevices) => cudaDevices > 0
        ? [.. Enumerable.Range(0, cudaDevices).Select(index => new Device($"cuda-{index}", $"cuda:{index}", Share(threads, cores, cudaDevices)))]
        : [.. Enumerable.Range(0, cpuWorkers).Select(index => new Device($"cpu-{index}", "cpu", Share(threads, cores, cpuWorkers)))];

    /// <summary>CUDA devices as the driver lists them: libtorch itself belongs in the workers, not in the control process.</summary>
    public static int CountCuda()
    {
        var build = typeof(Device).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(data => data.Key == "TorchBackend")?.Value;
        return build == "cuda" ? CountListed() : 0;
    }

    private static int Share(int threads, int cores, int workers) => threads > 0 ? threads : Math.Max(1, cores / workers);

    private static int CountListed()
    {
        if (Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES") is { } visible)
        {
            return visible.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).TakeWhile(device => device != "-1").Count();
        }

        try
        {
            using var list = Process.Start(new ProcessStartInfo("nvidia-smi", "-L") { RedirectStandardOutput = true, RedirectStandardError = true })!;
            return list.StandardOutput.ReadToEnd().Split('\n').Count(line => line.StartsWith("GPU ", StringComparison.Ordinal));
        }
        catch (Win32Exception)
        {
            return 0; // no driver
        }
    }
}
