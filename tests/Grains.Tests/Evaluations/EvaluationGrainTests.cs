using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;
using MlTr.Grains.Evaluations;
using MlTr.Grains.Scheduling;
using MlTr.Grains.Tests.Fakes;
using MlTr.Grains.Tests.Storage;
using MlTr.Grains.Trials;
using Orleans.Core.Internal;

namespace MlTr.Grains.Tests.Evaluations;

public sealed class EvaluationGrainTests(PlatformFixture platform)
{
    private readonly TrialId _trial = new($"evaluated-{Guid.NewGuid():N}", 1);
    private readonly TaskCompletionSource _release = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_FreeWorkers_ShareThePartsAndTheFiguresAreKept()
    {
        await SaveTrialAsync();

        var started = await platform.Client.StartEvaluationAsync(new EvaluationSpec(_trial, Split: "train", ImageSize: 96), "ada");
        var done = await UntilAsync(started.Id, one => one.IsFinal);
        var listed = Assert.Single(await platform.Client.ListEvaluationsAsync(_trial));

        Assert.Equal((EvaluationState.Completed, 1.0, FakeEvaluator.Parts), (done.State, done.Progress, done.Metrics["mAP"]));
        Assert.Equal((10, "marks", "train", 96), (done.Step, done.Spec.Dataset, done.Spec.Split, done.Spec.ImageSize));
        Assert.Equal(0.5, done.ClassAveragePrecision["a"]);
        Assert.Equal((done.Id, done.State), (listed.Id, listed.State));
        Assert.Equal([1, 2, 3, 4], Runs.Select(run => run.Id.Number).Order());
        Assert.Contains(started.Id, platform.Evaluator.Deleted);
        var events = await platform.Store.LoadEventsAsync(_trial.SweepId, _trial.Number, Ct);
        Assert.Equal([("evaluation-started", "ada"), ("evaluation-completed", "ada")], events.Select(happened => (happened.Kind, happened.By)));
    }

    [Fact]
    public async Task DeleteCheckpoint_WhileItIsEvaluated_IsRefused_AndAllowedAfterwards()
    {
        await SaveTrialAsync();
        var row = (await platform.Store.LoadTrialAsync(_trial, Ct))!;
        await platform.Store.SaveTrialAsync(new(row) { Attempt = new AttemptSnapshot(1, 1, "w", AttemptState.Completed, SomeRow.Time, SomeRow.Time, 0, null, null), AttemptNumber = 1, Checkpoints = [new(1, 10, "best", 1, "00", SomeRow.Time)] }, Ct);
        Hold(run => run is { Id.Number: 1 });
        var started = await platform.Client.StartEvaluationAsync(new EvaluationSpec(_trial));
        var saved = Assert.Single((await platform.Client.GetTrialAsync(_trial)).Checkpoints);
        Assert.Equal(saved.Step, started.Step);

        var refused = await Assert.ThrowsAsync<CheckpointException>(() => platform.Client.DeleteCheckpointAsync(_trial, saved.Attempt, saved.Step));
        _release.TrySetResult();
        await UntilAsync(started.Id, one => one.IsFinal);

        Assert.Contains("It is being evaluated on marks, validation", refused.Message, StringComparison.Ordinal);
        await platform.Client.DeleteCheckpointAsync(_trial, saved.Attempt, saved.Step);
    }

    [Fact]
    public async Task Worker_LostInAPart_AnotherOneComputesItAndTheLateReportIsFenced()
    {
        await SaveTrialAsync();
        Hold(run => run is { Epoch: 1, Id.Number: 1 });
        var started = await platform.Client.StartEvaluationAsync(new EvaluationSpec(_trial));
        var held = await UntilAsync(started.Id, one => one.Parts[0] is { State: PartState.Running, Done: 4 });

        await Scheduler.WorkerExitedAsync(held.Parts[0].Worker!, "killed", asked: false);
        await UntilAsync(started.Id, one => one.IsFinal || one.Parts[0] is { State: PartState.Done });
        var late = await Reports(started.Id).EndAsync(1, 1, new AttemptEnd(AttemptState.Completed, "late"), "late");
        _release.TrySetResult();
        var done = await UntilAsync(started.Id, one => one.IsFinal);

        Assert.True(late.IsRefused);
        Assert.Equal(TrialDirective.Refused, await Reports(started.Id).ReportAsync(1, 1, 9));
        Assert.Equal((EvaluationState.Completed, FakeEvaluator.Parts), (done.State, done.Metrics["mAP"]));
        Assert.Equal(FakeEvaluator.Parts + 1, Runs.Count());
        var row = await platform.Store.LoadEvaluationAsync(started.Id, Ct);
        Assert.Equal(["part-1-epoch-2", "part-2-epoch-1", "part-3-epoch-1", "part-4-epoch-1"], row!.Parts.Select(part => part.File));
    }

