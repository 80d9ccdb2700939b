using System.Collections.Concurrent;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Evaluations;
using MlTr.Grains.Trials;
using MlTr.Model.Data.Marks;
using MlTr.Silo.Artifacts;
using MlTr.Silo.Datasets;
using MlTr.Silo.Evaluations;
using MlTr.Silo.Hosting;
using MlTr.Silo.Tests.Trials;
using MlTr.Testing;

namespace MlTr.Silo.Tests.Evaluations;

/// <summary>Planner and evaluator over a trial that was really trained on the smallest built-in dataset.</summary>
[Collection(UsesTorch.Name)]
public sealed class ModelEvaluationTests : IDisposable
{
    private static readonly TrialId Id = new("sweep", 1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mltr-evaluation-");
    private readonly FakeMlTrClient _client = new();
    private readonly DatasetSnapshot _marks;
    private readonly ModelEvaluationPlanner _planner;

    public ModelEvaluationTests()
    {
        _planner = new ModelEvaluationPlanner(Data, Copies(Data), new DatasetCopies(Data));
        _client.Datasets["marks-mini"] = _marks = new ModelDatasetSource(Data, new DatasetCopies(Data)).BuiltIn.Single(known => known.Id == "marks-mini");
    }

    private DataFolder Data => new(_folder.FullName);

    /// <summary>A store beside the data folders.</summary>
    private CheckpointCopies Copies(DataFolder data) => new(data, new FolderArtifactStore(Path.Combine(_folder.FullName, "store")));

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Evaluate_PartByPartOnWorkersOfAnyThreads_WithFoldersOfTheirOwn_GivesTheSameBits_OnAnySplitAndSize()
    {
        var checkpoints = TrainedTrial.Train(Id, Data, _marks);
        var spec = new EvaluationSpec(Id, _marks.Id, "test", 48, new CheckpointChoice(CheckpointKind.Last));

        var plan = await _planner.PlanAsync(new EvaluationSource(spec, checkpoints, _marks));
        Copies(Data).Put(Path.Combine(Data.Trial(Id.SweepId, Id.Number), plan.Checkpoint));
        var one = await EvaluateAsync(spec, plan, "one", _ => 1, _ => Data);
        var many = await EvaluateAsync(spec, plan, "many", part => part, part => new(Path.Combine(_folder.FullName, $"machine-{part}")));
        var own = await _planner.PlanAsync(new EvaluationSource(spec with { ImageSize = null, Checkpoint = default }, checkpoints, _marks));

        Assert.Equal((48, 32, 4), (plan.ImageSize, own.ImageSize, plan.Parts.Length));
        Assert.Equal(one.Metrics, many.Metrics);
        Assert.Equal(one.ClassAveragePrecision, many.ClassAveragePrecision);
        Assert.InRange(one.Metrics["mAP"], 0.01, 1);
        Assert.Contains("OF1", one.Metrics.Keys);
        Assert.False(Directory.Exists(EvaluationFolder.Of(Data, "sweep/1/one")));
    }

    [Fact]
    public async Task Evaluate_TheTrialStillTrainsAndDeletesTheCheckpoint_IsDoneAllTheSame()
    {
        var checkpoints = TrainedTrial.Train(Id, Data, _marks);
        var spec = new EvaluationSpec(Id, _marks.Id, "test", 32, new CheckpointChoice(CheckpointKind.Last));
        var plan = await _planner.PlanAsync(new EvaluationSource(spec, checkpoints, _marks, KeepFor: "sweep/1/kept"));
        foreach (var checkpoint in checkpoints)
        {
            Directory.Delete(checkpoint.Path, recursive: true);
        }

        var figures = await EvaluateAsync(spec, plan, "kept", _ => 1, part => part % 2 == 0 ? Data : new(Path.Combine(_folder.FullName, "machine")));

        Assert.InRange(figures.Metrics["mAP"], 0.01, 1);
        Assert.False(Directory.Exists(EvaluationFolder.Of(Data, "sweep/1/kept")));
    }

    [Fact]
    public async Task Plan_WhatDoesNotFit_IsRefusedInOneSentence()
    {
        var checkpoints = TrainedTrial.Train(Id, Data, _marks);
        var other = new ModelDatasetSource(Data, new DatasetCopies(Data)).BuiltIn.Single(known => known.Id == "marks-hard") with { Folder = Path.Combine(_folder.FullName, "hard") };
        MarksDataset.Ensure(MarksPreset.Hard with { Name = "marks-hard", Train = 1, Validation = 1, Test = 1 }, other.Folder, ct: TestContext.Current.CancellationToken);
        async Task<string> RefusedAsync(EvaluationSpec spec, DatasetSnapshot dataset) =>
            (await Assert.ThrowsAsync<EvaluationException>(() => _planner.PlanAsync(new EvaluationSource(spec, checkpoints, dataset)))).Message;

        Assert.Contains("has no split 'holdout'; it has train, validation, test.", await RefusedAsync(new EvaluationSpec(Id, Split: "holdout"), _marks), StringComparison.Ordinal);
        Assert.Contains("has no checkpoint at step 5; it has ", await RefusedAsync(new EvaluationSpec(Id, Checkpoint: CheckpointChoice.At(5)), _marks), StringComparison.Ordinal);
        Assert.Matches("^marks-hard does not fit trial sweep/1: The network does not know [0-9]+ of the set's 20 classes: .*", await RefusedAsync(new EvaluationSpec(Id), other));
        Assert.Contains("has no checkpoint", (await Assert.ThrowsAsync<EvaluationException>(() => _planner.PlanAsync(new EvaluationSource(new EvaluationSpec(Id), [], _marks)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_TheCheckpointIsGone_SaysSo()
    {
        var part = new PartAssignment(new PartId("sweep/1/x", 1), 4, 1, _marks.Id, "validation", "attempt-0001/step-00000005", 32, "cpu");

        var error = Assert.Throws<TrialFailedException>(() => new ModelPartEvaluator(1, Data, Copies(Data), new DatasetCopies(Data), _client).Run(part, _ => { }, TestContext.Current.CancellationToken));

        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains("step-00000005 cannot be used", error.Message, StringComparison.Ordinal);
    }

    private async Task<EvaluationFigures> EvaluateAsync(EvaluationSpec spec, EvaluationPlan plan, string name, Func<int, int> threads, Func<int, DataFolder> folder)
    {
        var id = $"{spec.Trial}/{name}";
        List<string> files = [];
        for (var number = 1; number <= plan.Parts.Length; number++)
        {
            var done = new ConcurrentBag<int>();
            var part = new PartAssignment(new PartId(id, number), plan.Parts.Length, 1, spec.Dataset!, spec.Split, plan.Checkpoint, plan.ImageSize, "cpu");
            files.Add(new ModelPartEvaluator(threads(number), folder(number), Copies(folder(number)), new DatasetCopies(folder(number)), _client).Run(part, done.Add, TestContext.Current.CancellationToken));
            Assert.Equal(Enumerable.Range(1, plan.Parts[number - 1]), done.Order());
        }

        var figures = await _planner.MergeAsync(id, plan, [.. files]);
        _planner.Delete(id);
        return figures;
    }
}
