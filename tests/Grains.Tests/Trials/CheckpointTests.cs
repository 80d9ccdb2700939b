using System.Collections.Immutable;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Tests.Fakes;

namespace MlTr.Grains.Tests.Trials;

public sealed class CheckpointTests(PlatformFixture platform)
{
    private readonly string _sweep = "checkpoints-" + Guid.NewGuid().ToString("N");

    private TrialId Id => new(_sweep, 1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Details_NameTheStepWithTheHighestMap()
    {
        platform.Runner.EvaluateEachStep(_sweep);

        await RunAsync();

        Assert.Equal(FakeTrialRunner.Steps, (await platform.Client.GetTrialAsync(Id)).BestStep);
    }

    [Fact]
    public async Task Delete_AfterTheEnd_TakesTheRecordAndTheFiles_SaysWho_AndEveryWatcherHears()
    {
        await RunAsync();
        await using var watch = new Watch<SweepEvent>(limit => platform.Client.WatchSweepChangesAsync(_sweep, limit));
        await watch.NextAsync();

        await platform.Client.DeleteCheckpointAsync(Id, attempt: 1, step: 4, "too large", "ada");

        while ((await watch.NextAsync()).Trial?.Id != Id)
        {
        }

        var details = await platform.Client.GetTrialAsync(Id);
        Assert.Equal([10L, 8, 6, 2], details.Checkpoints.Select(saved => saved.Step));
        Assert.Equal(("checkpoint-deleted", "step 4 of attempt 1: too large", "ada"), (details.Events[^1].Kind, details.Events[^1].Reason, details.Events[^1].By));
        Assert.Equal([$"checkpoints/{Id}/4"], platform.Files.DeletedCheckpoints.Where(path => path.Contains(_sweep, StringComparison.Ordinal)));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => platform.Client.DeleteCheckpointAsync(Id, 1, 4));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => platform.Client.DeleteCheckpointAsync(new TrialId("nobody", 1), 1, 4));
    }

    [Fact]
    public async Task Delete_ThenRunAgain_TheSweepStillKnowsTheTrial()
    {
        var fails = true;
        platform.Runner.OnStep(_sweep, (_, step, _) =>
        {
            if (step == 5 && fails)
            {
                throw new InvalidOperationException("no luck");
            }
        });
        await RunAsync();
        await platform.Client.DeleteCheckpointAsync(Id, 1, 2);
        fails = false;

        Assert.Equal(1, await platform.Client.RetryTrialsAsync(_sweep));

        await platform.UntilAsync(_sweep, sweep => sweep.Counts.GetValueOrDefault(TrialState.Completed) == 1);
        Assert.Equal([4L], (await platform.Client.GetTrialAsync(Id)).Attempts.Skip(1).Select(attempt => attempt.ResumedFromStep));
    }

    [Fact]
    public async Task Delete_WhileItRuns_IsRefused()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        platform.Runner.OnStep(_sweep, (_, step, stop) =>
        {
            if (step == 5)
            {
                goOn.Task.Wait(stop);
            }
        });
        await StartAsync();
        await using (var watch = new Watch<SweepEvent>(limit => platform.Client.WatchSweepAsync(_sweep, limit)))
        {
            while ((await platform.Client.GetTrialAsync(Id)).Checkpoints.All(saved => saved.Step != 4))
            {
                await watch.NextAsync();
            }
        }

        var refused = await Assert.ThrowsAsync<CheckpointException>(() => platform.Client.DeleteCheckpointAsync(Id, 1, 4));

        goOn.SetResult();
        Assert.Contains("has not ended", refused.Message, StringComparison.Ordinal);
        await platform.UntilAsync(_sweep, sweep => sweep.IsFinal);
        Assert.Contains((await platform.Client.GetTrialAsync(Id)).Checkpoints, saved => saved.Step == 4);
    }

    [Fact]
    public async Task Delete_FilesThatStay_AreTold()
    {
        await RunAsync();
        platform.Files.Stuck[Id] = true;

        var error = await Assert.ThrowsAsync<CheckpointException>(() => platform.Client.DeleteCheckpointAsync(Id, 1, 4));

        Assert.Contains("The disk is read-only.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_GivesTheFiles_AndSaysWhatThereIsNot()
    {
        await RunAsync();

        var pieces = new List<byte>();
        await foreach (var piece in platform.Client.ReadCheckpointAsync(Id, 1, 8, Token))
        {
            pieces.AddRange(piece);
        }

        Assert.Equal([1, 8], pieces);
        await Assert.ThrowsAsync<KeyNotFoundException>(() => DrainAsync(platform.Client.ReadCheckpointAsync(Id, 1, 7, Token)));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => DrainAsync(platform.Client.ReadCheckpointAsync(new TrialId("nobody", 1), 1, 8, Token)));
    }

    private static async Task DrainAsync(IAsyncEnumerable<ImmutableArray<byte>> pieces)
    {
        await foreach (var _ in pieces)
        {
        }
    }

    private Task StartAsync() => platform.Grains.GetGrain<ISweepGrain>(_sweep).StartAsync(
        SweepTemplates.FirstSweep with { Parameters = [new ChoiceParameter("learning_rate", [ParameterValue.Of(0.1)])] }, "test");

    private async Task RunAsync()
    {
        await StartAsync();
        await platform.UntilAsync(_sweep, sweep => sweep.IsFinal);
    }
}