    [Fact]
    public async Task Grains_RestartedInTheMiddle_OnlyMissingPartsAreComputed()
    {
        await SaveTrialAsync();
        Hold(run => run.Id.Number == 3);
        var started = await platform.Client.StartEvaluationAsync(new EvaluationSpec(_trial));
        await UntilAsync(started.Id, one => one.Parts[2].State == PartState.Running && one.Parts.Count(part => part.State == PartState.Done) >= 2);

        await Reports(started.Id).AsReference<IGrainManagementExtension>().DeactivateOnIdle(Ct);
        await Scheduler.AsReference<IGrainManagementExtension>().DeactivateOnIdle(Ct);
        await Reports(started.Id).WakeAsync();
        _release.TrySetResult();
        var done = await UntilAsync(started.Id, one => one.IsFinal);

        Assert.Equal((EvaluationState.Completed, FakeEvaluator.Parts), (done.State, done.Metrics["mAP"]));
        Assert.Equal([1, 2, 3, 4], Runs.Select(run => run.Id.Number).Order());
    }

    /// <summary>The control process dies after the last part and before the figures.</summary>
    [Fact]
    public async Task Wake_EverythingIsComputed_Merges()
    {
        await SaveTrialAsync();
        var id = EvaluationIds.New(_trial, TimeProvider.System.GetUtcNow());
        var parts = Enumerable.Range(1, 2).Select(number => new PartRow(number, PartState.Done, 5, 1, "w1", File: $"file-{number}"));
        await platform.Store.SaveEvaluationAsync(
            new EvaluationRow(id, new EvaluationSpec(_trial, "marks"), EvaluationState.Running, "", new EvaluationPlan("c", 1, 64, ["a"], [5, 5]), [.. parts], EvaluationFigures.None, "cpu", "ada", SomeRow.Time, null, 0), [], Ct);

        await Reports(id).WakeAsync();
        var done = await UntilAsync(id, one => one.IsFinal);

        Assert.Equal((EvaluationState.Completed, 2), (done.State, done.Metrics["mAP"]));
        Assert.Empty(Runs);
    }

    [Fact]
    public async Task Cancel_StopsItsPartsAndFreesTheWorkers()
    {
        await SaveTrialAsync();
        Hold(_ => true);
        var started = await platform.Client.StartEvaluationAsync(new EvaluationSpec(_trial));
        var running = await UntilAsync(started.Id, one => one.Parts.Any(part => part.Done == 4));
        var busy = (await platform.Client.GetSchedulerAsync()).Workers.Where(worker => worker.Part?.Evaluation == started.Id).ToList();

        var cancelled = await platform.Client.CancelEvaluationAsync(started.Id, "wrong size", "ada");
        await UntilPoolAsync(pool => !pool.Workers.Any(worker => worker.Part?.Evaluation == started.Id) && !pool.Queue.Any(entry => entry.Part?.Evaluation == started.Id));
        var again = await platform.Client.CancelEvaluationAsync(started.Id, "again");

        Assert.NotEmpty(busy);
        Assert.All(busy, worker => Assert.Equal((WorkerState.Busy, null), (worker.State, worker.Trial)));
        Assert.Equal(EvaluationState.Running, running.State);
        Assert.Equal((EvaluationState.Cancelled, "wrong size"), (cancelled.State, cancelled.Reason));
        Assert.Equal((cancelled.State, cancelled.Reason, cancelled.EndedAt), (again.State, again.Reason, again.EndedAt));
        Assert.Equal(["evaluation-started", "evaluation-cancelled"], (await platform.Store.LoadEventsAsync(_trial.SweepId, 1, Ct)).Select(happened => happened.Kind));
    }

