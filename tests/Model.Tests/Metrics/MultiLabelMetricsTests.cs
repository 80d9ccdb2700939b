using System.Globalization;
using System.Text.Json.Nodes;
using MlTr.Model.Metrics;

namespace MlTr.Model.Tests.Metrics;

public sealed class MultiLabelMetricsTests
{
    private static readonly JsonNode Recorded = Golden.Json["metrics"]!;

    [Theory]
    [InlineData("evaluate", false)]
    [InlineData("evaluate_missing_as_zero", true)]
    [InlineData("nothing_positive", false)]
    [InlineData("nothing_predicted", false)]
    public void Evaluate_GoldenScores_GivesTheRecordedFigures(string name, bool strict)
    {
        var metrics = Collect(
            score => name == "nothing_predicted" ? score * 0.4 : score,
            label => name == "nothing_positive" ? (sbyte)0 : name == "nothing_predicted" && label < 0 ? (sbyte)1 : label);

        var report = metrics.Evaluate(strict);

        var expected = Recorded[name]!;
        Same(expected["map"], report.Map, "map");
        Same(expected["cp"], report.Cp, "cp");
        Same(expected["cr"], report.Cr, "cr");
        Same(expected["cf1"], report.Cf1, "cf1");
        Same(expected["cf1_class_mean"], report.Cf1ClassMean, "cf1_class_mean");
        Same(expected["op"], report.Op, "op");
        Same(expected["or"], report.Or, "or");
        Same(expected["of1"], report.Of1, "of1");
        Assert.Equal((int)expected["classes"]!, report.Classes);
        for (var k = 0; k < report.ClassAp.Count; k++)
        {
            Same(expected["ap"]![k], report.ClassAp[k], $"ap {k}");
        }
    }

    [Fact]
    public void EvaluateSizes_GoldenScores_GivesTheRecordedFigures()
    {
        var report = Collect(s => s, l => l).EvaluateSizes();

        var expected = Recorded["sizes_metrics"]!;
        Same(expected["ap_s"], report.Small, "small");
        Same(expected["ap_m"], report.Medium, "medium");
        Same(expected["ap_l"], report.Large, "large");
        Assert.Equal((5, 6, 5), (report.SmallClasses, report.MediumClasses, report.LargeClasses));
    }

    [Fact]
    public void Evaluate_GoldenCounts_GivesTheRecordedFigures()
    {
        var counting = new CountMetrics();
        var labels = Recorded["labels"]!.Read<int[][]>();
        foreach (var (logits, row) in Recorded["count_logits"]!.Read<double[][]>().Zip(labels))
        {
            counting.Append(Array.IndexOf(logits, logits.Max()), row.Count(l => l == 1));
        }

        var report = counting.Evaluate()!;

        Same(Recorded["count"]!["count_accuracy"], report.Accuracy, "accuracy");
        Same(Recorded["count"]!["count_mae"], report.MeanAbsoluteError, "mae");
    }

    [Fact]
    public void SizeOf_GoldenAreas_GivesTheRecordedSizes()
    {
        foreach (var (area, size) in Recorded["size_of"]!.AsObject())
        {
            Assert.Equal((byte)(int)size!, MultiLabelMetrics.SizeOf(double.Parse(area, CultureInfo.InvariantCulture)));
        }
    }

    [Fact]
    public void Merge_TwoHalves_EvaluateLikeTheWhole()
    {
        var whole = Collect(s => s, l => l);
        var first = Collect(s => s, l => l, i => i < 5);
        var second = Collect(s => s, l => l, i => i >= 5);

        first.Merge(second);

        Assert.Equal(whole.Evaluate().Map, first.Evaluate().Map);
        Assert.Equal(whole.EvaluateSizes(), first.EvaluateSizes());
    }

    [Fact]
    public void Append_ScoreThatIsNoNumber_Throws()
    {
        var metrics = new MultiLabelMetrics(1);

        Assert.Throws<ArgumentException>(() => metrics.Append([double.NaN], [1]));
    }

    private static MultiLabelMetrics Collect(Func<double, double> score, Func<sbyte, sbyte> label, Func<int, bool>? take = null)
    {
        var (scores, labels, sizes) = (Recorded["scores"]!.Read<double[][]>(), Recorded["labels"]!.Read<int[][]>(), Recorded["sizes"]!.Read<int[][]>());
        var metrics = new MultiLabelMetrics(7);
        for (var i = 0; i < scores.Length; i++)
        {
            if (take is null || take(i))
            {
                metrics.Append([.. scores[i].Select(score)], [.. labels[i].Select(l => label((sbyte)l))], [.. sizes[i].Select(s => (byte)s)]);
            }
        }

        return metrics;
    }

    private static void Same(JsonNode? expected, double? actual, string what)
    {
        Assert.True(expected is null == actual is null, what);
        if (expected is not null)
        {
            Assert.True(Math.Abs((double)expected - actual!.Value) < 1e-12, $"{what}: {actual} instead of {expected}");
        }
    }
}
