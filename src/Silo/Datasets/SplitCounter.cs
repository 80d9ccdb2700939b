using System.Collections.Immutable;
using MlTr.Abstractions.Datasets;
using MlTr.Model.Data;

namespace MlTr.Silo.Datasets;

/// <summary>Counts over the labels of one split.</summary>
internal static class SplitCounter
{
    // Headers of so many pictures are read where the records do not say how large they are.
    private const int Sample = 1_000;

    // Rising sides in pixels, each about a third more than the one before.
    private static readonly ImmutableArray<int> Edges = [1, 33, 49, 65, 97, 129, 193, 257, 385, 513, 641, 801, 1_025, 1_537, 2_049, 4_097];

    public static SplitStatistics Count(ImageSet set, string split)
    {
        var classes = set.Classes.Count;
        var together = new int[classes * classes];
        var perImage = new List<int>();
        var instances = new int[classes * 3];
        foreach (var image in set.Images)
        {
            var present = Present(image);
            while (perImage.Count <= present.Count)
            {
                perImage.Add(0);
            }

            perImage[present.Count]++;
            foreach (var (first, second) in from a in present from b in present select (a, b))
            {
                together[(first * classes) + second]++;
            }

            foreach (var k in present.Where(k => image.Sizes?[k] > 0))
            {
                instances[(k * 3) + image.Sizes![k] - 1]++;
            }
        }

        var sides = Sides(set).ToList();
        return new SplitStatistics(split, set.Images.Count, [.. together], [.. perImage], Bins(sides), sides.Count, instances.Any(count => count > 0) ? [.. instances] : []);
    }

    public static List<int> Present(ImageEntry image) => [.. Enumerable.Range(0, image.Labels.Length).Where(k => image.Labels[k] == 1)];

    private static IEnumerable<int> Sides(ImageSet set)
    {
        var stride = set.Images.Any(image => image.Width == 0) ? Math.Max(1, set.Images.Count / Sample) : 1;
        return Enumerable.Range(0, set.Images.Count).Where(i => i % stride == 0).Select(i => SideOf(set, set.Images[i])).Where(side => side > 0);
    }

    private static int SideOf(ImageSet set, ImageEntry image)
    {
        if (image.Width > 0)
        {
            return Math.Max(image.Width, image.Height);
        }

        try
        {
            var info = ImageDecoder.ReadHeader(set.ReadBytes(image));
            return Math.Max(info.Width, info.Height);
        }
        catch (Exception error) when (error is BadPictureException or IOException or UnauthorizedAccessException or DatasetFormatException)
        {
            return 0; // its shard tells what is wrong with it
        }
    }

    private static ImmutableArray<SizeBin> Bins(List<int> sides)
    {
        if (sides.Count == 0)
        {
            return [];
        }

        var bins = Edges.Select((from, i) => new SizeBin(
            from, i + 1 < Edges.Length ? Edges[i + 1] - 1 : int.MaxValue, sides.Count(side => side >= from && (i + 1 == Edges.Length || side < Edges[i + 1])))).ToList();
        var (first, last) = (bins.FindIndex(bin => bin.Pictures > 0), bins.FindLastIndex(bin => bin.Pictures > 0));
        return [.. bins[first..(last + 1)]];
    }
}
