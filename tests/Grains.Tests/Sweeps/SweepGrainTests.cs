using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Tests.Fakes;
using MlTr.Grains.Trials;

namespace MlTr.Grains.Tests.Sweeps;

public sealed class SweepGrainTests(PlatformFixture platform)
{
    [Fact]
    public async Task Start_GridOfSix_RunsEachTrialOnceAndRanksThem()
    {
        var id = await platform.Client.StartSweepAsync(SweepTemplates.FirstSweep, "test");

        var sweep = await platform.UntilAsync(id, sweep => sweep.IsFinal);

        Assert.Equal(SweepState.Completed, sweep.State);
        Assert.Equal(1, sweep.Progress);
        Assert.Equal(6, platform.Runner.Runs.Count(run => run.Id.SweepId == id));
        var board = await platform.Client.GetLeaderboardAsync(id);
        Assert.Equal(6, board.Rows.Length);
        Assert.Equal(board.Rows.Select(row => row.Trial.Objective).OrderDescending(), board.Rows.Select(row => row.Trial.Objective));
        Assert.Equal(1e-2, board.Rows[0].Trial.Parameters["learning_rate"].AsFloat);
        Assert.Contains((await platform.Client.GetLeaderboardAsync()).Rows, row => row.Trial.Id.SweepId == id);
        Assert.Equal(board.Rows.Take(2).Select(row => row.Trial.Id), (await platform.Client.GetTopAsync(2, id)).Rows.Select(row => row.Trial.Id));
        Assert.Single((await platform.Client.GetTopAsync(1)).Rows);
        Assert.Contains(await platform.Client.ListSweepsAsync(), listed => listed.Id == id);
    }

    [Fact]
    public async Task Start_Twice_ChangesNothing()
    {
        var id = await platform.Client.StartSweepAsync(One());
        await platform.Grains.GetGrain<ISweepGrain>(id).StartAsync(SweepTemplates.FirstSweep, "again");

        Assert.Single(await platform.Client.GetTrialsAsync(id));
        await platform.UntilAsync(id, sweep => sweep.IsFinal);
    }

