using System.Collections.Immutable;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;
using MlTr.Testing;

namespace MlTr.Dashboard.Tests;

/// <summary>Data for pages.</summary>
internal static class Show
{
    public static readonly DateTimeOffset Start = new(2026, 1, 31, 17, 45, 0, TimeSpan.Zero);

    public static TrialSnapshot Trial(string sweep, int number, TrialState state = TrialState.Completed, double? map = null, double rate = 0.001, bool cross = true) => new(
        new TrialId(sweep, number),
        state,
        ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, new KeyValuePair<string, ParameterValue>[]
        {
            new("learning_rate", ParameterValue.Of(rate)), new("cross_window", ParameterValue.Of(cross)), new("batch_size", ParameterValue.Of(32L)),
        }),
        10,
        100,
        map,
        map is { } value ? ImmutableSortedDictionary<string, double>.Empty.Add(MetricNames.MeanAveragePrecision, value - 0.01).Add(MetricNames.ClassF1, 1 - value) : ImmutableSortedDictionary<string, double>.Empty,
        1,
        "worker-1",
        null,
        Start,
        Start,
        state == TrialState.Completed ? Start.AddMinutes(2) : null);

    public static SweepSnapshot Sweep(string id, SweepState state = SweepState.Running, string? waiting = null, params TrialSnapshot[] trials) => new(
        id,
        SweepTemplates.FirstSweep,
        state,
        trials.GroupBy(trial => trial.State).ToImmutableSortedDictionary(group => group.Key, group => group.Count()),
        0.5,
        trials.Where(trial => trial.Objective is not null).MaxBy(trial => trial.Objective),
        waiting,
        Start,
        state == SweepState.Running ? null : Start.AddMinutes(3));

    public static TrialDetails Details(TrialSnapshot trial) => new(trial, [], [], [], HyperParameters.Complete(trial.Parameters), ImmutableSortedDictionary<string, double>.Empty);

    public static WorkerSnapshot Worker(string id, WorkerState state = WorkerState.Idle) =>
        new(id, "cpu", "2 threads", state, null, 42, "box", Start, Start, 0, 1 << 20, 0);

    /// <summary>A worker that had work for a share of each part of the last hour, and half of that of the day.</summary>
    public static WorkerUtilisation Used(string id, double share) => new(
        id,
        new(Start.AddHours(-1), TimeSpan.FromMinutes(2), [.. Enumerable.Repeat(share, 30)], share),
        new(Start.AddDays(-1), TimeSpan.FromMinutes(30), [.. Enumerable.Repeat(share / 2, 48)], share / 2));

    /// <summary>Puts a sweep with its trials where the pages find it.</summary>
    public static void Put(this FakeMlTrClient client, SweepSnapshot sweep, params TrialSnapshot[] trials)
    {
        client.Sweeps[sweep.Id] = sweep;
        foreach (var trial in trials)
        {
            client.Trials[trial.Id] = Details(trial);
        }
    }
}
