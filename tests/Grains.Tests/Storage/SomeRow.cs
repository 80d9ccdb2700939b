using System.Collections.Immutable;
using MlTr.Abstractions.Accounts;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Models;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Evaluations;
using MlTr.Grains.Storage;

namespace MlTr.Grains.Tests.Storage;

/// <summary>Rows to store: every field set, unless a test says otherwise.</summary>
internal static class SomeRow
{
    public static readonly DateTimeOffset Time = new(2026, 1, 31, 17, 45, 0, 123, TimeSpan.Zero);

    /// <summary>Every kind of parameter and every type of value, among them a float that looks like an int.</summary>
    public static SweepSpec Spec(string name = "Some sweep") => new(
        name,
        "marks",
        [
            new ChoiceParameter("learning_rate", [ParameterValue.Of(1e-5), ParameterValue.Of(1.0)]),
            new ChoiceParameter("batch_size", [ParameterValue.Of(32L)]),
            new ChoiceParameter("shift", [ParameterValue.Of(true), ParameterValue.Of(false)]),
            new ChoiceParameter("loss", [ParameterValue.Of("asl"), ParameterValue.Of("ü \"quoted\"")]),
            new FloatParameter("weight_decay", 1e-7, 0.1, Log: true, GridPoints: 3),
            new IntParameter("passes", 1, long.MaxValue, Log: true, GridPoints: 4),
        ],
        new SearchSpec(SearchKind.Random, 12, 7),
        new Objective("val/CF1", Maximize: false),
        MaxParallelTrials: 3);

    public static UserRow User(string name, UserRole role) => new(new(name, role, Time), $"hash of {name}", $"stamp of {name}", 0);

    public static SweepRow Sweep(string id, SweepState state = SweepState.Running, DateTimeOffset? createdAt = null) => new(
        id, Spec(), state, new SearchState(5, true), "ada", createdAt ?? Time, state == SweepState.Running ? null : Time.AddHours(1), 0);

    public static TrialRow Trial(string sweepId, int number, TrialState state = TrialState.Queued, double? objective = null) => new(
        new TrialSnapshot(
            new(sweepId, number),
            state,
            ImmutableSortedDictionary<string, ParameterValue>.Empty.Add("learning_rate", ParameterValue.Of(2.0)).Add("passes", ParameterValue.Of(2L)),
            Step: 10,
            TotalSteps: 100,
            objective,
            ImmutableSortedDictionary<string, double>.Empty.Add("train/loss", double.NaN).Add("val/mAP", 0.1 + 0.2),
            Attempts: 2,
            "worker-1",
            "waits for a worker",
            Time,
            Time.AddMinutes(1),
            Time.AddTicks(12_345)),
        Epoch: 7,
        Version: 0);

    public static EvaluationRow Evaluation(TrialId trial, int number) => new(
        $"{trial}/{number}",
        new EvaluationSpec(trial, "elsewhere", "test", 448, CheckpointChoice.At(1_000)),
        EvaluationState.Queued,
        "waits for a worker",
        new EvaluationPlan("attempt-0001/step-1000", 1_000, 448, ["a", "ü"], [3, 4]),
        [new PartRow(1, PartState.Waiting, 3), new PartRow(2, PartState.Running, 4, 5, "w", 1)],
        new EvaluationFigures(
            ImmutableSortedDictionary<string, double>.Empty.Add("mAP", 0.1 + 0.2), ImmutableSortedDictionary<string, double>.Empty.Add("ü", 1.0 / 3)),
        null,
        "ada",
        Time.AddMinutes(number),
        null,
        0);

    public static AttemptSnapshot Attempt(int number, long resumedFrom = 0, AttemptState state = AttemptState.Running) =>
        new(number, number + 10, $"worker-{number}", state, Time, Time.AddMinutes(number), resumedFrom, "was lost", "{\"torch\":\"2.10\"}");

    public static CheckpointSnapshot Checkpoint(int attempt, long step, string path) => new(attempt, step, path, 1_234_567_890_123, "ab12", Time);

    public static LogLine Line(int attempt, int number) => new(attempt, number, Time.AddSeconds(number), "info", $"line {attempt}.{number}");

    public static NewEvent Event(string sweepId, int? trial, string kind) => new(Time, sweepId, trial, kind, "because", "ada");

    public static ModelRow Model(string name) => new(
        new ModelSnapshot(
            name,
            [
                new ModelVersion(
                    2, ModelStage.Production, new("s", 1), "Some sweep", "marks", ModelCheckpoint.Last, 20, new Objective("val/CF1", Maximize: false),
                    ImmutableSortedDictionary<string, double>.Empty.Add("val/mAP", 0.1 + 0.2), ImmutableSortedDictionary<string, ParameterValue>.Empty.Add("passes", ParameterValue.Of(2L)),
                    6, 1_234_567_890_123, "ab12", Time, "ada"),
            ],
            [new ModelEvent(Time, 1, "deleted", "ü \"quoted\"", "ada"), new ModelEvent(Time.AddMinutes(1), 2, "registered", "because", "ada")])
        {
            Deleted =
            [
                new ModelVersion(
                    1, ModelStage.Staging, new("s", 2), "Some sweep", "marks", ModelCheckpoint.Best, 10, new Objective(), ImmutableSortedDictionary<string, double>.Empty,
                    ImmutableSortedDictionary<string, ParameterValue>.Empty, 6, 1_234, "cd34", Time, "ada") { DeletedAt = Time.AddMinutes(2) },
            ],
        },
        Version: 0);

    public static ShardSnapshot Shard(string split, int number) => new(split, number, 100 + number, $"sha-{number}", [number, 2], [$"bad-{number}.png"]);

    public static DatasetSnapshot Dataset(string id) =>
        new(id, "coco", "/data/marks", DatasetState.Preparing, 0.25, "none yet", "Marks on a grid", ["dot", "line"], []);
}
