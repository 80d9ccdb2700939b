using MlTr.Model.Data.Readers;

namespace MlTr.Model.Data;

/// <summary>Which splits a data set has, and which of them serve to train and to evaluate.</summary>
public static class DatasetSplits
{
    private static readonly string[] Training = ["train", "training", "trainval"];
    private static readonly string[] Evaluation = ["validation", "val", "valid", "dev", "test"];

    /// <summary>Those of the usual names that the data set has, as its format calls them.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="format">One of <see cref="DatasetFolder.Formats"/>.</param>
    public static IReadOnlyList<string> Of(string path, string format) => [.. Training.Concat(Evaluation).Where(split => Has(path, format, split))];

    /// <summary>
    /// The data set's own name of a split: the wanted one where there is one, else the first of those that mean the same (train, training,
    /// trainval; validation, val, valid, dev, test); null where there is none.
    /// </summary>
    public static string? Find(string path, string format, string wanted)
    {
        string[] group = [wanted, .. Training.Contains(wanted) ? Training : Evaluation.Contains(wanted) && wanted != "test" ? Evaluation : []];
        return Array.Find(group, split => Has(path, format, split));
    }

    /// <summary>
    /// The splits to train and to evaluate on where nobody chose: Pascal VOC's trainval and test, as the published results; elsewhere train and
    /// validation under whatever name. A <see cref="DatasetFormatException"/> lists what there is where one of the two is missing.
    /// </summary>
    public static (string Train, string Evaluation) Choose(string path, string format)
    {
        if (format == "voc" && Has(path, format, "trainval") && Has(path, format, "test"))
        {
            return ("trainval", "test");
        }

        return (Need("train"), Need("validation"));

        string Need(string wanted) => Find(path, format, wanted) ?? throw new DatasetFormatException(
            path, $"has no split \"{wanted}\" or of like meaning; it has {(Of(path, format) is { Count: > 0 } some ? string.Join(", ", some) : "none of the usual names")}");
    }

    private static bool Has(string path, string format, string split) => format switch
    {
        "coco" => CocoLayout.TryFind(path, split) is not null,
        "voc" => VocReader.TryFindRoot(path) is { } root && File.Exists(Path.Combine(root, "ImageSets", "Main", split + ".txt")),
        "nuswide" => split is "train" or "test" && Directory.Exists(Path.Combine(path, "ImageList")),
        "webdataset" => WebDatasetReader.Tars(path, split).Count > 0,
        "list" => ListReader.TryFind(path, split) is not null,
        _ => Directory.Exists(Path.Combine(path, split)),
    };
}
