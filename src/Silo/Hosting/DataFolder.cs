using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MlTr.Silo.Hosting;

/// <summary>Where things lie in the data folder.</summary>
internal sealed record DataFolder(string Root)
{
    public string Database => Path.Combine(Root, "mltr.db");

    /// <summary>How a grain client on this machine reaches the running platform.</summary>
    public string ClusterFile => Path.Combine(Root, "cluster.json");

    /// <summary>The keys that the dashboard signs its logins with.</summary>
    public string Keys => Path.Combine(Root, "keys");

    public string Datasets => Path.Combine(Root, "datasets");

    /// <summary>The folder of the checkpoints of all trials of a sweep.</summary>
    public string Sweep(string sweepId) => Path.Combine(Root, "trials", FolderName(sweepId));

    /// <summary>The folder of one trial's checkpoints.</summary>
    public string Trial(string sweepId, int number) => Path.Combine(Sweep(sweepId), number.ToString(CultureInfo.InvariantCulture));

    /// <summary>The folder of one version of a registered model.</summary>
    public string Model(string name, int version) => Path.Combine(Root, "models", FolderName(name), version.ToString(CultureInfo.InvariantCulture));

    /// <summary>Creates the folder, and finds out now whether it can be written.</summary>
    /// <exception cref="PlatformException">It cannot.</exception>
    public void EnsureWritable()
    {
        var probe = Path.Combine(Root, $".write-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(Root);
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PlatformException(
                $"The data folder {Root} cannot be written ({error.Message.ReplaceLineEndings(" ")}): correct its permissions, or choose another with --data FOLDER.", error);
        }
    }

    /// <summary>Creates the folder of the keys, for this program's user alone: whoever reads them can be anybody.</summary>
    public DirectoryInfo CreateKeys() => OperatingSystem.IsWindows()
        ? Directory.CreateDirectory(Keys)
        : Directory.CreateDirectory(Keys, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    /// <summary>A client may give a sweep any id; one that could lead out of the folder is replaced by its hash.</summary>
    private static string FolderName(string id) =>
        id.Length is > 0 and <= 120 && id[0] != '.' && id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.')
            ? id
            : "id-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..32];
}
