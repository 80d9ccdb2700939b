using System.Collections.Immutable;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Storage;

namespace MlTr.Bench.Pages;

/// <summary>A store as after months of work: one sweep of 10,000 trials, the last of which still runs, one trial of long curves, and many small sweeps.</summary>
internal static class GeneratedStore
{
    public const int Trials = 10_000, CurvePoints = 100_000, SmallSweeps = 200;

    /// <summary>The sweep of 10,000 trials; all have ended but the last, which waits for the bench itself.</summary>
    public const string Many = "many";

    /// <summary>The sweep whose one trial has curves of 100,000 points.</summary>
    public const string Long = "long";

    /// <summary>Labels that no worker has: the bench runs these trials itself.</summary>
    private const string OwnLabels = "site=bench";

    private const string Dataset = "marks-mini";
    private static readonly DateTimeOffset Then = new(2026, 11, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly string[] Validation = [MetricNames.MeanAveragePrecision, MetricNames.ClassF1, MetricNames.OverallF1];

    public static async Task WriteAsync(string database)
    {
        var options = new StoreOptions { DatabasePath = database };
        await using var store = SqliteExperimentStore.Open(options, TimeProvider.System, await StoreStartup.MigrateAsync(options, TimeProvider.System));
        for (var i = 0; i < SmallSweeps; i++)
        {
            await WriteSweepAsync(store, $"small-{i:000}", trials: 12, open: 0, seed: i);
        }

        await WriteSweepAsync(store, Many, Trials - 1, open: 1, seed: 1_000);
        await WriteSweepAsync(store, Long, trials: 1, open: 0, seed: 2_000);
        foreach (var name in new[] { MetricNames.TrainLoss, MetricNames.LearningRate, MetricNames.ImagesPerSecond })
        {
            var row = (await store.LoadTrialAsync(new TrialId(Long, 1)))!;
            await store.SaveTrialAsync(new TrialChange(row)
            {
                AttemptNumber = 1,
                Points = [.. Enumerable.Range(1, CurvePoints).Select(step => new MetricPoint(name, step, 2.0 / Math.Sqrt(step)))],
                Time = Then,
            });
        }
    }

    private static async Task WriteSweepAsync(SqliteExperimentStore store, string id, int trials, int open, int seed)
    {
        var random = new Random(seed);
        var spec = SweepBuilder.Named($"{id} of {trials}").On(Dataset).Random(trials + open, seed).Range("learning_rate", 1e-5, 1e-1, log: true)
            .Choice("cross_window", true, false).Choice("batch_size", 16, 32, 64).OnWorkers(OwnLabels).Build();
        var created = Then + TimeSpan.FromMinutes(seed);
        var sweep = new SweepRow(id, spec, open > 0 ? SweepState.Running : SweepState.Completed, new SearchState(trials + open, true), "bench", created, open > 0 ? null : created + TimeSpan.FromHours(9), 0);
        ImmutableArray<TrialRow> rows = [.. Enumerable.Range(1, trials + open).Select(number => Row(new TrialId(id, number), created, random, number > trials))];
        await store.SaveSweepAsync(sweep, rows, [new NewEvent(created, id, null, "sweep-started", $"{trials} trials", "bench")]);
        foreach (var chunk in rows.Take(trials).Chunk(1_000))
        {
            await Task.WhenAll(chunk.Select(row => store.SaveTrialAsync(new TrialChange(row with { Version = 1 })
            {
                Attempt = new AttemptSnapshot(1, 1, "w1", AttemptState.Completed, created, row.Trial.EndedAt, 0, "trained to its end", "bench"),
                AttemptNumber = 1,
                Points = Points(row.Trial),
                Events = [new NewEvent(created, id, row.Id.Number, "attempt-started", "attempt 1 runs on w1", "w1"), new NewEvent(created, id, row.Id.Number, "trial-completed", "trained to its end", "w1")],
                Time = created,
            })));
        }
    }

    private static TrialRow Row(TrialId id, DateTimeOffset created, Random random, bool waits)
    {
        var quality = random.NextDouble();
        var parameters = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
        [
            KeyValuePair.Create<string, ParameterValue>("learning_rate", Math.Pow(10, -5 + (4 * random.NextDouble()))),
            KeyValuePair.Create<string, ParameterValue>("cross_window", random.Next(2) == 0),
            KeyValuePair.Create<string, ParameterValue>("batch_size", 16 << random.Next(3)),
        ]);
        var metrics = waits ? [] : Validation.Select((name, i) => KeyValuePair.Create(name, 0.3 + (0.6 * quality) - (0.02 * i))).Append(KeyValuePair.Create(MetricNames.TrainLoss, 1 - (0.7 * quality)))
            .Append(KeyValuePair.Create(MetricNames.LearningRate, 1e-5)).Append(KeyValuePair.Create(MetricNames.ImagesPerSecond, 100 + random.NextDouble()));
        var ended = created + TimeSpan.FromMinutes(3 + (5 * random.NextDouble()));
        return new TrialRow(
            new TrialSnapshot(id, waits ? TrialState.Queued : TrialState.Completed, parameters, waits ? 0 : 500, waits ? 0 : 500, waits ? null : 0.3 + (0.6 * quality),
                metrics.ToImmutableSortedDictionary(StringComparer.Ordinal), waits ? 0 : 1, waits ? null : "w1", waits ? "waits for a worker" : "trained to its end", created, waits ? null : created, waits ? null : ended),
            Epoch: waits ? 0 : 1,
            Version: 0);
    }

    /// <summary>Five validations and twenty reports of the loss.</summary>
    private static ImmutableArray<MetricPoint> Points(TrialSnapshot trial) =>
    [
        .. from pass in Enumerable.Range(1, 5)
           from name in Validation
           select new MetricPoint(name, pass * 100, trial.Metrics[name] * (0.5 + (0.1 * pass))),
        .. Enumerable.Range(1, 20).Select(report => new MetricPoint(MetricNames.TrainLoss, report * 25, trial.Metrics[MetricNames.TrainLoss] * (3 - (0.1 * report)))),
    ];
}
