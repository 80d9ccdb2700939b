using System.Collections.Immutable;
using MlTr.Abstractions.Predictions;
using MlTr.Model.Data;
using MlTr.Model.Metrics;

namespace MlTr.Silo.Predictions;

/// <summary>Average precision by the size of things, from kept scores: no picture has to be looked at again.</summary>
internal static class SizeFigures
{
    /// <param name="set">The pictures.</param>
    /// <param name="scores">N x K, row by row.</param>
    /// <param name="unread">Places of pictures that were not scored.</param>
    /// <returns>One for each class; empty where no picture tells how large things are.</returns>
    public static ImmutableArray<SizePrecision> Of(ImageSet set, float[] scores, ImmutableHashSet<int> unread)
    {
        var classes = set.Classes.Count;
        if (set.Images.All(image => image.Sizes is null))
        {
            return [];
        }

        var metrics = new MultiLabelMetrics(classes);
        var row = new double[classes];
        foreach (var (image, index) in set.Images.Select((image, index) => (image, index)).Where(one => !unread.Contains(one.index)))
        {
            for (var k = 0; k < classes; k++)
            {
                row[k] = scores[(index * classes) + k];
            }

            metrics.Append(row, image.Labels, image.Sizes ?? []);
        }

        return [.. Enumerable.Range(0, classes).Select(k => new SizePrecision(
            k, metrics.SizeAveragePrecision(k, 1), metrics.SizeAveragePrecision(k, 2), metrics.SizeAveragePrecision(k, 3)))];
    }
}
