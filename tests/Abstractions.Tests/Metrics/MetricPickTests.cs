using MlTr.Abstractions.Metrics;

namespace MlTr.Abstractions.Tests.Metrics;

public sealed class MetricPickTests
{
    [Theory]
    [InlineData("last(train/loss)", "train/loss", MetricPlace.Last, 0)]
    [InlineData("best(val/AP/a (b), c)", "val/AP/a (b), c", MetricPlace.Best, 0)]
    [InlineData("at(val/AP/a, b,12)", "val/AP/a, b", MetricPlace.Pass, 12)]
    public void TryParse_WhatToStringWrote_IsTheSame(string text, string metric, MetricPlace place, int pass)
    {
        Assert.Equal(new MetricPick(metric, place, pass), MetricPick.TryParse(text));
        Assert.Equal(text, new MetricPick(metric, place, pass).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("val/mAP")]
    [InlineData("best()")]
    [InlineData("worst(val/mAP)")]
    [InlineData("at(val/mAP)")]
    [InlineData("at(val/mAP,0)")]
    [InlineData("at(val/mAP,-1)")]
    [InlineData("at(,3)")]
    [InlineData("best(val/mAP")]
    [InlineData("(val/mAP)")]
    public void TryParse_AnythingElse_IsNone(string text) => Assert.Null(MetricPick.TryParse(text));
}
