using MlTr.Model.Data;
using MlTr.Model.Data.Loading;
using MlTr.Silo.Datasets;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Cli.Model;

/// <summary>The options that say which dataset is meant.</summary>
internal static class DatasetOptions
{
    public static readonly VerbOption Data = new("--data", "FOLDER", "the dataset's folder");

    public static readonly VerbOption Format = new("--format", "NAME", "how it is laid out", "coco, voc, nus, csv, folder, wds", "found out from the folder");

    /// <summary>The folder and its format, in the library's words.</summary>
    public static (string Folder, string Format) Find(VerbArguments arguments)
    {
        var folder = arguments.Need(Data.Name, "the dataset's folder");
        if (!Directory.Exists(folder))
        {
            throw new PlatformException($"There is no folder {folder}: name the dataset's with {Data.Name}.");
        }

        if (arguments[Format.Name] is { } typed)
        {
            var format = DatasetNames.Format(typed);
            return DatasetFolder.Formats.Contains(format) ? (folder, format) : throw new PlatformException($"There is no format '{typed}': {Format.Name} takes {Format.Range}.");
        }

        var found = DatasetFolder.Detect(folder, "train") ?? DatasetFolder.Detect(folder, "validation") ?? DatasetFolder.Detect(folder, "test");
        return (folder, found ?? throw new PlatformException($"{folder} holds no dataset in a known format: name the format with {Format.Name}."));
    }

    public static ImageSetBatchSource Open(string folder, string format, string split, BatchSourceOptions options, CancellationToken cancellationToken, DatasetReadOptions? reading = null) =>
        new(DatasetFolder.Open(folder, format, split, reading, cancellationToken), options);
}
