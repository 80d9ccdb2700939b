using MlTr.Model.Data.Marks;

namespace MlTr.Model.Tests.Data;

public class LookAlikesTests
{
    private static readonly MarksManifest Manifest = new(
        1, MarksPreset.Default, "", ["triangle", "cross", "star5", "star6"], [["star5", "star6"]],
        [new("cross", "cross", "triangle", 0.9, 0.5), new("stars", "star5", "star6", 0, 0.35)]);

    private static readonly sbyte[,] Labels =
    {
        { 1, 1, 0, 0 },
        { 0, 1, 0, 0 },
        { 1, 0, 1, 0 },
        { 0, 0, 0, 1 },
        { 0, 0, 1, 1 },
    };

    [Fact]
    public void Measure_RightScores_FindsNoFault()
    {
        var scores = new double[5, 4];
        for (var i = 0; i < 20; i++)
        {
            scores[i / 4, i % 4] = Labels[i / 4, i % 4] == 1 ? 0.9 : 0.1;
        }

        var figures = LookAlikes.Measure(scores, Labels, Manifest).Figures();

        Assert.Equal(["marks/lookalike_confusion", "marks/trap_cross_gap", "marks/trap_stars_gap"], figures.Keys);
        Assert.All(figures.Values, figure => Assert.Equal(0, figure));
    }

    [Fact]
    public void Measure_LearnedHabits_ShowsThemAsGaps()
    {
        float[,] scores =
        {
            { 0.9f, 0.9f, 0.1f, 0.1f },
            { 0.9f, 0.9f, 0.1f, 0.1f }, // a cross, so a triangle
            { 0.9f, 0.1f, 0.8f, 0.7f }, // one star taken for the other as well
            { 0.1f, 0.1f, 0.2f, 0.8f },
            { 0.1f, 0.1f, 0.3f, 0.9f }, // two stars, only one seen
        };

        var report = LookAlikes.Measure(scores, Labels, Manifest);

        Assert.Equal(new PairConfusion("star5", "star6", 1, 0), Assert.Single(report.Pairs));
        Assert.Equal(0.5, report.Confusion);
        Assert.Equal(0.5, report.TrapCrossGap);
        Assert.Equal(0.5, report.TriangleWithCross!.Precision);
        Assert.Equal(0.5, report.TrapStarsGap);
    }

    [Fact]
    public void Measure_SetWithoutTraps_LeavesThemOut()
    {
        var manifest = Manifest with { Traps = [], LookAlikes = [] };

        Assert.Empty(LookAlikes.Measure(new double[5, 4], Labels, manifest).Figures());
    }
}
