using System.Collections.Immutable;

namespace MlTr.Abstractions.Datasets;

/// <summary>One thing that keeps a folder from being registered.</summary>
/// <param name="Field">What it is about: <c>id</c>, <c>folder</c> or <c>format</c>.</param>
/// <param name="Message">What is wrong, and what to do.</param>
[GenerateSerializer, Immutable, Alias("mltr.DatasetProblem")]
public sealed record DatasetProblem([property: Id(0)] string Field, [property: Id(1)] string Message);

/// <summary>One split as its records tell of it, its pictures unread.</summary>
/// <param name="Name">What the folder calls it.</param>
/// <param name="Images">Pictures that are there.</param>
/// <param name="LeftOut">Files that would be left out.</param>
[GenerateSerializer, Immutable, Alias("mltr.SplitPreview")]
public sealed record SplitPreview([property: Id(0)] string Name, [property: Id(1)] int Images, [property: Id(2)] int LeftOut);

/// <summary>What a look at a folder found before it is registered.</summary>
/// <param name="Format">Its format, found out or as given; null where that is the problem.</param>
/// <param name="Classes">Class names in label order.</param>
/// <param name="Splits">The splits that a sweep would see.</param>
/// <param name="Problems">What keeps it from being registered; none if it can be.</param>
/// <param name="LeftOut">Some of the files that would be left out, and why: <c>path: reason</c>.</param>
[GenerateSerializer, Immutable, Alias("mltr.DatasetCheck")]
public sealed record DatasetCheck(
    [property: Id(0)] string? Format,
    [property: Id(1)] ImmutableArray<string> Classes,
    [property: Id(2)] ImmutableArray<SplitPreview> Splits,
    [property: Id(3)] ImmutableArray<DatasetProblem> Problems,
    [property: Id(4)] ImmutableArray<string> LeftOut)
{
    /// <summary>A check that found problems before it could look further.</summary>
    public static DatasetCheck Refused(params ImmutableArray<DatasetProblem> problems) => new(null, [], [], problems, []);
}

/// <summary>How many pictures are of one size, by their longer side.</summary>
/// <param name="From">Lowest side in pixels, inclusive.</param>
/// <param name="To">Highest side in pixels, inclusive.</param>
/// <param name="Pictures">How many.</param>
[GenerateSerializer, Immutable, Alias("mltr.SizeBin")]
public sealed record SizeBin([property: Id(0)] int From, [property: Id(1)] int To, [property: Id(2)] int Pictures);

/// <summary>What one split holds, counted over its labels.</summary>
/// <param name="Split">Its name.</param>
/// <param name="Images">Pictures in it.</param>
/// <param name="CoOccurrence">K x K, row by row: pictures that show both classes; on the diagonal those that show the one.</param>
/// <param name="LabelsPerImage">How many pictures show 0, 1, 2, ... classes.</param>
/// <param name="Sizes">Pictures by their longer side, rising; empty where no size could be read.</param>
/// <param name="Measured">Of how many pictures the size is known: all, or an even sample where the records do not say.</param>
/// <param name="Instances">K x 3, row by row: pictures whose largest instance of the class is small, medium, large; empty where the format does not say.</param>
[GenerateSerializer, Immutable, Alias("mltr.SplitStatistics")]
public sealed record SplitStatistics(
    [property: Id(0)] string Split,
    [property: Id(1)] int Images,
    [property: Id(2)] ImmutableArray<int> CoOccurrence,
    [property: Id(3)] ImmutableArray<int> LabelsPerImage,
    [property: Id(4)] ImmutableArray<SizeBin> Sizes,
    [property: Id(5)] int Measured,
    [property: Id(6)] ImmutableArray<int> Instances);

/// <summary>Which pictures of a split are wanted.</summary>
/// <param name="Split">The split's name.</param>
/// <param name="Classes">Only pictures that show all of these classes (by index); empty for any.</param>
/// <param name="Skip">How many to pass over.</param>
/// <param name="Take">How many are wanted, at most <see cref="MaxTake"/>.</param>
[GenerateSerializer, Immutable, Alias("mltr.PictureQuery")]
public sealed record PictureQuery(
    [property: Id(0)] string Split, [property: Id(1)] ImmutableArray<int> Classes, [property: Id(2)] int Skip = 0, [property: Id(3)] int Take = 24)
{
    /// <summary>Most pictures in one answer.</summary>
    public const int MaxTake = 200;
}

