using System.Collections.Immutable;
using Bunit;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Features.Compare;

namespace MlTr.Dashboard.Tests.Features.Compare;

public sealed class ComparePageTests : PageTest
{
    public ComparePageTests()
    {
        TrialSnapshot[] trials = [Show.Trial("s", 1, map: 0.7, rate: 0.0003), Show.Trial("s", 2, map: 0.8), Show.Trial("s", 3, map: 0.5, cross: false)];
        Client.Put(Show.Sweep("s", SweepState.Running, null, trials), trials);
        Classes(1, 0.5, 0.9);
        Classes(2, 0.9, 0.8);
        Client.Curves[(new("s", 1), MetricNames.MeanAveragePrecision)] = new(MetricNames.MeanAveragePrecision, [new(1, 0.2, 1), new(2, 0.3, 1)], []);
        Client.Curves[(new("s", 2), MetricNames.MeanAveragePrecision)] = new(MetricNames.MeanAveragePrecision, [new(1, 0.4, 1)], []);
    }

    [Fact]
    public void Open_TwoTrials_ShowsOnlyWhatDiffers()
    {
        var page = OpenCompare("s/1,s/2");

        page.WaitForAssertion(() => Assert.Equal(["learning_rate"], page.FindAll("[data-testid=parameter-diff] tbody th").Select(cell => cell.TextContent)));
        Assert.Equal(["0.0003", "0.001"], page.FindAll("[data-testid=parameter-diff] tbody td").Select(cell => cell.TextContent));
        Assert.Equal("3", page.Find("[data-testid=curve-chart]").GetAttribute("data-points"));
        Assert.Contains("best", page.FindAll("[data-testid=metric-table] tbody tr").Single(row => row.TextContent.StartsWith("mAP", StringComparison.Ordinal)).Children[2].ClassName, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_WithClasses_ShowsTheLargestDifferenceFirst()
    {
        var page = OpenCompare("s/1,s/2");

        page.WaitForAssertion(() => Assert.Equal(["ring", "star"], page.FindAll("[data-testid=class-differences] tbody th").Select(cell => cell.TextContent)));
        Assert.Equal(["+40.0", "−10.0"], page.FindAll("[data-testid=class-differences] .points").Select(cell => cell.TextContent));
    }

    [Fact]
    public void Open_WithMetrics_StarsTheBetterOfEach_UnlessTheyAreAlikeOrNoneIsBetter()
    {
        Measure(1, 0.5, 0.3, 1.5, double.NaN);
        Measure(2, 0.4, 0.30001, 2.5, 1); // reads as the others do
        Measure(3, 0.6, 0.3, 3.5, 2);

        var page = OpenCompare("s/1,s/2,s/3");

        page.WaitForAssertion(() => Assert.Equal([2], Stars("loss")));
        Assert.Equal([2], Stars("mAP"));
        Assert.Empty(Stars("CP"));
        Assert.Empty(Stars("memory"));
        Assert.Equal([2], Stars("count error"));

        IEnumerable<int> Stars(string metric) => page.FindAll("[data-testid=metric-table] tbody tr").Single(row => row.Children[0].TextContent == metric)
            .Children.Select((cell, i) => (cell, i)).Where(pair => pair.cell.ClassList.Contains("best")).Select(pair => pair.i);

        void Measure(int number, double loss, double precision, double memory, double error)
        {
            var (id, metrics) = (new TrialId("s", number), Client.Trials[new("s", number)].Trial.Metrics);
            metrics = metrics.SetItem(MetricNames.TrainLoss, loss).SetItem("val/CP", precision).SetItem(MetricNames.MemoryGibibytes, memory).SetItem("val/count_mae", error);
            Client.Trials[id] = Client.Trials[id] with { Trial = Client.Trials[id].Trial with { Metrics = metrics } };
        }
    }

    [Fact]
    public void Event_NewPoints_ExtendTheCurve()
    {
        var page = OpenCompare("s/1,s/2");
        page.WaitForAssertion(() => Assert.Equal("3", page.Find("[data-testid=curve-chart]").GetAttribute("data-points")));

        Client.Publish("s", new SweepEvent(Points: new TrialPoints(new("s", 2), 1, [new(MetricNames.MeanAveragePrecision, 2, 0.5), new(MetricNames.TrainLoss, 2, 0.5)])));

        page.WaitForAssertion(() => Assert.Equal("4", page.Find("[data-testid=curve-chart]").GetAttribute("data-points")));
    }

    [Fact]
    public void Open_NoTrials_SaysHowToChooseSome()
    {
        var page = Open<ComparePage>("/compare");

        page.WaitForAssertion(() => Assert.Contains("Tick two to 10 trials", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public void Open_WhatIsNoTrial_SaysSo()
    {
        var page = OpenCompare("nonsense");

        page.WaitForAssertion(() => Assert.Contains("'nonsense' is not a trial id", page.Markup, StringComparison.Ordinal));
    }

    private IRenderedComponent<ComparePage> OpenCompare(string trials) => Open<ComparePage>("/compare?trials=" + Uri.EscapeDataString(trials));

    private void Classes(int number, double ring, double star)
    {
        var id = new TrialId("s", number);
        Client.Trials[id] = Client.Trials[id] with { ClassAveragePrecision = ImmutableSortedDictionary<string, double>.Empty.Add("val/AP/ring", ring).Add("val/AP/star", star) };
    }
}
