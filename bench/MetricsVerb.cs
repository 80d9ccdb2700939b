using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Data.Sqlite;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Bench.Platform;
using MlTr.Grains.Trials;

namespace MlTr.Bench;

/// <summary>Metric points as a worker reports them: through the trial's grain, acknowledged once durable.</summary>
internal static class MetricsVerb
{
    private const int Reporters = 64, BatchPoints = 1_000, Batches = 20, Singles = 200;
    private static readonly string[] Names = ["train/loss", "train/grad_norm", "val/mAP", "train/learning_rate"];

    public static async Task<int> RunAsync()
    {
        using var folder = new TemporaryFolder();
        var database = Path.Combine(folder.Path, "mltr.db");
        await using var platform = await BenchPlatform.StartAsync(database, workers: 0, () => new NoOpRunner(new NoOpRunner.Record()));
        var id = await platform.Client.StartSweepAsync(SweepBuilder.Named("points").On(NoPictures.Id).Random(2 * Reporters, seed: 1).Range("learning_rate", 1e-6, 1).Build());
        var trials = await Task.WhenAll(Enumerable.Range(1, 2 * Reporters).Select(async number =>
        {
            var trial = platform.Grains.GetGrain<ITrialReports>(new TrialId(id, number).ToString());
            await trial.BeginAsync(1, $"bench-{number}", "cpu");
            return trial;
        }));
        var before = Bytes(database);

        using var commits = new CommitCount();
        var batched = await TimeAsync(trials[..Reporters], Batches, BatchPoints);
        var batchCommits = commits.Value;
        var points = Reporters * Batches * BatchPoints;
        var bytes = Bytes(database) - before;
        var single = await TimeAsync(trials[Reporters..], Singles, 1);
        Figures.Line($"{Reporters} trials report at once; a point is acknowledged once it is durable (SQLite on disk, synchronous = FULL)");
        Figures.Line($"  in batches of {BatchPoints}: {points / batched,10:0} points/s (goal 200,000), {(double)batchCommits / points:0.0000} fsyncs per point");
        Figures.Line($"  one by one:       {Reporters * Singles / single,10:0} points/s (goal 5,000), {(double)(commits.Value - batchCommits) / (Reporters * Singles):0.000} fsyncs per point");
        Figures.Line($"  on disk:          {(double)bytes / points,10:0.0} bytes per point with trial, name, step and attempt (goal under 43)");
        return 0;
    }

    private static async Task<double> TimeAsync(ITrialReports[] trials, int reports, int pointsEach)
    {
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(trials.Select(trial => Task.Run(async () =>
        {
            var step = 0;
            for (var report = 0; report < reports; report++)
            {
                var points = ImmutableArray.CreateBuilder<MetricPoint>(pointsEach);
                for (var point = 0; point < pointsEach; point++)
                {
                    step += point % Names.Length == 0 ? 1 : 0;
                    points.Add(new MetricPoint(Names[point % Names.Length], step, Math.Sin(step + point)));
                }

                await trial.ReportAsync(new TrialReport(1) { Step = step, Points = points.MoveToImmutable() });
            }
        })));
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static long Bytes(string database)
    {
        using var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()";
        return (long)command.ExecuteScalar()!;
    }
}
