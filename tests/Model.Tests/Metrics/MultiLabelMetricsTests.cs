using System.Diagnostics;
using System.Globalization;
using MlTr.Model.Metrics;
using MlTr.Model.Tests.Training;
using MlTr.Model.Training;

namespace MlTr.Model.Tests.Metrics;

public sealed class MultiLabelMetricsTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Merge_RandomShards_GiveExactlyTheFiguresOfTheWhole(int seed)
    {
        var random = new Random(seed);
        var (rows, counts) = (RandomRows(random, images: 200, classes: 6), new CountMetrics());
        var whole = new MultiLabelMetrics(6);
        var (shards, shardCounts) = (Enumerable.Range(0, 5).Select(_ => new MultiLabelMetrics(6)).ToArray(), Enumerable.Range(0, 5).Select(_ => new CountMetrics()).ToArray());
        foreach (var (scores, labels, sizes) in rows)
        {
            var (shard, predicted) = (random.Next(5), random.Next(6));
            whole.Append(scores, labels, sizes);
            shards[shard].Append(scores, labels, sizes);
            counts.Append(predicted, labels.Count(l => l == 1));
            shardCounts[shard].Append(predicted, labels.Count(l => l == 1));
        }

        random.Shuffle(shards);
        var (merged, mergedCounts) = (new MultiLabelMetrics(6), new CountMetrics());
        foreach (var shard in shards)
        {
            merged.Merge(shard);
        }

        foreach (var shard in shardCounts)
        {
            mergedCounts.Merge(shard);
        }

        Assert.Equal(Everything(whole), Everything(merged));
        Assert.Equal(counts.Evaluate(), mergedCounts.Evaluate());
    }

    [Fact]
    public void Evaluate_ScoresThatAreNoNumbers_RankLastAreNotPredictedAndAreCounted()
    {
        var metrics = Of([(0.9, 1), (double.NaN, 1), (0.1, 0), (double.NaN, 0)]);

        var report = metrics.Evaluate();

        // Hits at 1 of 1, then both NaNs together: 2 of 4.
        Assert.Equal(0.5 * 1 + 0.5 * (2.0 / 4), report.ClassAp[0]);
        Assert.Equal((2L, 1.0, 0.5), (report.NanScores, report.Op!.Value, report.Or!.Value));
        Assert.Equal(new ClassThreshold(0.5, 2.0 / 3), report.BestThresholds[0]);
        Assert.Equal(0, metrics.EvaluateTop(1).Or - 0.5);
    }

    [Fact]
    public void Evaluate_OnlyScoresThatAreNoNumbers_HasAnApButNoThreshold()
    {
        var report = Of([(double.NaN, 1), (double.NaN, 0)]).Evaluate();

        Assert.Equal(0.5, report.Map);
        Assert.Null(report.BestThresholds[0]);
        Assert.Equal(0, report.Of1);
    }

    [Fact]
    public void Evaluate_EqualScores_IsTheShareOfPositivesWhateverTheOrder()
    {
        (double, sbyte)[] entries = [(0.4, 1), (0.4, 0), (0.4, 0), (0.4, 1), (0.4, 0)];

        var (forward, backward) = (Of(entries).Evaluate(), Of([.. entries.Reverse()]).Evaluate());

        Assert.Equal(0.4, forward.Map);
        Assert.Equal(forward.Map, backward.Map);
        Assert.Equal(new ClassThreshold(0.2, 4.0 / 7), forward.BestThresholds[0]);
    }

    [Fact]
    public void Evaluate_AllPositive_IsPerfectAndPredictsEverything()
    {
        var report = Of([(0.2, 1), (0.7, 1)]).Evaluate();

        Assert.Equal((1.0, 0.5), (report.Map!.Value, report.Cr!.Value));
        Assert.Equal(new ClassThreshold(0.1, 1), report.BestThresholds[0]);
    }

    [Fact]
    public void Evaluate_NoPositive_IsUndefinedAndHasNoThreshold()
    {
        var report = Of([(0.2, 0), (0.7, 0), (0.9, -1)]).Evaluate();

        Assert.Null(report.Map);
        Assert.Null(report.ClassAp[0]);
        Assert.Null(report.BestThresholds[0]);
        Assert.Null(report.Cf1);
        Assert.Equal(0, report.Op);
    }

    [Fact]
    public void BestThresholds_SeveralEquallyGood_TakesTheHighest()
    {
        // F1 down to 0.9: 2 / (1 + 3); to 0.6: 4 / (3 + 3); to 0.3: 6 / (5 + 3).
        var best = Of([(0.9, 1), (0.8, 0), (0.6, 1), (0.5, 0), (0.3, 1)]).Evaluate().BestThresholds[0]!;
        var tied = Of([(0.9, 1), (0.8, 0), (0.7, 0), (0.6, 1)]).Evaluate().BestThresholds[0]!;

        Assert.Equal((0.15, 0.75), (best.Threshold, best.F1));
        Assert.Equal(0.85, tied.Threshold, 12);
        Assert.Equal(2.0 / 3, tied.F1); // 2 * 1 / (1 + 2) and 2 * 2 / (4 + 2)
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    public void BestThresholds_RandomScores_AreAsGoodAsTheBestOfAllPossibleOnes(int seed)
    {
        var metrics = new MultiLabelMetrics(6);
        var rows = RandomRows(new Random(seed), images: 60, classes: 6);
        foreach (var (scores, labels, sizes) in rows)
        {
            metrics.Append(scores, labels, sizes);
        }

        var report = metrics.Evaluate();

        for (var k = 0; k < 6; k++)
        {
            var known = rows.Where(r => r.Labels[k] >= 0).Select(r => (Score: r.Scores[k], Label: r.Labels[k])).ToList();
            double F1(double threshold) => 2.0 * known.Count(e => e.Score > threshold && e.Label == 1)
                / (known.Count(e => e.Score > threshold) + known.Count(e => e.Label == 1));
            var best = report.BestThresholds[k]!;
            Assert.Equal(best.F1, F1(best.Threshold));
            Assert.Equal(best.F1, known.Select(e => F1(Math.BitDecrement(e.Score))).Max());
        }

        var thresholds = report.BestThresholds.Select(b => b!.Threshold).ToArray();
        Assert.Equal(report.BestThresholds.Average(b => b!.F1), metrics.EvaluateAt(thresholds).Cf1ClassMean!.Value, 12);
        Assert.Equal(report.Labels, metrics.EvaluateAt([.. Enumerable.Repeat(0.5, 6)]));
    }

    [Fact]
    public void EvaluateTop_TwoOfFour_GivesTheFiguresCountedByHand()
    {
        var metrics = new MultiLabelMetrics(4);
        metrics.Append([0.9, 0.8, 0.1, 0.3], [1, 0, 1, 0]); // predicted: 0, 1
        metrics.Append([0.4, 0.4, 0.4, 0.2], [0, 1, 1, 0]); // a tie: 0, 1
        metrics.Append([0.9, 0.8, 0.7, 0.6], [-1, 1, 0, 1]); // class 0 is unknown: 1, 2

        var top = metrics.EvaluateTop(2);
        var above = metrics.EvaluateTop(2, above: 0.5);

        // Class 0: 1 of 2 right, 1 of 1 found. 1: 2 of 3, 2 of 2. 2: 0 of 1, 0 of 2. 3: 0 of 0, 0 of 1.
        Assert.Equal((0.5 + 2.0 / 3) / 4, top.Cp!.Value, 12);
        Assert.Equal((1.0 + 1.0) / 4, top.Cr!.Value, 12);
        Assert.Equal((3.0 / 6, 3.0 / 6, 0.5, 4), (top.Op, top.Or, top.Of1, top.Classes));
        Assert.Equal(2 * top.Cp.Value * top.Cr.Value / (top.Cp.Value + top.Cr.Value), top.Cf1!.Value, 12);
        Assert.Equal((2.0 / 4, 2.0 / 6), (above.Op, above.Or)); // the second image gets no label
        Assert.Equal(metrics.EvaluateTop(4), metrics.EvaluateTop(9));
        Assert.Throws<ArgumentOutOfRangeException>(() => metrics.EvaluateTop(0));
    }

    [Fact]
    public void EvaluateSizes_TwoClasses_GivesTheFiguresCountedByHand()
    {
        var metrics = new MultiLabelMetrics(2);
        metrics.Append([0.9, 0.1], [1, 0], [1, 0]); // a small one of class 0
        metrics.Append([0.8, 0.7], [0, 1], [0, 3]); // a large one of class 1
        metrics.Append([0.7, 0.9], [1, 0], [2, 0]); // a medium one of class 0
        metrics.Append([0.6, 0.8], [1, 1], [1, 3]); // a small one of class 0, a large one of class 1
        metrics.Append([0.99, 0.99], [1, 1]); // no sizes: left out

        // Small, class 0: right, wrong, right. Medium, class 0: wrong, right. Large, class 1: wrong, right, right, wrong.
        Assert.Equal(
            new SizeReport((1 + 2.0 / 3) / 2, 1, 1.0 / 2, 1, (1.0 / 2 + 2.0 / 3) / 2, 1),
            metrics.EvaluateSizes());
    }

    [Fact]
    public void EvaluateSizes_UnknownLabelOfAnObject_IsLeftOut()
    {
        var metrics = new MultiLabelMetrics(1);
        metrics.Append([0.9], [1], [1]);
        metrics.Append([0.1], [0], [0]);
        var known = metrics.EvaluateSizes();

        metrics.Append([0.05], [-1], [1]); // would be a missed positive
        metrics.Append([0.95], [-1], [2]); // would be a negative

        Assert.Equal(new SizeReport(1, 1, null, 0, null, 0), known);
        Assert.Equal(known, metrics.EvaluateSizes());
    }

    [Fact]
    public void Measure_UnreadablePicture_CountsNowhere()
    {
        var source = new SquaresSource(3, 2, 8, 1);
        float[,] scores = { { 0.9f, 0.2f }, { 0.3f, 0.6f }, { 0.5f, 0.5f } };
        int[] counts = [1, 1, 2];
        for (var k = 0; k < 2; k++)
        {
            (source.Labels[0, k], source.Sizes![0, k]) = ((sbyte)(1 - k), (byte)(1 - k));
            (source.Labels[1, k], source.Sizes[1, k]) = ((sbyte)k, (byte)k);
            (source.Labels[2, k], source.Sizes[2, k]) = (-1, 0);
        }

        var measured = Evaluator.Measure(scores, counts, source);

        Assert.Equal(new CountReport(1, 0), measured.Count);
        Assert.Equal(new SizeReport(1, 2, null, 0, null, 0), measured.Sizes);
    }

    // Prints a figure for whoever changes the ranking; a time limit would only make the tests depend on the machine.
    [Theory(Explicit = true)]
    [InlineData(0.03)]
    [InlineData(0.5)]
    public void Evaluate_FortyThousandImages_PrintsItsTime(double share)
    {
        var random = new Random(1);
        var metrics = new MultiLabelMetrics(80);
        var (scores, labels) = (new double[80], new sbyte[80]);
        for (var i = 0; i < 40_000; i++)
        {
            for (var k = 0; k < 80; k++)
            {
                labels[k] = random.NextDouble() < share ? (sbyte)1 : (sbyte)0;
                scores[k] = (float)Math.Clamp(random.NextDouble() + labels[k] * 0.2, 0, 1);
            }

            metrics.Append(scores, labels);
        }

        for (var round = 0; round < 4; round++)
        {
            double Milliseconds(Action work)
            {
                var before = Process.GetCurrentProcess().TotalProcessorTime;
                work();
                return (Process.GetCurrentProcess().TotalProcessorTime - before).TotalMilliseconds;
            }

            var (all, top) = (Milliseconds(() => metrics.Evaluate()), Milliseconds(() => metrics.EvaluateTop(3)));
            output.WriteLine(FormattableString.Invariant($"40,000 x 80, {share:P0} positive: {all:F0} CPU ms for all but the top 3, {top:F0} for these"));
        }
    }

    private static MultiLabelMetrics Of((double Score, sbyte Label)[] entries)
    {
        var metrics = new MultiLabelMetrics(1);
        foreach (var (score, label) in entries)
        {
            metrics.Append([score], [label]);
        }

        return metrics;
    }

    /// <summary>Scores with many ties and a few that are no numbers.</summary>
    private static List<(double[] Scores, sbyte[] Labels, byte[] Sizes)> RandomRows(Random random, int images, int classes)
    {
        double Score() => random.Next(40) == 0 ? double.NaN : random.Next(30) / 30.0;
        return [.. Enumerable.Range(0, images).Select(_ =>
        {
            var labels = Enumerable.Range(0, classes).Select(_ => (sbyte)(random.Next(10) == 0 ? -1 : random.Next(3) == 0 ? 1 : 0)).ToArray();
            return (Enumerable.Range(0, classes).Select(_ => Score()).ToArray(), labels, labels.Select(l => (byte)(l == 1 ? 1 + random.Next(3) : 0)).ToArray());
        })];
    }

    private static string Everything(MultiLabelMetrics metrics)
    {
        var report = metrics.Evaluate();
        return string.Join(
            "; ",
            [
                string.Join(" ", report.ClassAp.Select(ap => ap?.ToString("R", CultureInfo.InvariantCulture))),
                string.Join(" ", report.BestThresholds),
                string.Create(CultureInfo.InvariantCulture, $"{report.Map:R} {report.NanScores}"),
                report.Labels.ToString(),
                metrics.EvaluateTop(3).ToString(),
                metrics.EvaluateTop(2, above: 0.5).ToString(),
                metrics.EvaluateSizes().ToString(),
            ]);
    }
}
