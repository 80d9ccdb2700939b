using System.Runtime.InteropServices;
using MlTr.Model.Training;
using static TorchSharp.torch;

namespace MlTr.Model.Native;

/// <summary>
/// Half precision inside a region of one thread, which TorchSharp has no interface for: calls libtorch's own switch by its C++ name (Itanium
/// names: Linux and macOS). Forward pass and loss belong inside, backward pass and optimizer outside.
/// </summary>
internal static partial class Autocast
{
    private const string Library = "torch_cpu";

    [ThreadStatic]
    private static bool active;

    private static readonly Lazy<string?> Missing = new(FindMissing);

    /// <summary>Why half precision is unavailable, or null if it is available.</summary>
    public static string? Unavailable => Missing.Value;

    /// <summary>
    /// Runs matrix products in the given precision until disposed; fp32 changes nothing. Throws <see cref="PlatformNotSupportedException"/> where
    /// libtorch offers no way.
    /// </summary>
    public static Region Of(Precision precision, Device device)
    {
        if (precision == Precision.Fp32)
        {
            return default;
        }

        if (Unavailable is { } why)
        {
            throw new PlatformNotSupportedException($"Half precision is unavailable: {why}. Use fp32.");
        }

        SetType((sbyte)device.type, (sbyte)(precision == Precision.Bf16 ? ScalarType.BFloat16 : ScalarType.Float16));
        SetEnabled((sbyte)device.type, true);
        _ = Enter();
        active = true;
        return new Region(device, Entered: true);
    }

    /// <summary>Full precision until disposed, if a half-precision region is active on this thread.</summary>
    public static Region Suspend(Device device)
    {
        if (!active)
        {
            return default;
        }

        SetEnabled((sbyte)device.type, false);
        return new Region(device, Entered: false);
    }

    private static string? FindMissing()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "it is implemented for Linux only";
        }

        NativeTorch.EnsureLoaded();
        var path = LoadedLibrary();
        if (path is null || !NativeLibrary.TryLoad(path, out var handle))
        {
            return "libtorch_cpu is not loaded";
        }

        string[] names = [EnabledName, TypeName, EnterName, LeaveName, ClearName];
        var absent = names.Where(name => !NativeLibrary.TryGetExport(handle, name, out _)).ToList();
        if (absent.Count > 0)
        {
            return $"libtorch_cpu does not export {string.Join(", ", absent)}";
        }

        NativeLibrary.SetDllImportResolver(typeof(Autocast).Assembly, (name, _, _) => name == Library ? handle : IntPtr.Zero);
        return null;
    }

    private static string? LoadedLibrary() => File.ReadLines("/proc/self/maps")
        .Where(line => line.EndsWith("/libtorch_cpu.so", StringComparison.Ordinal))
        .Select(line => line[line.IndexOf('/', StringComparison.Ordinal)..])
        .FirstOrDefault();

    /// <summary>Ends what began it when disposed, on the same thread.</summary>
    internal readonly record struct Region(Device? Device, bool Entered) : IDisposable
    {
        public void Dispose()
        {
            if (Device is null)
            {
                return;
            }

            if (!Entered)
            {
                SetEnabled((sbyte)Device.type, true);
                return;
            }

            active = false;
            if (Leave() == 0)
            {
                ClearCache();
            }

            SetEnabled((sbyte)Device.type, false);
        }
    }

    private const string EnabledName = "_ZN2at8autocast20set_autocast_enabledEN3c1010DeviceTypeEb";
    private const string TypeName = "_ZN2at8autocast18set_autocast_dtypeEN3c1010DeviceTypeENS1_10ScalarTypeE";
    private const string EnterName = "_ZN2at8autocast17increment_nestingEv";
    private const string LeaveName = "_ZN2at8autocast17decrement_nestingEv";
    private const string ClearName = "_ZN2at8autocast11clear_cacheEv";

    [LibraryImport(Library, EntryPoint = EnabledName)]
    private static partial void SetEnabled(sbyte device, [MarshalAs(UnmanagedType.U1)] bool on);

    [LibraryImport(Library, EntryPoint = TypeName)]
    private static partial void SetType(sbyte device, sbyte type);

    [LibraryImport(Library, EntryPoint = EnterName)]
    private static partial int Enter();

    [LibraryImport(Library, EntryPoint = LeaveName)]
    private static partial int Leave();

    [LibraryImport(Library, EntryPoint = ClearName)]
    private static partial void ClearCache();
}