    [Fact]
    public async Task Part_ThatFails_EndsTheEvaluationWithItsReason()
    {
        await SaveTrialAsync();
        platform.Evaluator.OnPicture(_trial.SweepId, (run, picture, _) =>
        {
            if (run.Id.Number == 2 && picture == 3)
            {
                throw new TrialFailedException("the checkpoint is gone", FailureKind.Data);
            }
        });

        var started = await platform.Client.StartEvaluationAsync(new EvaluationSpec(_trial));
        var ended = await UntilAsync(started.Id, one => one.IsFinal);

        Assert.Equal(EvaluationState.Failed, ended.State);
        Assert.EndsWith("the checkpoint is gone", ended.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Begin_AnotherKindOfDevice_IsRefused()
    {
        await SaveTrialAsync();
        var id = EvaluationIds.New(_trial, TimeProvider.System.GetUtcNow());
        await platform.Store.SaveEvaluationAsync(
            new EvaluationRow(id, new EvaluationSpec(_trial, "marks"), EvaluationState.Running, "", new EvaluationPlan("c", 1, 64, ["a"], [5]), [new PartRow(1, PartState.Waiting, 5)], EvaluationFigures.None, "cuda", "ada", SomeRow.Time, null, 0), [], Ct);

        Assert.Null(await Reports(id).BeginAsync(1, 1, "w9", "cpu"));
        Assert.Equal("cuda:1", (await Reports(id).BeginAsync(1, 1, "w8", "cuda:1"))!.Device);

        await platform.Client.CancelEvaluationAsync(id);
    }

    [Fact]
    public async Task Start_WhatCannotBe_IsRefusedInOneSentence()
    {
        await SaveTrialAsync();
        async Task<string> RefusedAsync(EvaluationSpec spec) => (await Assert.ThrowsAsync<EvaluationException>(() => platform.Client.StartEvaluationAsync(spec))).Message;

        Assert.Equal("There is no split 'missing'.", await RefusedAsync(new EvaluationSpec(_trial, Split: "missing")));
        Assert.Equal("An image size is 1 to 4096 pixels.", await RefusedAsync(new EvaluationSpec(_trial, ImageSize: 0)));
        Assert.Equal("The pictures of broken have not been read yet: prepare it first.", await RefusedAsync(new EvaluationSpec(_trial, "broken")));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => platform.Client.StartEvaluationAsync(new EvaluationSpec(_trial, "nothing")));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => platform.Client.StartEvaluationAsync(new EvaluationSpec(new TrialId("nobody", 1))));
        Assert.Empty(await platform.Client.ListEvaluationsAsync(_trial));
    }

    private IEnumerable<PartAssignment> Runs => platform.Evaluator.Runs.Where(run => run.Id.Trial == _trial);

    private ISchedulerWorkers Scheduler => platform.Grains.GetGrain<ISchedulerWorkers>(ISchedulerGrain.DefaultPool);

    private IEvaluationReports Reports(string id) => platform.Grains.GetGrain<IEvaluationReports>(id);

    /// <summary>Parts wait before their fifth picture until the test releases them.</summary>
    private void Hold(Func<PartAssignment, bool> held) => platform.Evaluator.OnPicture(_trial.SweepId, (run, picture, cancel) =>
    {
        if (picture == 5 && held(run))
        {
            _release.Task.Wait(cancel);
        }
    });

    private async Task SaveTrialAsync()
    {
        await platform.Client.PrepareDatasetAsync(FakeDatasetSource.Good);
        await PollAsync(() => platform.Client.GetDatasetAsync(FakeDatasetSource.Good), dataset => dataset.State == DatasetState.Ready);
        await platform.Store.SaveSweepAsync(SomeRow.Sweep(_trial.SweepId, SweepState.Completed), [SomeRow.Trial(_trial.SweepId, _trial.Number, TrialState.Completed)], [], Ct);
    }

    private Task<EvaluationSnapshot> UntilAsync(string id, Func<EvaluationSnapshot, bool> condition) => PollAsync(() => platform.Client.GetEvaluationAsync(id), condition);

    private Task<SchedulerSnapshot> UntilPoolAsync(Func<SchedulerSnapshot, bool> condition) => PollAsync(() => platform.Client.GetSchedulerAsync(), condition);

    private static async Task<T> PollAsync<T>(Func<Task<T>> look, Func<T, bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            var seen = await look();
            if (condition(seen))
            {
                return seen;
            }

            await Task.Delay(20, limit.Token);
        }
    }
}
