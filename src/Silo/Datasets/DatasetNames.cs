namespace MlTr.Silo.Datasets;

/// <summary>What people call the dataset formats, besides the library's own names.</summary>
internal static class DatasetNames
{
    private static readonly Dictionary<string, string> Formats = new(StringComparer.Ordinal)
    {
        ["nus"] = "nuswide",
        ["csv"] = "list",
        ["jsonl"] = "list",
        ["folder"] = "imagefolder",
        ["wds"] = "webdataset",
    };

    /// <summary>The library's name of a format.</summary>
    public static string Format(string typed) => Formats.GetValueOrDefault(typed, typed);
}
