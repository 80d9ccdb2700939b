using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MlTr.Abstractions.Datasets;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Datasets;

/// <summary>Where the workers of a machine keep decoded pictures for one another, and how much of them.</summary>
/// <param name="Root">The folder.</param>
/// <param name="LimitBytes">What all of it may take.</param>
/// <param name="Machine">Whose disk it is on.</param>
internal sealed record DecodedFolder(string Root, long LimitBytes, string Machine)
{
    private const double Gigabyte = 1e9;

    // What is deleted to make room lies below a name of our own, whatever else the folder that was configured holds.
    private const string OwnName = "mltr-decoded";

    // Left free on the disk for checkpoints and everybody else.
    private const long SpareBytes = 1_000_000_000;

    /// <summary>Equal for processes that share the folder, by machine and path.</summary>
    public string Place => $"{Machine}~{Hash(Root)}";

    public static DecodedFolder Of(PlatformOptions options) => new(
        options.DecodedFolder.Length > 0 ? Path.Combine(Path.GetFullPath(options.DecodedFolder), OwnName) : Path.Combine(options.DataFolder, "decoded", options.MachineName),
        (long)(options.DecodedGigabytes * Gigabyte),
        options.MachineName);

    /// <summary>The folder of a split at one size. A dataset that is registered anew from elsewhere has another.</summary>
    public string Of(DatasetSnapshot dataset, string split, int imageSize) => Path.Combine(SizeFolder(dataset, imageSize), split);

    /// <summary>Sees to it that so many bytes fit for a dataset at one size, if need be by deleting others that were not used for longest.</summary>
    /// <returns>Why they cannot be kept, or null.</returns>
    public string? MakeRoom(DatasetSnapshot dataset, int imageSize, long bytes)
    {
        if (bytes > LimitBytes)
        {
            return string.Create(CultureInfo.InvariantCulture, $"they would take {bytes / Gigabyte:0.#} GB and Platform:DecodedGigabytes allows {LimitBytes / Gigabyte:0.#}");
        }

        var own = SizeFolder(dataset, imageSize);
        Directory.CreateDirectory(own);
        var missing = bytes - BytesOf(own);
        var others = new Queue<string>(Directory.GetDirectories(Root).SelectMany(Directory.GetDirectories).Where(folder => folder != own).OrderBy(LastUse));
        while (others.Sum(BytesOf) + bytes > LimitBytes || FreeBytes() < missing + SpareBytes)
        {
            if (!others.TryDequeue(out var oldest))
            {
                return string.Create(CultureInfo.InvariantCulture, $"{missing / Gigabyte:0.#} GB more are needed and the disk of {Root} has {FreeBytes() / Gigabyte:0.#} GB free");
            }

            Directory.Delete(oldest, recursive: true); // who reads them keeps the open files
        }

        return null;
    }

    private string SizeFolder(DatasetSnapshot dataset, int imageSize) =>
        Path.Combine(Root, $"{dataset.Id}-{Hash($"{dataset.Format}\n{dataset.Folder}")}", imageSize.ToString(CultureInfo.InvariantCulture));

    private long FreeBytes() => new DriveInfo(Root).AvailableFreeSpace;

    private static long BytesOf(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    private static DateTime LastUse(string folder) => new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
        .Select(one => one.LastWriteTimeUtc).Append(Directory.GetLastWriteTimeUtc(folder)).Max();

    /// <summary>Tells folders of the same id apart by where their pictures come from.</summary>
    internal static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8];
}
