using System.Collections.Immutable;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Trials;

namespace MlTr.Grains.Tests.Trials;

/// <summary>What failed is tried again by itself only where that can help.</summary>
public sealed class RetryTests(PlatformFixture platform)
{
    [Fact]
    public async Task Disk_FullTwice_IsTriedAgainFromTheCheckpointAndEndsWithItsResult()
    {
        var (trial, attempts) = await RunAsync(new RetrySpec(Max: 2), FailureKind.Disk, times: 2);

        Assert.Equal(TrialState.Completed, trial.State);
        Assert.Equal([AttemptState.Failed, AttemptState.Failed, AttemptState.Completed], attempts.Select(attempt => attempt.State));
        Assert.Equal([FailureKind.Disk, FailureKind.Disk, null], attempts.Select(attempt => attempt.Failure));
        Assert.All(attempts.Take(2), attempt => Assert.Contains("is tried again in", attempt.Reason, StringComparison.Ordinal));
        Assert.Equal([0L, 4, 4], attempts.Select(attempt => attempt.ResumedFromStep));
    }

    [Fact]
    public async Task Disk_FullMoreOftenThanAllowed_FailsWithTheReason()
    {
        var (trial, attempts) = await RunAsync(new RetrySpec(Max: 1), FailureKind.Disk, times: 9);

        Assert.Equal((TrialState.Failed, 2), (trial.State, attempts.Length));
        Assert.Equal("no luck: Disk", trial.Reason);
        Assert.Equal(["no luck: Disk", "no luck: Disk"], (await platform.Client.GetLogAsync(trial.Id)).Where(line => line.Level == "error").Select(line => line.Text));
    }

    [Theory]
    [InlineData(FailureKind.NotFinite)]
    [InlineData(FailureKind.Configuration)]
    [InlineData(FailureKind.Data)]
    [InlineData(FailureKind.Unexpected)]
    [InlineData(FailureKind.OutOfMemory)] // nobody asked for a split batch
    public async Task WhatFailsAgain_IsNotTriedAgain(FailureKind kind)
    {
        var (trial, attempts) = await RunAsync(null, kind, times: 1);

        Assert.Equal((TrialState.Failed, kind), (trial.State, Assert.Single(attempts).Failure));
    }

    [Fact]
    public async Task OutOfMemory_WithASplitBatch_GetsTwiceAsManyPartsEachTime()
    {
        var (trial, attempts) = await RunAsync(new RetrySpec(Max: 3, SplitBatch: true), FailureKind.OutOfMemory, times: 2);

        Assert.Equal((TrialState.Completed, 3), (trial.State, attempts.Length));
        Assert.Equal([1L, 2, 4], platform.Runner.Runs.Where(run => run.Id == trial.Id).OrderBy(run => run.Attempt).Select(run => run.Parameters["accumulation_parts"].AsInt));
        Assert.All(platform.Runner.Runs.Where(run => run.Id == trial.Id), run => Assert.Equal(8, run.Parameters["batch_size"].AsInt));
        Assert.False(trial.Parameters.ContainsKey("accumulation_parts"));
    }

    [Fact]
    public async Task OutOfMemory_WithOnePictureAPart_FailsInsteadOfTryingForEver()
    {
        var (trial, attempts) = await RunAsync(new RetrySpec(Max: 20, SplitBatch: true), FailureKind.OutOfMemory, times: 99);

        Assert.Equal((TrialState.Failed, 4), (trial.State, attempts.Length)); // in 1, 2, 4 and 8 parts
    }

    private async Task<(TrialSnapshot Trial, ImmutableArray<AttemptSnapshot> Attempts)> RunAsync(RetrySpec? retries, FailureKind kind, int times)
    {
        var id = $"retry-{Guid.NewGuid():N}";
        var failures = 0;
        platform.Runner.OnStep(id, (_, step, _) =>
        {
            if (step == 5 && Interlocked.Increment(ref failures) <= times)
            {
                throw kind == FailureKind.Unexpected ? new InvalidOperationException("no luck") : new TrialFailedException($"no luck: {kind}", kind);
            }
        });
        var spec = new SweepSpec(
            "retry",
            "marks",
            [new ChoiceParameter("learning_rate", [0.1]), new ChoiceParameter("batch_size", [8L])],
            new SearchSpec(SearchKind.Grid),
            new Objective(MetricNames.MeanAveragePrecision))
        {
            Retries = retries,
        };
        await platform.Grains.GetGrain<ISweepGrain>(id).StartAsync(spec, "test");
        await platform.UntilAsync(id, sweep => sweep.EndedAt is not null);
        var details = await platform.Client.GetTrialAsync(new TrialId(id, 1));
        return (details.Trial, details.Attempts);
    }
}
