using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using TorchSharp;

namespace MlTr.Model.Native;

/// <summary>libtorch cannot be loaded; the message is one line that names what is missing.</summary>
public sealed class NativeTorchException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Loads libtorch, or says in one line why that is impossible.</summary>
public static partial class NativeTorch
{
    private static readonly Lazy<NativeTorchException?> Failure = new(Load);

    /// <summary>Loads libtorch once for the process; throws <see cref="NativeTorchException"/>, every time, if it cannot be loaded.</summary>
    public static void EnsureLoaded()
    {
        if (Failure.Value is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>The one thing missing, in plain words, from what the system's loader said.</summary>
    internal static string Explain(string loaderMessage)
    {
        if (VersionMissing().Match(loaderMessage) is { Success: true } version)
        {
            return $"libtorch cannot be loaded: this system's {version.Groups["library"].Value} lacks version {version.Groups["version"].Value}.";
        }

        if (FileMissing().Match(loaderMessage) is { Success: true } file)
        {
            return $"libtorch cannot be loaded: the library {file.Groups["library"].Value} is missing.";
        }

        var lines = loaderMessage.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return $"libtorch cannot be loaded: {(lines.Length == 0 ? "the system's loader gives no reason" : lines[0])}";
    }

    /// <summary>Where the build put the native part of TorchSharp; null if nowhere.</summary>
    internal static string? FindBridge(string folder)
    {
        string[] names = ["libLibTorchSharp.so", "libLibTorchSharp.dylib", "LibTorchSharp.dll"];
        string[] folders = [folder, Path.Combine(folder, "runtimes", RuntimeInformation.RuntimeIdentifier, "native"), Portable(folder)];
        return folders.SelectMany(f => names.Select(n => Path.Combine(f, n))).FirstOrDefault(File.Exists);
    }

    private static string Portable(string folder)
    {
        var system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        var processor = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        return Path.Combine(folder, "runtimes", $"{system}-{processor}", "native");
    }

    private static NativeTorchException? Load()
    {
        // Loaded here first, because TorchSharp's own attempt hides the loader's reason behind a search of its own.
        var bridge = FindBridge(AppContext.BaseDirectory);
        if (bridge is null)
        {
            return new NativeTorchException("libtorch cannot be loaded: LibTorchSharp is not in the application's folder; build for this platform.");
        }

        var copied = Path.Combine(AppContext.BaseDirectory, "cpu");
        var copiedBefore = Directory.Exists(copied);
        try
        {
            _ = NativeLibrary.Load(bridge);
            using var probe = torch.zeros(1);
            return null;
        }
        catch (DllNotFoundException e)
        {
            return new NativeTorchException(Explain(e.Message), e);
        }
        catch (Exception e) when (e is TypeInitializationException or NotSupportedException or BadImageFormatException or EntryPointNotFoundException)
        {
            RemoveCopy(copied, copiedBefore);
            return new NativeTorchException(Explain((e.InnerException ?? e).Message), e);
        }
    }

    // A failed load leaves a useless copy of libtorch, half a gigabyte, behind.
    private static void RemoveCopy(string copied, bool copiedBefore)
    {
        if (copiedBefore || !Directory.Exists(copied))
        {
            return;
        }

        try
        {
            Directory.Delete(copied, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // In the way of nobody but the disk.
        }
    }

    [GeneratedRegex(@"(?<library>[\w.+-]+): version [`'](?<version>\S+)' not found")]
    private static partial Regex VersionMissing();

    [GeneratedRegex(@"(?<library>[\w.+-]+): cannot open shared object file")]
    private static partial Regex FileMissing();
}
