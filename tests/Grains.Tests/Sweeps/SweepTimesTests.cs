using System.Collections.Immutable;
using MlTr.Abstractions.Sweeps;
using MlTr.Grains.Storage;
using MlTr.Grains.Sweeps;

namespace MlTr.Grains.Tests.Sweeps;

public sealed class SweepTimesTests
{
    // 8 pictures a step: 100 steps in 80 s are 10 pictures a second.
    private static readonly ImmutableDictionary<NetworkKind, KindSpeed> Measured = SweepTimes.Speeds(
    [
        Timed("mltr-n", 32, seconds: 80), Timed("mltr-n", 32, seconds: 80), Timed("mltr-n", 32, seconds: 8_000), // one was slow: the median does not mind
        Timed("mltr-t", 32, seconds: 160),
    ]);

    [Fact]
    public void Grid_EachConfigurationByItsOwnSpeed_SharedByTheWorkers()
    {
        var spec = Sweep().Choice("variant", "mltr-n", "mltr-t").Choice("seed", 1, 2).Build();

        var estimate = SweepTimes.Estimate(spec, pictures: 100, workers: 2, Measured);

        Assert.Equal(TimeSpan.FromSeconds(30), estimate.PerTrial); // 2 passes of 100 pictures: 20 s, and 40 s
        Assert.Equal(TimeSpan.FromSeconds(60), estimate.Duration);
        Assert.Equal((4, 2, false, null), (estimate.Measured, estimate.Workers, estimate.IsMost, estimate.Unknown));
    }

    [Fact]
    public void Grid_OfManyConfigurations_WhoseFastestAxisDecides_TakesTheMean()
    {
        var spec = Sweep().Choice("seed", [.. Enumerable.Range(1, 4_000).Select(seed => (ParameterValue)ParameterValue.Of((long)seed))]).Choice("variant", "mltr-n", "mltr-t").Build();

        Assert.InRange(SweepTimes.Estimate(spec, 100, 1, Measured).PerTrial!.Value.TotalSeconds, 28, 32); // of 20 s and 40 s
    }

    [Fact]
    public void NoWorker_CountsAsOne_AndALimitOfTheSweepCounts()
    {
        var spec = Sweep().Choice("variant", "mltr-n").Choice("seed", 1, 2, 3).Build();

        Assert.Equal(TimeSpan.FromSeconds(60), SweepTimes.Estimate(spec, 100, workers: 0, Measured).Duration);
        Assert.Equal(TimeSpan.FromSeconds(20), SweepTimes.Estimate(spec, 100, workers: 8, Measured).Duration);
        Assert.Equal(TimeSpan.FromSeconds(60), SweepTimes.Estimate(spec with { MaxParallelTrials = 1 }, 100, workers: 8, Measured).Duration);
    }

    [Fact]
    public void WhatWasNeverMeasured_IsNamed()
    {
        var spec = Sweep().Choice("variant", "mltr-n", "mltr-s").Build();

        Assert.Equal("No trial of mltr-s at 32 px in fp32 has run here to its end yet.", SweepTimes.Estimate(spec, 100, 1, Measured).Unknown);
        Assert.Contains("How many pictures marks has", SweepTimes.Estimate(spec, null, 1, Measured).Unknown, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_PassesFromARange_TakesTheirMean_AndAStoppingRuleMakesItTheMost()
    {
        var spec = Sweep().Choice("variant", "mltr-n").Build() with
        {
            Parameters = [.. Sweep().Choice("variant", "mltr-n").Build().Parameters.Where(axis => axis.Name != "passes"), new IntParameter("passes", 1, 9)],
            Search = new SearchSpec(SearchKind.Random, TrialBudget: 10),
            Stopping = new StoppingSpec(StoppingKind.Median),
        };

        var estimate = SweepTimes.Estimate(spec, 100, 1, Measured);

        Assert.True(estimate.IsMost);
        Assert.InRange(estimate.PerTrial!.Value.TotalSeconds, 48, 52); // 5 passes
        Assert.Equal(estimate.PerTrial * 10, estimate.Duration);
    }

    private static SweepBuilder Sweep() => SweepBuilder.Named("Some").On("marks").Fixed("image_size", 32).Fixed("passes", 2);

    private static TimedTrial Timed(string variant, long size, double seconds) => new(
        ImmutableSortedDictionary<string, ParameterValue>.Empty.Add("variant", ParameterValue.Of(variant)).Add("image_size", ParameterValue.Of(size)).Add("batch_size", ParameterValue.Of(8L)),
        100, TimeSpan.FromSeconds(seconds));
}
