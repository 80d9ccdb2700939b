using MlTr.Model.Data.Loading;

namespace MlTr.Model.Data;

/// <summary>Pictures without labels, given one by one.</summary>
public static class PictureFiles
{
    /// <summary>The files as a source of batches whose labels are all unknown; a folder stands for the pictures in it, by name.</summary>
    /// <param name="paths">Picture files or folders; <see cref="DatasetFormatException"/> for one that is neither.</param>
    /// <param name="classes">Names of the classes to be predicted.</param>
    /// <param name="maxBadShare">A larger share of undecodable pictures than this stops the reading.</param>
    public static ImageSetBatchSource Open(IEnumerable<string> paths, IReadOnlyList<string> classes, double maxBadShare = 1)
    {
        var files = paths.SelectMany(Files).ToList();
        var unknown = Enumerable.Repeat((sbyte)-1, classes.Count).ToArray();
        var images = files.Select(file => new ImageEntry(file, 0, 0, unknown, null) { Open = () => File.ReadAllBytes(file) });
        return new ImageSetBatchSource(
            new ImageSet("pictures", "", classes, [.. images], SizeLimits.Coco, []),
            new BatchSourceOptions { Augmentations = Augmentations.None, MaxBadShare = maxBadShare });
    }

    /// <summary>One picture that lies in memory, as a source; a <see cref="DatasetFormatException"/> says so when it is read and cannot be decoded.</summary>
    /// <param name="picture">A JPEG, PNG or WebP file.</param>
    /// <param name="classes">Names of the classes to be predicted.</param>
    public static ImageSetBatchSource OpenBytes(byte[] picture, IReadOnlyList<string> classes)
    {
        var unknown = Enumerable.Repeat((sbyte)-1, classes.Count).ToArray();
        return new ImageSetBatchSource(
            new ImageSet("picture", "", classes, [new ImageEntry("picture", 0, 0, unknown, null) { Open = () => picture }], SizeLimits.Coco, []),
            new BatchSourceOptions { Augmentations = Augmentations.None, MaxBadShare = 0, LoaderThreads = 0 });
    }

    private static string[] Files(string path) => Directory.Exists(path)
        ? [.. Directory.GetFiles(path).Where(Readers.ImageFolderReader.IsPicture).Order(StringComparer.Ordinal)]
        : File.Exists(path) ? [path] : throw new DatasetFormatException(path, "there is no such picture");
}
