using System.Runtime.InteropServices;
using System.Text;

namespace MlTr.Model.Native;

/// <summary>
/// How busy and how full a CUDA device is, as NVIDIA's management library (NVML, part of the driver) says it: for the whole device, whoever uses it.
/// Devices are counted along the bus, or named by <c>CUDA_VISIBLE_DEVICES</c>; where CUDA may count several otherwise, none is read.
/// </summary>
public sealed unsafe class GpuMeter
{
    /// <summary>The environment's variable that says how CUDA counts devices.</summary>
    public const string OrderVariable = "CUDA_DEVICE_ORDER";

    /// <summary>Its value by which CUDA counts as the driver does.</summary>
    public const string BusOrder = "PCI_BUS_ID";

    private const int MaxName = 96;

    private readonly nint _device;
    private readonly delegate* unmanaged<nint, Rates*, int> _rates;
    private readonly delegate* unmanaged<nint, Memory*, int> _memory;

    private GpuMeter(nint library, nint device)
    {
        _device = device;
        _rates = (delegate* unmanaged<nint, Rates*, int>)NativeLibrary.GetExport(library, "nvmlDeviceGetUtilizationRates");
        _memory = (delegate* unmanaged<nint, Memory*, int>)NativeLibrary.GetExport(library, "nvmlDeviceGetMemoryInfo");
        var name = stackalloc byte[MaxName];
        var named = ((delegate* unmanaged<nint, byte*, uint, int>)NativeLibrary.GetExport(library, "nvmlDeviceGetName"))(device, name, MaxName) == 0;
        Name = named ? Marshal.PtrToStringUTF8((nint)name) : null;
    }

    /// <summary>The model, such as <c>NVIDIA H100 80GB HBM3</c>; null if the driver does not tell.</summary>
    public string? Name { get; }

    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <returns>Null for the CPU, and where the driver or the device is not to be found.</returns>
    public static GpuMeter? TryOpen(string device)
    {
        if (device == "cpu" || !NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvml.dll" : "libnvidia-ml.so.1", out var library))
        {
            return null;
        }

        try
        {
            var init = (delegate* unmanaged<int>)NativeLibrary.GetExport(library, "nvmlInit_v2");
            var index = device.StartsWith("cuda:", StringComparison.Ordinal) ? int.Parse(device.AsSpan(5), System.Globalization.CultureInfo.InvariantCulture) : 0;
            return init() == 0 && Find(library, index) is { } found ? new GpuMeter(library, found) : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null; // a driver from before 2014
        }
    }

    /// <returns>The share of the last moment in which the device computed, 0..1, and bytes of its memory in use; null where the driver does not tell, as for a part of a GPU.</returns>
    public (double? Share, long? MemoryBytes) Read()
    {
        Rates rates;
        Memory memory;
        return (_rates(_device, &rates) == 0 ? rates.Gpu / 100.0 : null, _memory(_device, &memory) == 0 ? (long)memory.Used : null);
    }

    private static nint? Find(nint library, int index)
    {
        var visible = Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var wanted = visible is null ? null : index < visible.Length ? visible[index] : "";
        nint device;
        if (wanted is null || uint.TryParse(wanted, out _))
        {
            uint count;
            var counted = ((delegate* unmanaged<uint*, int>)NativeLibrary.GetExport(library, "nvmlDeviceGetCount_v2"))(&count) == 0;
            if (!counted || (count > 1 && Environment.GetEnvironmentVariable(OrderVariable) != BusOrder))
            {
                return null;
            }

            var byIndex = (delegate* unmanaged<uint, nint*, int>)NativeLibrary.GetExport(library, "nvmlDeviceGetHandleByIndex_v2");
            return byIndex(wanted is null ? (uint)index : uint.Parse(wanted, System.Globalization.CultureInfo.InvariantCulture), &device) == 0 ? device : null;
        }

        var byId = (delegate* unmanaged<byte*, nint*, int>)NativeLibrary.GetExport(library, "nvmlDeviceGetHandleByUUID");
        fixed (byte* id = Encoding.UTF8.GetBytes(wanted + '\0'))
        {
            return byId(id, &device) == 0 ? device : null;
        }
    }

    /// <summary><c>nvmlUtilization_t</c>: percent.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Rates
    {
        public uint Gpu;
        public uint MemoryBus;
    }

    /// <summary><c>nvmlMemory_t</c>: bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Memory
    {
        public ulong Total;
        public ulong Free;
        public ulong Used;
    }
}
