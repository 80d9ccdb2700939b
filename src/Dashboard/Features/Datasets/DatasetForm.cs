using System.Collections.Immutable;
using MlTr.Abstractions.Datasets;

namespace MlTr.Dashboard.Features.Datasets;

/// <summary>A registration while it is typed.</summary>
internal sealed class DatasetForm
{
    /// <summary>The formats, with what lies in such a folder.</summary>
    public static readonly ImmutableArray<(string Value, string Text)> Formats =
    [
        ("", "Find out from the folder"),
        ("coco", "coco: instances_*.json beside picture folders"),
        ("voc", "voc: Annotations, ImageSets and JPEGImages"),
        ("nuswide", "nuswide: ConceptsList, Groundtruth, ImageList"),
        ("list", "list: a CSV or JSONL file for each split"),
        ("imagefolder", "imagefolder: a folder for each class"),
        ("webdataset", "webdataset: tar files of pictures and labels"),
    ];

    public string Id { get; set; } = "";

    public string Folder { get; set; } = "";

    public string Format { get; set; } = "";

    public string Description { get; set; } = "";

    /// <summary>A name in the folder's spirit, for an id that nobody has typed yet.</summary>
    public string Suggested => Slug(Folder.Split('?')[0].TrimEnd('/', '\\').Split('/', '\\')[^1]);

    public DatasetRegistration ToRegistration() =>
        new(Id.Trim() is { Length: > 0 } typed ? typed : Suggested, Folder.Trim(), Format.Length == 0 ? null : Format, Description.Trim());

    private static string Slug(string text)
    {
        var letters = new string([.. text.ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' ? letter : '-')]).Trim('-', '.');
        return letters.Length > DatasetIds.MaxLength ? letters[..DatasetIds.MaxLength] : letters;
    }
}
