using System.Globalization;
using MlTr.Grains.Storage;
using MlTr.Silo.Cli.Model;
using MlTr.Silo.Hosting;
using Spectre.Console;

namespace MlTr.Silo.Cli.Platform;

/// <summary>Copies the database, also while a platform writes to it.</summary>
internal static class BackupVerb
{
    public static readonly Verb Verb = new(
        "backup",
        "FILE",
        "copy the database to a file, also while the platform runs",
        [("Source", [PlatformAccess.Data])],
        Positional: "FILE");

    public static async Task<int> RunAsync(VerbArguments arguments, IAnsiConsole console, CancellationToken stop)
    {
        var target = Path.GetFullPath(arguments.Words is [var only] ? only : throw new PlatformException("backup takes one file, as in: backup mltr-backup.db; see backup --help."));
        var data = PlatformAccess.FolderOf(arguments);
        if (!File.Exists(data.Database))
        {
            throw PlatformAccess.Nothing(data);
        }

        if (File.Exists(target))
        {
            throw new PlatformException($"{target} exists already: choose another name, or delete it first.");
        }

        if (Directory.Exists(target) || !Directory.Exists(Path.GetDirectoryName(target)))
        {
            throw new PlatformException(Directory.Exists(target)
                ? $"{target} is a folder: add the name of a file, as in {Path.Combine(target, "mltr-backup.db")}."
                : $"There is no folder {Path.GetDirectoryName(target)}: correct the name, or create the folder first."); // a mistyped place would be found out when the copy is needed
        }

        try
        {
            var bytes = await StoreBackup.CopyAsync(data.Database, target, stop);
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{target}: {bytes / 1024.0 / 1024.0:0.0} MiB, checked. To restore, stop the platform and put it in place of {data.Database} (delete {Path.GetFileName(data.Database)}-wal and -shm).");
            return 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or StoreUnavailableException)
        {
            throw new PlatformException($"{target} cannot be written: {error.Message}", error);
        }
    }
}
