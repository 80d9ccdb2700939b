using System.Collections.Immutable;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Tests.Fakes;
using MlTr.Grains.Tests.Storage;

namespace MlTr.Grains.Tests.Evaluations;

public sealed class EvaluationWatchTests(PlatformFixture platform)
{
    private readonly TrialId _trial = new($"watched-{Guid.NewGuid():N}", 1);

    [Fact]
    public async Task Watch_OneThatIsStarted_ComesWithItsProgressAndItsEnd()
    {
        await SaveTrialAsync();
        var release = new TaskCompletionSource();
        platform.Evaluator.OnPicture(_trial.SweepId, (run, picture, cancel) =>
        {
            if (picture == 5 && run.Id.Number == 1)
            {
                release.Task.Wait(cancel);
            }
        });
        await using var watch = new Watch<ImmutableArray<EvaluationSnapshot>>(limit => platform.Client.WatchEvaluationsAsync(_trial, limit));
        Assert.Empty(await watch.NextAsync());

        var started = await platform.Client.StartEvaluationAsync(new EvaluationSpec(_trial));

        var running = await watch.UntilAsync(changed => changed is [{ Parts: [{ State: PartState.Running, Done: 4 }, ..] }]);
        release.SetResult();
        var ended = await watch.UntilAsync(changed => changed is [{ IsFinal: true }]);
        Assert.Equal((started.Id, started.Id, EvaluationState.Completed), (running[0].Id, ended[0].Id, ended[0].State));
        await using var later = new Watch<ImmutableArray<EvaluationSnapshot>>(limit => platform.Client.WatchEvaluationsAsync(_trial, limit));
        Assert.Equal(ended[0].Metrics, Assert.Single(await later.NextAsync()).Metrics);
    }

    private async Task SaveTrialAsync()
    {
        await platform.Client.PrepareDatasetAsync(FakeDatasetSource.Good);
        await using var watch = new Watch<DatasetSnapshot>(limit => platform.Client.WatchDatasetAsync(FakeDatasetSource.Good, limit));
        await watch.UntilAsync(dataset => dataset.State == DatasetState.Ready);
        await platform.Store.SaveSweepAsync(
            SomeRow.Sweep(_trial.SweepId, SweepState.Completed), [SomeRow.Trial(_trial.SweepId, _trial.Number, TrialState.Completed)], [], TestContext.Current.CancellationToken);
    }
}