/// <summary>Where one instance is, as shares of the picture's width and height, 0..1.</summary>
[GenerateSerializer, Immutable, Alias("mltr.PictureBox")]
public readonly record struct PictureBox(
    [property: Id(0)] int Class, [property: Id(1)] double X, [property: Id(2)] double Y, [property: Id(3)] double Width, [property: Id(4)] double Height);

/// <summary>One picture of a split.</summary>
/// <param name="Index">Its place in the split, which names it in other calls.</param>
/// <param name="Path">Its file, relative to the dataset.</param>
/// <param name="Width">Width in pixels; 0 where the records do not say.</param>
/// <param name="Height">Height in pixels; 0 where the records do not say.</param>
/// <param name="Present">Indices of the classes that it shows.</param>
/// <param name="Unknown">Indices of the classes of which the records say neither.</param>
/// <param name="Boxes">Where its instances are; empty where the format or the records do not say.</param>
[GenerateSerializer, Immutable, Alias("mltr.PictureSnapshot")]
public sealed record PictureSnapshot(
    [property: Id(0)] int Index,
    [property: Id(1)] string Path,
    [property: Id(2)] int Width,
    [property: Id(3)] int Height,
    [property: Id(4)] ImmutableArray<int> Present,
    [property: Id(5)] ImmutableArray<int> Unknown,
    [property: Id(6)] ImmutableArray<PictureBox> Boxes);

/// <summary>Some pictures, and how many there are in all.</summary>
[GenerateSerializer, Immutable, Alias("mltr.PicturePage")]
public sealed record PicturePage([property: Id(0)] int Total, [property: Id(1)] ImmutableArray<PictureSnapshot> Pictures);

/// <summary>A picture for the screen.</summary>
/// <param name="File">A JPEG or PNG, made anew from the decoded picture.</param>
/// <param name="MediaType">Which of the two.</param>
[GenerateSerializer, Immutable, Alias("mltr.PictureFile")]
public sealed record PictureFile([property: Id(0)] ImmutableArray<byte> File, [property: Id(1)] string MediaType)
{
    /// <summary>Sides in pixels that a thumbnail may be asked for.</summary>
    public const int MinSide = 16, MaxSide = 1024;
}

/// <summary>What was asked about a dataset's contents cannot be answered; the message says why and what to do.</summary>
[GenerateSerializer, Alias("mltr.DatasetContentsException")]
public sealed class DatasetContentsException(string message) : Exception(message);

/// <summary>Looks into a dataset for people: its labels, its pictures. Keyed by dataset id.</summary>
[Alias("mltr.IDatasetContentsGrain")]
public interface IDatasetContentsGrain : IGrainWithStringKey
{
    /// <summary>Looks at a folder as <see cref="IDatasetGrain.RegisterAsync"/> would, reads its labels, and changes nothing.</summary>
    [Alias("Check")]
    Task<DatasetCheck> CheckAsync(DatasetRegistration registration);

    /// <summary>Counts over one split's labels.</summary>
    /// <exception cref="DatasetContentsException">The dataset has not been read yet, or there is no such split.</exception>
    [Alias("GetStatistics")]
    Task<SplitStatistics> GetStatisticsAsync(string split);

    /// <summary>Some of a split's pictures.</summary>
    /// <exception cref="DatasetContentsException">The dataset has not been read yet, or there is no such split.</exception>
    [Alias("GetPictures")]
    Task<PicturePage> GetPicturesAsync(PictureQuery query);

    /// <summary>A small copy of one picture.</summary>
    /// <param name="split">The split's name.</param>
    /// <param name="index">The picture's place in it.</param>
    /// <param name="side">Most pixels of the longer side, within <see cref="PictureFile.MinSide"/> and <see cref="PictureFile.MaxSide"/>.</param>
    /// <exception cref="DatasetContentsException">There is no such picture, or it cannot be decoded.</exception>
    [Alias("GetThumbnail")]
    Task<PictureFile> GetThumbnailAsync(string split, int index, int side);
}
