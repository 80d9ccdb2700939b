using System.Collections.Immutable;

namespace MlTr.Dashboard.Features.Leaderboards;

/// <summary>A published result, to be read beside ours. All rest on pretraining on ImageNet, which this platform does not do.</summary>
/// <param name="Name">The model.</param>
/// <param name="MeanAveragePrecision">mAP on the dataset's test split, 0..1.</param>
/// <param name="Source">What it was measured on.</param>
public sealed record PublishedResult(string Name, double MeanAveragePrecision, string Source)
{
    private static readonly ImmutableArray<PublishedResult> Coco = Of("MS-COCO 2014",
        ("ADDS", 93.5), ("ML-Decoder", 91.4), ("Query2Label", 91.3), ("MlTr-l", 88.5), ("MlTr-m", 86.8), ("TResNet-L", 86.6), ("C-Tran", 85.1), ("KGGR", 84.3),
        ("MlTr-s, ImageNet-22k", 83.9), ("SSGRL", 83.8), ("ML-GCN", 83.0), ("MlTr-s, ImageNet-1k", 81.9), ("ResNet-101", 78.3));

    private static readonly ImmutableArray<PublishedResult> Voc = Of("PASCAL VOC 2007",
        ("ML-Decoder", 96.6), ("MlTr-l", 95.8), ("TResNet-L", 94.6), ("ML-GCN", 94.0), ("SSGRL", 93.4));

    private static readonly ImmutableArray<PublishedResult> NusWide = Of("NUS-WIDE",
        ("Query2Label", 70.1), ("MlTr-l", 66.3), ("TResNet-L", 65.2), ("ML-GCN", 62.5));

    /// <summary>What is published on a dataset, known by its name; nothing for the built-in pictures, on which nobody else has measured.</summary>
    public static ImmutableArray<PublishedResult> On(IEnumerable<string> datasets) => datasets.Select(name => name.ToUpperInvariant()).Distinct().ToList() switch
    {
        [var one] when one.Contains("COCO", StringComparison.Ordinal) => Coco,
        [var one] when one.Contains("VOC", StringComparison.Ordinal) => Voc,
        [var one] when one.Contains("NUS", StringComparison.Ordinal) => NusWide,
        _ => [],
    };

    private static ImmutableArray<PublishedResult> Of(string source, params (string Name, double Percent)[] results) =>
        [.. results.Select(result => new PublishedResult(result.Name, result.Percent / 100, source))];
}