    [Fact]
    public async Task Start_UnknownDataset_IsRefusedWithTheKnownOnesAndLeavesNothing()
    {
        var error = await Assert.ThrowsAsync<SweepSpecException>(() => platform.Client.StartSweepAsync(One() with { Dataset = "imagenet" }));

        Assert.Equal("dataset", Assert.Single(error.Errors).Field);
        Assert.Contains("marks", error.Message, StringComparison.Ordinal);
        var more = await Assert.ThrowsAsync<SweepSpecException>(() => platform.Client.StartSweepAsync(One() with { Dataset = "mark", Priority = 1_000 }));
        Assert.Equal(["dataset", "priority"], more.Errors.Select(one => one.Field).Order());
        Assert.Contains("Did you mean marks?", more.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_BrokenDataset_FailsEveryTrialWithTheReason()
    {
        var id = await platform.Client.StartSweepAsync(One() with { Dataset = FakeDatasetSource.Broken });

        var sweep = await platform.UntilAsync(id, sweep => sweep.IsFinal);

        Assert.Equal(SweepState.Failed, sweep.State);
        Assert.Contains("byte 17", Assert.Single(await platform.Client.GetTrialsAsync(id)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancel_WhileOneRuns_StopsItAtItsNextStepAndRunsNoOther()
    {
        var id = await StartHeldAsync(SweepTemplates.FirstSweep with { MaxParallelTrials = 1 }, heldAt: 3);
        await platform.UntilAsync(id, sweep => sweep.Counts[TrialState.Running] == 1);

        await platform.Client.CancelSweepAsync(id, "enough seen");
        var sweep = await platform.UntilAsync(id, sweep => sweep.EndedAt is not null);

        Assert.Equal(SweepState.Cancelled, sweep.State);
        Assert.All(await platform.Client.GetTrialsAsync(id), trial => Assert.Equal(TrialState.Cancelled, trial.State));
        Assert.Equal(1, platform.Runner.Runs.Count(run => run.Id.SweepId == id));
    }

    [Fact]
    public async Task Runner_ThatFails_FailsItsTrialOnlyAndTheReasonIsKept()
    {
        var id = await platform.Client.StartSweepAsync(SweepTemplates.FirstSweep with { Name = "fails" });
        platform.Runner.OnStep(id, (trial, step, _) =>
        {
            if (trial.Id.Number == 2 && step == 5)
            {
                throw new TrialFailedException("the loss became NaN at step 5");
            }
        });

        var sweep = await platform.UntilAsync(id, sweep => sweep.IsFinal);

        Assert.Equal((SweepState.Failed, 5, 1), (sweep.State, sweep.Counts[TrialState.Completed], sweep.Counts[TrialState.Failed]));
        var details = await platform.Client.GetTrialAsync(new TrialId(id, 2));
        Assert.Equal("the loss became NaN at step 5", details.Trial.Reason);
        Assert.Equal(AttemptState.Failed, Assert.Single(details.Attempts).State);
    }

    [Fact]
    public async Task Trial_WithItsReports_HasCurvesLogAndEvents()
    {
        var id = await platform.Client.StartSweepAsync(One());
        await platform.UntilAsync(id, sweep => sweep.IsFinal);
        var trial = new TrialId(id, 1);

        var curves = await platform.Client.GetCurvesAsync(trial);
        var details = await platform.Client.GetTrialAsync(trial);
        var log = await platform.Client.GetLogAsync(trial);

        Assert.Equal(Enumerable.Range(1, FakeTrialRunner.Steps).Select(step => (long)step), curves.Single(curve => curve.Name == MetricNames.TrainLoss).Points.Select(point => point.Step));
        Assert.Equal(["attempt-started", "trial-completed"], details.Events.Select(happened => happened.Kind));
        Assert.Equal("starts at 0", Assert.Single(log).Text);
        Assert.Equal("mltr-n", details.AllParameters["variant"].AsText);
    }

    [Fact]
    public async Task Watch_WhileRunning_BringsEveryPointOnce()
    {
        var id = await StartHeldAsync(One(), heldAt: 1);
        var seen = new List<(string, long)>();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));

        await foreach (var change in platform.Client.WatchSweepAsync(id, limit.Token))
        {
            _release.TrySetResult();
            seen.AddRange((change.Points?.Points ?? []).Select(point => (point.Name, point.Step)));
            if (change.Sweep is { IsFinal: true })
            {
                break;
            }
        }

        Assert.Equal(FakeTrialRunner.Steps + 1, seen.Count);
        Assert.Equal(seen.Count, seen.Distinct().Count());
    }

    [Fact]
    public async Task GetSnapshot_UnknownSweep_SaysSo() =>
        Assert.Contains("nowhere", (await Assert.ThrowsAsync<KeyNotFoundException>(() => platform.Client.GetSweepAsync("nowhere"))).Message, StringComparison.Ordinal);

    private readonly TaskCompletionSource _release = new();

    private async Task<string> StartHeldAsync(SweepSpec spec, int heldAt)
    {
        var id = $"held-{Guid.NewGuid():N}";
        platform.Runner.OnStep(id, (_, step, stop) =>
        {
            if (step == heldAt)
            {
                using var registration = stop.Register(() => _release.TrySetResult());
                _release.Task.Wait(TimeSpan.FromSeconds(60), CancellationToken.None);
            }
        });
        await platform.Grains.GetGrain<ISweepGrain>(id).StartAsync(spec, "test");
        return id;
    }

    private static SweepSpec One() => SweepTemplates.FirstSweep with
    {
        Name = "one",
        Parameters = [new ChoiceParameter("learning_rate", [ParameterValue.Of(0.01)])],
    };
}
