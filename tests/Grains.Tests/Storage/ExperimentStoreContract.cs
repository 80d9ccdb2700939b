using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using MlTr.Abstractions.Accounts;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;
using MlTr.Grains.Evaluations;
using MlTr.Grains.Storage;

namespace MlTr.Grains.Tests.Storage;

/// <summary>What every <see cref="IExperimentStore"/> must do.</summary>
public abstract class ExperimentStoreContract : IAsyncLifetime
{
    private static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, IncludeFields = true };
    private static readonly TrialId First = new("s", 1);

    internal abstract IExperimentStore Store { get; }

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    [Fact]
    public async Task LoadSweep_Unknown_IsNull()
    {
        Assert.Null(await Store.LoadSweepAsync("nobody", Token));
        Assert.Null(await Store.LoadTrialAsync(new("nobody", 1), Token));
        Assert.Empty(await Store.LoadCurvesAsync(new("nobody", 1), [], Token));
        Assert.Null(await Store.LoadTrialHistoryAsync(new("nobody", 1), Token));
        Assert.Empty(await Store.LoadCheckpointsAsync(new("nobody", 1), Token));
        Assert.Empty(await Store.LoadEventsAsync("nobody", null, Token));
        Assert.Empty(await Store.LoadLogAsync(new("nobody", 1), 0, 0, 10, Token));
        Assert.Null(await Store.LoadDatasetAsync("nobody", Token));
        Assert.Null(await Store.LoadShardAsync("nobody", "train", 0, Token));
    }

    [Fact]
    public async Task SaveEvaluation_ReadsBackWithEveryField_IsListed_AndGoesWithItsSweep()
    {
        await Store.SaveSweepAsync(SomeRow.Sweep("s"), [SomeRow.Trial("s", 1)], [], Token);
        EvaluationRow older = SomeRow.Evaluation(First, 1), newer = SomeRow.Evaluation(First, 2);

        await Store.SaveEvaluationAsync(older, [SomeRow.Event("s", 1, "evaluation-started")], Token);
        await Store.SaveEvaluationAsync(newer, [], Token);
        var running = older.With(older.Part(2) with { State = PartState.Done, Epoch = 9, Worker = "w", Losses = 2, File = "f" }) with { Version = 1, Device = "cpu", State = EvaluationState.Running };
        await Store.SaveEvaluationAsync(running, [], Token);
        await Store.SaveEvaluationAsync(newer with { Version = 1, EndedAt = SomeRow.Time }, [], Token);

        Same(running with { Version = 2 }, await Store.LoadEvaluationAsync(older.Id, Token));
        Same(running with { Version = 2 }, Assert.Single(await Store.ListUnfinishedEvaluationsAsync(Token)));
        Assert.Equal([newer.Id, older.Id], await Store.ListEvaluationsAsync(First, Token));
        Assert.Empty(await Store.ListEvaluationsAsync(new("s", 2), Token));
        Assert.Single(await Store.LoadEventsAsync("s", 1, Token));
        await Assert.ThrowsAsync<StaleVersionException>(() => Store.SaveEvaluationAsync(running, [], Token));
        await Assert.ThrowsAsync<StaleVersionException>(() => Store.SaveEvaluationAsync(SomeRow.Evaluation(new("gone", 1), 1), [], Token));

        await Store.RemoveSweepAsync("s", 1, Token);
        Assert.Null(await Store.LoadEvaluationAsync(older.Id, Token));
        await Assert.ThrowsAsync<StaleVersionException>(() => Store.SaveEvaluationAsync(running with { Version = 2 }, [], Token));
    }

    [Fact]
    public async Task SaveSweep_New_ReadsBackWithEveryField()
    {
        await Store.SaveSweepAsync(SomeRow.Sweep("s"), [SomeRow.Trial("s", 2), SomeRow.Trial("s", 1, TrialState.Running, 0.5)], [], Token);

        var (sweep, trials) = (await Store.LoadSweepAsync("s", Token))!.Value;

        Same(SomeRow.Sweep("s") with { Version = 1 }, sweep);
        Assert.Equal(SomeRow.Spec().Parameters, sweep.Spec.Parameters);
        SameRows([SomeRow.Trial("s", 1, TrialState.Running, 0.5) with { Version = 1 }, SomeRow.Trial("s", 2) with { Version = 1 }], trials);
        Same(trials[0], await Store.LoadTrialAsync(First, Token));
    }

    [Fact]
    public async Task Digest_IsWhatTheSweepsOwnGrainsWouldShow()
    {
        var ended = SomeRow.Sweep("s", SweepState.Failed);
        NewEvent At(string kind, int minute) => SomeRow.Event("s", null, kind) with { Time = SomeRow.Time.AddMinutes(minute) };
        await Store.SaveSweepAsync(
            ended,
            [SomeRow.Trial("s", 1, TrialState.Completed, 0.5), SomeRow.Trial("s", 2, TrialState.Completed, 0.25), SomeRow.Trial("s", 3, TrialState.Failed)],
            [At("sweep-paused", 1), At("sweep-resumed", 11)],
            Token);
        await Store.SaveSweepAsync(SomeRow.Sweep("empty", SweepState.Cancelled), [], [], Token);
        await Store.SaveNoteAsync(new NoteRow("s", NoteRow.OfSweep, ["night"], ""), SomeRow.Event("s", null, "tags-changed"), Token);

        var (none, some) = await Store.DigestAsync([SomeRow.Sweep("empty", SweepState.Cancelled), ended], Token) is [var first, var second] ? (first, second) : throw new InvalidOperationException("two");

        Assert.Equal(("empty", 0, null), (none.Id, none.TrialCount, none.Best));
        Assert.Equal((2, 1, 3), (some.Counts[TrialState.Completed], some.Counts[TrialState.Failed], some.TrialCount));
        Assert.Equal(2.1 / 3, some.Progress, 12);
        Same(SomeRow.Trial("s", 2, TrialState.Completed, 0.25).Trial, some.Best!); // the lowest is best here, with its parameters and metrics
        Assert.Equal((TimeSpan.FromMinutes(10), null, "ada"), (some.PausedFor, some.PausedAt, some.StartedBy));
        Assert.Equal(["night"], some.Tags);
    }

    [Fact]
    public async Task SaveSweep_BareRows_ReadBackWithTheirNulls()
    {
        var trial = SomeRow.Trial("s", 1);
        var bare = trial with { Trial = trial.Trial with { Worker = null, Reason = null, StartedAt = null, EndedAt = null, Objective = double.NaN } };
        await Store.SaveSweepAsync(SomeRow.Sweep("s"), [bare], [], Token);

        var loaded = (await Store.LoadTrialAsync(First, Token))!;

        Same(bare with { Version = 1, Trial = bare.Trial with { Objective = null } }, loaded); // a NaN cannot be ranked
    }

    [Fact]
    public async Task SaveSweep_Again_UpdatesSweepAndTrials()
    {
        await StartAsync(trials: 1);

        var done = SomeRow.Sweep("s", SweepState.Cancelled) with { Version = 1, Search = new(9, false), EndedAt = SomeRow.Time };
        var cancelled = SomeRow.Trial("s", 1, TrialState.Cancelled) with { Version = 1, Epoch = 8 };
        await Store.SaveSweepAsync(done, [cancelled, SomeRow.Trial("s", 2)], [SomeRow.Event("s", null, "cancelled")], Token);

        var (sweep, trials) = (await Store.LoadSweepAsync("s", Token))!.Value;
        Same(done with { Version = 2 }, sweep);
        SameRows([cancelled with { Version = 2 }, SomeRow.Trial("s", 2) with { Version = 1 }], trials);
    }

    [Theory]
    [InlineData(0, 1, 0)] // the sweep is there already
    [InlineData(2, 1, 0)] // the sweep is not so far yet
    [InlineData(1, 0, 0)] // trial 1 is there already
    [InlineData(1, 3, 0)] // trial 1 is not so far yet
    [InlineData(1, 1, 1)] // trial 2 is not there
    public async Task SaveSweep_AnyRowStale_ChangesNothingAtAll(long sweepVersion, long firstVersion, long secondVersion)
    {
        await StartAsync(trials: 1);
        var before = (await Store.LoadSweepAsync("s", Token))!.Value;

        await Assert.ThrowsAsync<StaleVersionException>(() => Store.SaveSweepAsync(
            SomeRow.Sweep("s", SweepState.Failed) with { Version = sweepVersion },
            [
                SomeRow.Trial("s", 1, TrialState.Failed) with { Version = firstVersion },
                SomeRow.Trial("s", 2) with { Version = secondVersion },
                SomeRow.Trial("s", 3),
            ],
            [SomeRow.Event("s", 1, "failed")],
            Token));

        var after = (await Store.LoadSweepAsync("s", Token))!.Value;
        Same(before, after);
        Assert.Empty(await Store.LoadEventsAsync("s", null, Token));
    }

    [Fact]
    public async Task SaveTrial_Stale_ChangesNothingAtAll()
    {
        await StartAsync(trials: 1);
        var before = await Store.LoadTrialAsync(First, Token);

        await Assert.ThrowsAsync<StaleVersionException>(() => Store.SaveTrialAsync(FullChange(version: 2), Token));
        await Assert.ThrowsAsync<StaleVersionException>(() => Store.SaveTrialAsync(FullChange(version: 0), Token));

        Same(before, await Store.LoadTrialAsync(First, Token));
        Assert.Empty((await Store.LoadTrialHistoryAsync(First, Token))!.Attempts);
        Assert.Empty(await Store.LoadCurvesAsync(First, [], Token));
        Assert.Empty(await Store.LoadLogAsync(First, 0, 0, 100, Token));
        Assert.Empty(await Store.LoadCheckpointsAsync(First, Token));
        Assert.Empty(await Store.LoadEventsAsync("s", null, Token));
    }

    [Fact]
    public async Task Measure_SumsTheCheckpointsOfAllTrials()
    {
        var (_, before) = await Store.MeasureAsync(Token);
        await StartAsync(trials: 1);
        await Store.SaveTrialAsync(new(SomeRow.Trial("s", 1) with { Version = 1 }) { Attempt = SomeRow.Attempt(1), AttemptNumber = 1, Checkpoints = [SomeRow.Checkpoint(1, 10, "a"), SomeRow.Checkpoint(1, 20, "b")] }, Token);

        var (_, after) = await Store.MeasureAsync(Token);

        Assert.Equal(2 * SomeRow.Checkpoint(1, 10, "a").Bytes, after - before);
    }

    [Fact]
    public async Task SaveTrial_Unknown_IsStale()
    {
        await StartAsync(trials: 0);

        await Assert.ThrowsAsync<StaleVersionException>(() => Store.SaveTrialAsync(new(SomeRow.Trial("s", 1)), Token));
    }

    [Fact]
    public async Task SaveTrial_Everything_ReadsBack()
    {
        await StartAsync(trials: 1);

        await Store.SaveTrialAsync(FullChange(version: 1), Token);

        Same(SomeRow.Trial("s", 1, TrialState.Running, 0.75) with { Version = 2 }, await Store.LoadTrialAsync(First, Token));
        SameRows([SomeRow.Attempt(1)], (await Store.LoadTrialHistoryAsync(First, Token))!.Attempts);
        SameRows([SomeRow.Checkpoint(1, 20, "b"), SomeRow.Checkpoint(1, 10, "a")], await Store.LoadCheckpointsAsync(First, Token));
        SameRows([SomeRow.Line(1, 1), SomeRow.Line(1, 2)], await Store.LoadLogAsync(First, 0, 0, 100, Token));
        var curves = await Store.LoadCurvesAsync(First, [], Token);
        SameRows([new Curve("train/loss", [new(1, 0.5, 1), new(2, double.NaN, 1)], []), new Curve("val/mAP", [new(2, double.PositiveInfinity, 1)], [])], curves);
        var happened = Assert.Single(await Store.LoadEventsAsync("s", 1, Token));
        Same(new LifecycleEvent(happened.Number, SomeRow.Time, "s", 1, "started", "because", "ada"), happened);
    }

    [Fact]
    public async Task SaveTrial_SamePointsLinesAndCheckpointsAgain_TheFirstStay()
    {
        await StartAsync(trials: 1);
        await Store.SaveTrialAsync(FullChange(version: 1), Token);
        var curves = await Store.LoadCurvesAsync(First, [], Token);

        await Store.SaveTrialAsync(FullChange(version: 2) with
        {
            Points = [new("train/loss", 1, 99), new("train/loss", 3, 0.25)],
            LogLines = [SomeRow.Line(1, 2) with { Text = "other" }],
            Checkpoints = [SomeRow.Checkpoint(1, 20, "b") with { Bytes = 1 }],
            Events = [],
        }, Token);

        var expected = curves[0] with { Points = curves[0].Points.Add(new(3, 0.25, 1)) };
        Same(expected, (await Store.LoadCurvesAsync(First, [], Token))[0]);
        SameRows([SomeRow.Line(1, 1), SomeRow.Line(1, 2)], await Store.LoadLogAsync(First, 0, 0, 100, Token));
        SameRows([SomeRow.Checkpoint(1, 20, "b"), SomeRow.Checkpoint(1, 10, "a")], await Store.LoadCheckpointsAsync(First, Token));
    }

    [Fact]
    public async Task SaveTrial_AttemptOfSameNumber_IsReplaced()
    {
        await StartAsync(trials: 1);
        await Store.SaveTrialAsync(FullChange(version: 1), Token);

        await Store.SaveTrialAsync(new(SomeRow.Trial("s", 1) with { Version = 2 }) { Attempt = SomeRow.Attempt(1, state: AttemptState.Lost) }, Token);
        await Store.SaveTrialAsync(new(SomeRow.Trial("s", 1) with { Version = 3 }) { Attempt = SomeRow.Attempt(2, 20) }, Token);

        SameRows([SomeRow.Attempt(1, state: AttemptState.Lost), SomeRow.Attempt(2, 20)], (await Store.LoadTrialHistoryAsync(First, Token))!.Attempts);
    }

    [Fact]
    public async Task SaveTrial_CheckpointFileWrittenAgainByALaterAttempt_TakesItsRow()
    {
        await StartAsync(trials: 1);
        await Store.SaveTrialAsync(FullChange(version: 1), Token);

        await Store.SaveTrialAsync(new(SomeRow.Trial("s", 1) with { Version = 2 })
        {
            AttemptNumber = 2,
            Checkpoints = [SomeRow.Checkpoint(2, 20, "b") with { Sha256 = "cd34" }],
            RemovedCheckpointPaths = ["a", "never was"],
        }, Token);

        SameRows([SomeRow.Checkpoint(2, 20, "b") with { Sha256 = "cd34" }], await Store.LoadCheckpointsAsync(First, Token));
    }

    [Fact]
    public async Task SaveTrial_ResumedAttempt_SupersedesLaterPointsOfEarlierOnes()
    {
        await StartAsync(trials: 2);
        await Store.SaveTrialAsync(Points(1, version: 1, attempt: 1, new("loss", 1, 1), new("loss", 2, 2), new("loss", 3, 3)), Token);
        await Store.SaveTrialAsync(Points(2, version: 1, attempt: 1, new("loss", 1, 10), new("loss", 2, 20)), Token);

        await Store.SaveTrialAsync(Points(1, version: 2, attempt: 2, new("loss", 2, 22), new("loss", 3, 33)) with
        {
            Attempt = SomeRow.Attempt(2, resumedFrom: 1),
            SupersedesLaterPoints = true,
        }, Token);
        await Store.SaveTrialAsync(Points(1, version: 3, attempt: 3, new MetricPoint("loss", 3, 333)) with
        {
            Attempt = SomeRow.Attempt(3, resumedFrom: 2),
            SupersedesLaterPoints = true,
        }, Token);

        var expected = new Curve("loss", [new(1, 1, 1), new(2, 22, 2), new(3, 333, 3)], [new(2, 2, 1), new(3, 3, 1), new(3, 33, 2)]);
        Same(expected, Assert.Single(await Store.LoadCurvesAsync(First, ["loss"], Token)));
        var bySweep = await Store.LoadSweepCurvesAsync("s", "loss", Token);
        Same(expected, bySweep[1]);
        Same(new Curve("loss", [new(1, 10, 1), new(2, 20, 1)], []), bySweep[2]);
    }

    [Fact]
    public async Task LoadCurves_TwoAttemptsAtOneStepAndNoneSuperseded_TheLaterCounts()
    {
        await StartAsync(trials: 1);
        await Store.SaveTrialAsync(Points(1, version: 1, attempt: 2, new MetricPoint("loss", 5, 52)), Token);
        await Store.SaveTrialAsync(Points(1, version: 2, attempt: 1, new MetricPoint("loss", 5, 51)), Token);

        var curve = Assert.Single(await Store.LoadCurvesAsync(First, [], Token));

        Same(new Curve("loss", [new(5, 52, 2)], [new(5, 51, 1)]), curve);
    }

    [Fact]
    public async Task LoadCurves_OfAWindow_AreThinnedAroundASpike_AndExactWhereItIsNarrow()
    {
        await StartAsync(trials: 2);
        await Store.SaveTrialAsync(Points(1, version: 1, attempt: 1, [.. Enumerable.Range(1, 5_000).Select(step => new MetricPoint("loss", step, step == 3_333 ? 99 : 1)), new("other", 1, 1)]), Token);

        var whole = (await Store.LoadCurvesAsync(First, ["loss"], new CurveWindow(100), Token)).Single();
        var narrow = (await Store.LoadCurvesAsync(First, [], new CurveWindow(100, 3_330, 3_335), Token)).Single();

        Assert.True(whole.IsThinned);
        Assert.InRange(whole.Points.Length, 50, 100);
        Assert.Contains(new CurvePoint(3_333, 99, 1), whole.Points);
        Assert.False(narrow.IsThinned);
        Assert.Equal([(3_330, 1), (3_331, 1), (3_332, 1), (3_333, 99), (3_334, 1), (3_335, 1)], narrow.Points.Select(point => (point.Step, point.Value)));
        Assert.Equal(["loss", "other"], (await Store.LoadCurvesAsync(First, [], new CurveWindow(100), Token)).Select(curve => curve.Name));
        Assert.Empty(await Store.LoadCurvesAsync(new("nobody", 1), [], new CurveWindow(100), Token));
    }

    [Fact]
    public async Task LoadMetric_AtAPlaceOfTheCurve_GivesOneValueForEachTrialThatHasIt()
    {
        await StartAsync(trials: 3);
        await Store.SaveTrialAsync(
            Points(1, version: 1, attempt: 1, new("goal", 10, 0.5), new("goal", 20, 0.9), new("goal", 30, 0.7), new("loss", 5, 3), new("loss", 20, 2), new("loss", 30, 1), new("loss", 40, double.NaN)), Token);
        await Store.SaveTrialAsync(Points(2, version: 1, attempt: 1, new MetricPoint("goal", 10, 0.4)), Token);
        await SetStepsAsync(1, version: 2, step: 40, total: 40);
        await SetStepsAsync(2, version: 2, step: 10, total: 40);
        Task<ImmutableDictionary<int, double>> ReadAsync(string metric, Objective? best, long pass, int? only = null) => Store.LoadMetricAsync("s", metric, best, pass, passes: 4, only, Token);

        Assert.Equal([(1, 2.0)], Plain(await ReadAsync("loss", new Objective("goal"), 0))); // 0.9 at step 20
        Assert.Equal([(1, 3.0)], Plain(await ReadAsync("loss", new Objective("goal", Maximize: false), 0))); // 0.5 at step 10: the last value before it
        Assert.Equal([(1, 0.9), (2, 0.4)], Plain(await ReadAsync("goal", new Objective("goal"), 0)));
        Assert.Equal([(1, 0.7), (2, 0.4)], Plain(await ReadAsync("goal", null, 0)));
        Assert.Equal([(1, 0.5), (2, 0.4)], Plain(await ReadAsync("goal", null, pass: 1)));
        Assert.Equal([(1, 0.9)], Plain(await ReadAsync("goal", null, pass: 2))); // trial 2 did not get so far
        Assert.Empty(await ReadAsync("goal", null, pass: 5));
        Assert.Equal([(2, 0.4)], Plain(await ReadAsync("goal", null, 0, only: 2)));
        Assert.Empty(await ReadAsync("none", null, 0));
        Assert.Equal([20, 10, null, 10, null], [
            await Store.LoadBestStepAsync(First, new Objective("goal"), Token),
            await Store.LoadBestStepAsync(First, new Objective("goal", Maximize: false), Token),
            await Store.LoadBestStepAsync(First, new Objective("none"), Token),
            await Store.LoadBestStepAsync(new("s", 2), new Objective("goal"), Token),
            await Store.LoadBestStepAsync(new("nobody", 1), new Objective("goal"), Token)]);

        static IEnumerable<(int, double)> Plain(ImmutableDictionary<int, double> values) => values.OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value));

        async Task SetStepsAsync(int number, long version, long step, long total)
        {
            var row = (await Store.LoadTrialAsync(new TrialId("s", number), Token))!;
            Assert.Equal(version, row.Version);
            await Store.SaveTrialAsync(new TrialChange(row with { Trial = row.Trial with { Step = step, TotalSteps = total } }), Token);
        }
    }

    [Fact]
    public async Task LoadSweepCurves_OfSomeTrials_GivesThoseThatHavePoints()
    {
        await StartAsync(trials: 3);
        await Store.SaveTrialAsync(Points(1, version: 1, attempt: 1, new MetricPoint("loss", 1, 1)), Token);
        await Store.SaveTrialAsync(Points(2, version: 1, attempt: 1, new MetricPoint("loss", 1, 2)), Token);

        var curves = await Store.LoadSweepCurvesAsync("s", "loss", [2, 3, 9], new CurveWindow(100), Token);

        Same(new Curve("loss", [new(1, 2, 1)], []), Assert.Single(curves).Value);
        Assert.Empty(await Store.LoadSweepCurvesAsync("s", "none", [1], new CurveWindow(100), Token));
    }

    [Fact]
    public async Task LoadCurves_SomeNames_GivesThoseThatHavePoints()
    {
        await StartAsync(trials: 1);
        await Store.SaveTrialAsync(Points(1, version: 1, attempt: 1, new("c", 1, 1), new("a", 1, 1), new("b", 1, 1)), Token);

        Assert.Equal(["a", "b", "c"], (await Store.LoadCurvesAsync(First, [], Token)).Select(curve => curve.Name));
        Assert.Equal(["a", "c"], (await Store.LoadCurvesAsync(First, ["c", "none", "a"], Token)).Select(curve => curve.Name));
        Assert.Empty(await Store.LoadSweepCurvesAsync("s", "none", Token));
    }

    [Fact]
    public async Task LoadLog_AfterALine_GoesOnOverAttempts()
    {
        await StartAsync(trials: 1);
        await Store.SaveTrialAsync(new(SomeRow.Trial("s", 1) with { Version = 1 }) { AttemptNumber = 2, LogLines = [SomeRow.Line(2, 1)] }, Token);
        await Store.SaveTrialAsync(
            new(SomeRow.Trial("s", 1) with { Version = 2 }) { AttemptNumber = 1, LogLines = [SomeRow.Line(1, 1), SomeRow.Line(1, 2), SomeRow.Line(1, 3)] }, Token);

        SameRows([SomeRow.Line(1, 2), SomeRow.Line(1, 3)], await Store.LoadLogAsync(First, 1, 1, 2, Token));
        SameRows([SomeRow.Line(2, 1)], await Store.LoadLogAsync(First, 1, 3, 2, Token));
        Assert.Empty(await Store.LoadLogAsync(First, 2, 1, 2, Token));
    }

    [Fact]
    public async Task ListSweeps_PagesNewestFirst_AndUnfinishedOldestFirst()
    {
        await Store.SaveSweepAsync(SomeRow.Sweep("b", createdAt: SomeRow.Time.AddMinutes(1)), [], [], Token);
        await Store.SaveSweepAsync(SomeRow.Sweep("a", createdAt: SomeRow.Time.ToOffset(TimeSpan.FromHours(5))), [], [], Token);
        await Store.SaveSweepAsync(SomeRow.Sweep("c", SweepState.Completed, SomeRow.Time.AddMinutes(2)), [], [], Token);

        Assert.Equal(["c", "b", "a"], (await Store.ListSweepsAsync(0, 10, cancellationToken: Token)).Select(sweep => sweep.Id));
        Assert.Equal(["b"], (await Store.ListSweepsAsync(1, 1, cancellationToken: Token)).Select(sweep => sweep.Id));
        Assert.Equal(["a", "b"], await Store.ListUnfinishedSweepsAsync(Token));
    }

    [Fact]
    public async Task ListSweeps_DeletedOnes_AreListedApart_AndNotRanked()
    {
        await Store.SaveSweepAsync(SomeRow.Sweep("a", SweepState.Completed), [SomeRow.Trial("a", 1, TrialState.Completed, objective: 0.5)], [], Token);
        await Store.SaveSweepAsync(SomeRow.Sweep("b", SweepState.Deleted), [SomeRow.Trial("b", 1, TrialState.Completed, objective: 0.6)], [], Token);

        Assert.Equal(["a"], (await Store.ListSweepsAsync(0, 10, cancellationToken: Token)).Select(sweep => sweep.Id));
        Assert.Equal(["b"], (await Store.ListSweepsAsync(0, 10, deleted: true, Token)).Select(sweep => sweep.Id));
        Assert.Equal(["a"], (await Store.ListRankedAsync(SomeRow.Spec().Objective, 10, Token)).Select(row => row.Trial.Id.SweepId));
    }

    [Fact]
    public async Task RemoveSweep_TakesAllThatBelongsToIt_AndNothingElse()
    {
        await StartAsync(trials: 1);
        await Store.SaveTrialAsync(Points(1, version: 1, attempt: 1, new MetricPoint("loss", 1, 1)) with { LogLines = [SomeRow.Line(1, 1)] }, Token);
        await Store.SaveSweepAsync(SomeRow.Sweep("other"), [SomeRow.Trial("other", 1)], [], Token);
        await Store.SaveTrialAsync(new(SomeRow.Trial("other", 1) with { Version = 1 }) { AttemptNumber = 1, Points = [new("loss", 1, 2)], LogLines = [SomeRow.Line(1, 1)] }, Token);
        var version = (await Store.LoadSweepRowAsync("s", Token))!.Version;

        await Assert.ThrowsAsync<StaleVersionException>(() => Store.RemoveSweepAsync("s", version + 1, Token));
        await Store.RemoveSweepAsync("s", version, Token);
        await Store.RemoveSweepAsync("s", version, Token);

        Assert.Null(await Store.LoadSweepAsync("s", Token));
        Assert.Null(await Store.LoadTrialAsync(First, Token));
        Assert.Empty(await Store.LoadEventsAsync("s", null, Token));
        await StartAsync(trials: 1);
        Assert.Empty(await Store.LoadCurvesAsync(First, [], Token));
        Assert.Empty(await Store.LoadLogAsync(First, 0, 0, 10, Token));
        var other = new TrialId("other", 1);
        Assert.Single(await Store.LoadCurvesAsync(other, [], Token));
        Assert.Single(await Store.LoadLogAsync(other, 0, 0, 10, Token));
    }

    [Fact]
    public async Task ListUnfinishedSweeps_CancelledWithATrialStillRunning_ListsIt()
    {
        await Store.SaveSweepAsync(SomeRow.Sweep("a", SweepState.Cancelled) with { EndedAt = null }, [SomeRow.Trial("a", 1, TrialState.Running)], [], Token);
        await Store.SaveSweepAsync(SomeRow.Sweep("b", SweepState.Cancelled), [], [], Token);

        Assert.Equal(["a"], await Store.ListUnfinishedSweepsAsync(Token));
    }

    [Fact]
    public async Task ListOpenTrials_GivesQueuedAndRunningOfAllSweeps()
    {
        await Store.SaveSweepAsync(SomeRow.Sweep("b"), [SomeRow.Trial("b", 1)], [], Token);
        await Store.SaveSweepAsync(
            SomeRow.Sweep("a"), [SomeRow.Trial("a", 1, TrialState.Running), SomeRow.Trial("a", 2, TrialState.Completed), SomeRow.Trial("a", 3, TrialState.Failed)], [], Token);

        Assert.Equal(["a/1", "b/1"], (await Store.ListOpenTrialsAsync(Token)).Select(row => row.Id.ToString()));
    }

    [Fact]
    public async Task ListTimedTrials_GivesThoseTrainedInOneAttempt_TheNewestFirst()
    {
        await StartAsync(trials: 4);
        await EndAsync(1, AttemptState.Completed, resumedFrom: 0, minutes: 3);
        await EndAsync(2, AttemptState.Completed, resumedFrom: 0, minutes: 5);
        await EndAsync(3, AttemptState.Completed, resumedFrom: 10, minutes: 7); // only the rest of it
        await EndAsync(4, AttemptState.Failed, resumedFrom: 0, minutes: 9);

        Assert.Equal([(40L, 5.0), (40L, 3.0)], (await Store.ListTimedTrialsAsync(10, Token)).Select(timed => (timed.Steps, timed.Duration.TotalMinutes)));
        Assert.Equal([5.0], (await Store.ListTimedTrialsAsync(1, Token)).Select(timed => timed.Duration.TotalMinutes));

        async Task EndAsync(int number, AttemptState state, long resumedFrom, int minutes)
        {
            var row = (await Store.LoadTrialAsync(new("s", number), Token))!;
            await Store.SaveTrialAsync(new(row with { Trial = row.Trial with { Step = 40 } })
            {
                Attempt = new AttemptSnapshot(1, 1, "w", state, SomeRow.Time, SomeRow.Time.AddMinutes(minutes), resumedFrom, null, null),
                AttemptNumber = 1,
            }, Token);
        }
    }

    [Fact]
    public async Task ListRanked_GivesTrialsWithAValue()
    {
        await Store.SaveSweepAsync(SomeRow.Sweep("a"), [SomeRow.Trial("a", 1, objective: 0.5), SomeRow.Trial("a", 2)], [], Token);

        var ranked = Assert.Single(await Store.ListRankedAsync(SomeRow.Spec().Objective, 10, Token));

        Same(new RankedRow(SomeRow.Trial("a", 1, objective: 0.5).Trial, "Some sweep", "marks", []), ranked);
    }

    [Theory]
    [InlineData(true, "b/1", "a/2", "c/1")]
    [InlineData(false, "d/2", "d/1")]
    public async Task ListRanked_TheBestOfTheSweepsWithThatObjective_BestFirst(bool maximize, params string[] best)
    {
        var (most, least) = (SomeRow.Spec() with { Objective = new("val/mAP", Maximize: true) }, SomeRow.Spec() with { Objective = new("val/loss", Maximize: false) });
        await Store.SaveSweepAsync(SomeRow.Sweep("a") with { Spec = most }, [SomeRow.Trial("a", 1, objective: 0.1), SomeRow.Trial("a", 2, objective: 0.5)], [], Token);
        await Store.SaveSweepAsync(SomeRow.Sweep("b") with { Spec = most }, [SomeRow.Trial("b", 1, objective: 0.9)], [], Token);
        await Store.SaveSweepAsync(SomeRow.Sweep("c") with { Spec = most }, [SomeRow.Trial("c", 1, objective: 0.5)], [], Token);
        await Store.SaveSweepAsync(SomeRow.Sweep("d") with { Spec = least }, [SomeRow.Trial("d", 1, objective: 0.7), SomeRow.Trial("d", 2, objective: 0.3)], [], Token);

        Assert.Equal(best, (await Store.ListRankedAsync((maximize ? most : least).Objective, 3, Token)).Select(row => row.Trial.Id.ToString()));
    }

    [Fact]
    public async Task SaveNote_OfSweepAndTrial_ReadsBack_IsRanked_HasItsEvent_AndGoesWithItsSweep()
    {
        await Store.SaveSweepAsync(SomeRow.Sweep("s"), [SomeRow.Trial("s", 1, objective: 0.5)], [], Token);
        var (sweep, trial) = (new NoteRow("s", NoteRow.OfSweep, ["night"], ""), new NoteRow("s", 1, ["ü", "best"], "# Why\n\n\"so\""));
        await Store.SaveNoteAsync(sweep with { Text = "old" }, SomeRow.Event("s", null, "notes-changed"), Token);

        await Store.SaveNoteAsync(sweep, SomeRow.Event("s", null, "tags-changed"), Token);
        await Store.SaveNoteAsync(trial, SomeRow.Event("s", 1, "tags-changed"), Token);
        await Assert.ThrowsAsync<StaleVersionException>(() => Store.SaveNoteAsync(sweep with { SweepId = "nobody" }, SomeRow.Event("nobody", null, "tags-changed"), Token));

        SameRows([sweep, trial], await Store.LoadNotesAsync("s", Token));
        var ranked = Assert.Single(await Store.ListRankedAsync(SomeRow.Spec().Objective, 10, Token));
        Assert.Equal(["ü", "best"], ranked.Trial.Tags);
        Assert.Equal(["night"], ranked.SweepTags);
        Assert.Equal(["notes-changed", "tags-changed", "tags-changed"], (await Store.LoadEventsAsync("s", null, Token)).Select(happened => happened.Kind));
        await Store.RemoveSweepAsync("s", version: 1, Token);
        Assert.Empty(await Store.LoadNotesAsync("s", Token));
    }

    [Fact]
    public async Task LoadEvents_OfSweepOrTrial_InOrder()
    {
        await Store.SaveSweepAsync(SomeRow.Sweep("s"), [SomeRow.Trial("s", 1)], [SomeRow.Event("s", null, "started"), SomeRow.Event("s", 1, "queued")], Token);
        await Store.SaveSweepAsync(SomeRow.Sweep("t"), [], [SomeRow.Event("t", null, "started")], Token);
        await Store.SaveTrialAsync(new(SomeRow.Trial("s", 1) with { Version = 1 }) { Events = [SomeRow.Event("s", 1, "lost")] }, Token);

        Assert.Equal(["started", "queued", "lost"], (await Store.LoadEventsAsync("s", null, Token)).Select(happened => happened.Kind));
        Assert.Equal(["queued", "lost"], (await Store.LoadEventsAsync("s", 1, Token)).Select(happened => happened.Kind));
    }

    [Fact]
    public async Task SaveDataset_AndShards_ReadBackSummed()
    {
        await Store.SaveDatasetAsync(SomeRow.Dataset("marks"), Token);
        await Store.SaveShardAsync("marks", SomeRow.Shard("val", 0), Token);
        await Store.SaveShardAsync("marks", SomeRow.Shard("train", 1), Token);
        await Store.SaveShardAsync("marks", SomeRow.Shard("train", 0) with { Images = 1 }, Token);
        await Store.SaveShardAsync("marks", SomeRow.Shard("train", 0), Token);
        await Store.SaveDatasetAsync(SomeRow.Dataset("marks") with { State = DatasetState.Ready, Problem = null }, Token);

        var train = new SplitSnapshot("train", 201, [1, 4], ["bad-0.png", "bad-1.png"], [SomeRow.Shard("train", 0), SomeRow.Shard("train", 1)]);
        var val = new SplitSnapshot("val", 100, [0, 2], ["bad-0.png"], [SomeRow.Shard("val", 0)]);
        Same(SomeRow.Dataset("marks") with { State = DatasetState.Ready, Problem = null, Splits = [train, val] }, await Store.LoadDatasetAsync("marks", Token));
        Same(SomeRow.Shard("train", 1), await Store.LoadShardAsync("marks", "train", 1, Token));
        Assert.Equal(["marks"], await Store.ListDatasetsAsync(Token));
    }

    [Fact]
    public async Task SaveShard_BeforeItsDataset_IsRefused() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => Store.SaveShardAsync("nobody", SomeRow.Shard("train", 0), Token));

    [Fact]
    public async Task LoadSweepEvents_OnlyTheKindsAskedFor_AboutTheSweepItselfOrItsTrials()
    {
        var id = "events-" + Guid.NewGuid().ToString("N");
        await Store.SaveSweepAsync(SomeRow.Sweep(id), [], [SomeRow.Event(id, null, "sweep-paused"), SomeRow.Event(id, null, "tags-changed"), SomeRow.Event(id, 1, "sweep-paused"), SomeRow.Event(id, null, "sweep-resumed")], Token);

        Assert.Equal(["sweep-paused", "sweep-resumed"], (await Store.LoadSweepEventsAsync(id, ["sweep-resumed", "sweep-paused"], cancellationToken: Token)).Select(happened => happened.Kind));
        Assert.Equal([1], (await Store.LoadSweepEventsAsync(id, ["sweep-paused"], ofTrials: true, Token)).Select(happened => happened.Trial));
        Assert.Empty(await Store.LoadSweepEventsAsync("nobody", ["sweep-paused"], cancellationToken: Token));
    }

    [Fact]
    public async Task SaveModel_ReadsBackWithEveryField_AndRefusesAStaleOne()
    {
        Assert.Null(await Store.LoadModelAsync("kitchen", Token));
        var (kitchen, attic) = (SomeRow.Model("kitchen"), SomeRow.Model("attic"));
        await Store.SaveModelAsync(kitchen, Token);
        await Store.SaveModelAsync(attic, Token);

        await Assert.ThrowsAsync<StaleVersionException>(() => Store.SaveModelAsync(kitchen, Token));
        await Store.SaveModelAsync(kitchen with { Version = 1, Model = kitchen.Model with { Versions = [] } }, Token);
        await Assert.ThrowsAsync<StaleVersionException>(() => Store.SaveModelAsync(attic with { Version = 2 }, Token));

        SameRows([attic with { Version = 1 }, kitchen with { Version = 2, Model = kitchen.Model with { Versions = [] } }], await Store.ListModelsAsync(Token));
        Same(attic with { Version = 1 }, await Store.LoadModelAsync("attic", Token));
    }

    [Fact]
    public async Task Deliveries_AreWrittenWithTheirEvent_TakenByOneOnly_AndEndWithAnEvent()
    {
        var notice = new Notice("n1", "sweep.failed", SomeRow.Time, "s", "Some sweep", "failed", "val/mAP", 0.1 + 0.2, 2);
        await Store.SaveSweepAsync(SomeRow.Sweep("s"), [], [SomeRow.Event("s", null, "sweep-failed") with { Notice = notice }, SomeRow.Event("s", null, "other")], Token);
        var first = new DeliveryRow(notice, 0, SomeRow.Time);
        SameRows([first], await Store.ListDeliveriesAsync(Token));

        await Store.SaveDeliveryAsync(first with { NextAt = SomeRow.Time.AddMinutes(1) }, Token);
        await Assert.ThrowsAsync<StaleVersionException>(() => Store.SaveDeliveryAsync(first, Token));
        var taken = first with { Attempts = 1, NextAt = SomeRow.Time.AddMinutes(1) };
        SameRows([taken], await Store.ListDeliveriesAsync(Token));
        await Assert.ThrowsAsync<StaleVersionException>(() => Store.EndDeliveryAsync(first, null, isOver: true, Token));
        await Store.EndDeliveryAsync(taken, SomeRow.Event("s", null, "webhook-failed"), isOver: false, Token);
        SameRows([taken], await Store.ListDeliveriesAsync(Token));
        await Store.EndDeliveryAsync(taken, null, isOver: true, Token);

        Assert.Empty(await Store.ListDeliveriesAsync(Token));
        Assert.Equal(["sweep-failed", "other", "webhook-failed"], (await Store.LoadEventsAsync("s", null, Token)).Select(happened => happened.Kind));
    }

    [Fact]
    public async Task DrainedWorkers_AreKeptUntilRemoved()
    {
        var (first, second) = (new DrainedWorker("a", "ada", SomeRow.Time), new DrainedWorker("b", "bob", SomeRow.Time));
        await Store.SaveDrainedWorkerAsync(second, Token);
        await Store.SaveDrainedWorkerAsync(first with { By = "eve" }, Token);
        await Store.SaveDrainedWorkerAsync(first, Token);
        Assert.Equal([first, second], await Store.ListDrainedWorkersAsync(Token));

        await Store.RemoveDrainedWorkerAsync(new DrainedWorker("a", "cid", SomeRow.Time.AddMinutes(1)), Token);
        await Store.RemoveDrainedWorkerAsync(new DrainedWorker("a", "dan", SomeRow.Time.AddMinutes(2)), Token);

        Assert.Equal([second], await Store.ListDrainedWorkersAsync(Token));
        await Store.RemoveDrainedWorkerAsync(second, Token);
        Assert.Equal(
            [
                new WorkerEvent(SomeRow.Time.AddMinutes(1), "a", WorkerEventKind.Resumed, "gets trials again", "cid"),
                new WorkerEvent(SomeRow.Time, "a", WorkerEventKind.Drained, "gets no new trial", "eve"),
            ],
            await Store.ListWorkerEventsAsync("a", Token));
    }

    [Fact]
    public async Task WorkerEvents_AreReadNewestFirst_AndOnlyTheNewestAreKept()
    {
        for (var number = 1; number <= RelationalExperimentStore.MaxWorkerEvents + 2; number++)
        {
            await Store.AddWorkerEventAsync(new WorkerEvent(SomeRow.Time.AddMinutes(number), "w", WorkerEventKind.Restarted, $"restart {number}", "supervisor"), Token);
        }

        await Store.AddWorkerEventAsync(new WorkerEvent(SomeRow.Time, "other", WorkerEventKind.Lost, "ü \"quoted\"", "scheduler"), Token);

        var events = await Store.ListWorkerEventsAsync("w", Token);
        Assert.Equal(RelationalExperimentStore.MaxWorkerEvents, events.Length);
        Assert.Equal((SomeRow.Time.AddMinutes(202), "restart 202"), (events[0].Time, events[0].Reason));
        Assert.Equal("restart 3", events[^1].Reason);
        Assert.Equal([new WorkerEvent(SomeRow.Time, "other", WorkerEventKind.Lost, "ü \"quoted\"", "scheduler")], await Store.ListWorkerEventsAsync("other", Token));
    }

    [Fact]
    public async Task WorkerRuns_AreAttemptsAndPartsOfTheWorker_NewestFirst_AndSpansThoseThatHadNotEnded()
    {
        await StartAsync(trials: 1);
        var row = (await Store.LoadTrialAsync(First, Token))!;
        var attempt = SomeRow.Attempt(1) with { Worker = "runs-w", StartedAt = SomeRow.Time, EndedAt = SomeRow.Time.AddMinutes(1), State = AttemptState.Lost, Reason = "silent" };
        var later = SomeRow.Attempt(2) with { Worker = "runs-w", StartedAt = SomeRow.Time.AddMinutes(3), EndedAt = null, Reason = null };
        await Store.SaveTrialAsync(new TrialChange(row) { Attempt = attempt, AttemptNumber = 1 }, Token);
        await Store.SaveTrialAsync(new TrialChange((await Store.LoadTrialAsync(row.Id, Token))!) { Attempt = later, AttemptNumber = 2 }, Token);
        var evaluation = SomeRow.Evaluation(row.Id, 1);
        PartRow done = new(1, PartState.Done, 3, 5, "runs-w", 0, "file", SomeRow.Time.AddMinutes(1), SomeRow.Time.AddMinutes(2));
        await Store.SaveEvaluationAsync(evaluation with { Parts = [done, new PartRow(2, PartState.Waiting, 4)] }, [], Token);

        var runs = await Store.ListWorkerRunsAsync("runs-w", 10, Token);
        var spans = (await Store.ListWorkSpansAsync(SomeRow.Time.AddSeconds(90), Token)).Where(span => span.Worker == "runs-w");

        Assert.Equal(
            [
                new WorkerRun(row.Id, null, 2, AttemptState.Running, later.StartedAt, null, null),
                new WorkerRun(row.Id, new PartId(evaluation.Id, 1), 0, AttemptState.Completed, done.StartedAt!.Value, done.EndedAt, null),
                new WorkerRun(row.Id, null, 1, AttemptState.Lost, attempt.StartedAt, attempt.EndedAt, "silent"),
            ],
            runs);
        Assert.Equal(runs[..2], await Store.ListWorkerRunsAsync("runs-w", 2, Token));
        Assert.Equal(
            [new WorkSpan("runs-w", done.StartedAt!.Value, done.EndedAt), new WorkSpan("runs-w", later.StartedAt, null)],
            spans.OrderBy(span => span.From));
        Assert.Equal(done, (await Store.LoadEvaluationAsync(evaluation.Id, Token))!.Part(1));
    }

    [Fact]
    public async Task Users_AreKeptByVersion_AndNeverWithoutAnAdmin()
    {
        var (ada, bob) = (SomeRow.User("ada", UserRole.Admin), SomeRow.User("bob", UserRole.Editor));
        await Assert.ThrowsAsync<NoAdminException>(() => Store.SaveUserAsync(bob, Token));
        await Store.SaveUserAsync(ada, Token);
        await Store.SaveUserAsync(bob, Token);
        await Assert.ThrowsAsync<StaleVersionException>(() => Store.SaveUserAsync(bob, Token));
        Assert.Equal([ada with { Version = 1 }, bob with { Version = 1 }], await Store.ListUsersAsync(Token));

        await Assert.ThrowsAsync<NoAdminException>(() => Store.RemoveUserAsync("ada", Token));
        await Assert.ThrowsAsync<NoAdminException>(() => Store.SaveUserAsync(ada with { Version = 1, User = ada.User with { Role = UserRole.Viewer } }, Token));
        Assert.Equal(ada with { Version = 1 }, await Store.LoadUserAsync("ada", Token));

        var promoted = bob with { Version = 1, User = bob.User with { Role = UserRole.Admin }, Stamp = "other" };
        await Store.SaveUserAsync(promoted, Token);
        await Store.RemoveUserAsync("ada", Token);
        await Store.RemoveUserAsync("ada", Token);

        Assert.Equal([promoted with { Version = 2 }], await Store.ListUsersAsync(Token));
        Assert.Null(await Store.LoadUserAsync("ada", Token));
    }

    [Fact]
    public async Task Tokens_AreFoundByTheirChecksum_AndGoWithTheirUser()
    {
        await Store.SaveUserAsync(SomeRow.User("root", UserRole.Admin), Token);
        await Store.SaveUserAsync(SomeRow.User("eve", UserRole.Viewer), Token);
        var token = new TokenRow(new("t1", "eve", "nightly", "mltr_ab12cd", UserRole.Viewer, SomeRow.Time, null, SomeRow.Time.AddDays(3), null), "sum-1");
        var other = new TokenRow(new("t2", "root", "ci", "mltr_ef34ab", UserRole.Admin, SomeRow.Time.AddMinutes(1), null, null, null), "sum-2");
        await Assert.ThrowsAsync<StaleVersionException>(() => Store.SaveTokenAsync(token with { Token = token.Token with { User = "nobody" } }, Token));
        await Store.SaveTokenAsync(token, Token);
        await Store.SaveTokenAsync(other, Token);

        await Store.SaveTokenUseAsync("t1", SomeRow.Time.AddHours(1), Token);

        var used = token with { Token = token.Token with { LastUsedAt = SomeRow.Time.AddHours(1) } };
        Assert.Equal(used, await Store.FindTokenAsync("sum-1", Token));
        Assert.Null(await Store.FindTokenAsync("sum-3", Token));
        Assert.Equal([other, used], await Store.ListTokensAsync(null, Token));
        var revoked = used with { Token = used.Token with { RevokedAt = SomeRow.Time.AddHours(2) } };
        await Store.SaveTokenAsync(revoked, Token);
        Assert.Equal([revoked], await Store.ListTokensAsync("eve", Token));

        await Store.RemoveUserAsync("eve", Token);

        Assert.Equal([other], await Store.ListTokensAsync(null, Token));
    }

    [Fact]
    public async Task Save_ContradictoryChange_IsRefused()
    {
        await StartAsync(trials: 1);

        await Assert.ThrowsAsync<ArgumentException>(() => Store.SaveSweepAsync(SomeRow.Sweep("s") with { Version = 1 }, [SomeRow.Trial("t", 1)], [], Token));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.SaveTrialAsync(FullChange(version: 1) with { AttemptNumber = 2 }, Token));
    }

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected Task StartAsync(int trials) =>
        Store.SaveSweepAsync(SomeRow.Sweep("s"), [.. Enumerable.Range(1, trials).Select(number => SomeRow.Trial("s", number))], [], Token);

    internal static TrialChange Points(int trial, long version, int attempt, params ImmutableArray<MetricPoint> points) =>
        new(SomeRow.Trial("s", trial) with { Version = version }) { AttemptNumber = attempt, Points = points };

    internal static TrialChange FullChange(long version) => new(SomeRow.Trial("s", 1, TrialState.Running, 0.75) with { Version = version })
    {
        Attempt = SomeRow.Attempt(1),
        AttemptNumber = 1,
        Points = [new("train/loss", 2, double.NaN), new("train/loss", 1, 0.5), new("val/mAP", 2, double.PositiveInfinity)],
        LogLines = [SomeRow.Line(1, 1), SomeRow.Line(1, 2)],
        Checkpoints = [SomeRow.Checkpoint(1, 10, "a"), SomeRow.Checkpoint(1, 20, "b")],
        Events = [SomeRow.Event("s", 1, "started")],
        Time = SomeRow.Time,
    };

    /// <summary>Records with arrays in them are equal by reference only, so what is compared is their JSON.</summary>
    private static void Same<T>(T expected, T actual) => Assert.Equal(JsonSerializer.Serialize(expected, Json), JsonSerializer.Serialize(actual, Json));

    private static void SameRows<T>(T[] expected, ImmutableArray<T> actual) => Assert.Equal(JsonSerializer.Serialize(expected, Json), JsonSerializer.Serialize(actual, Json));
}
