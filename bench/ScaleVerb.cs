using System.Diagnostics;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Bench.Platform;
using MlTr.Grains.Trials;

namespace MlTr.Bench;

/// <summary>A sweep of 10,000 trials: submitted, run, read, and found again after a restart.</summary>
internal static class ScaleVerb
{
    private const int Trials = 10_000, CurvePoints = 100_000, Reads = 11;

    public static async Task<int> RunAsync()
    {
        using var folder = new TemporaryFolder();
        var database = Path.Combine(folder.Path, "mltr.db");
        await using (var platform = await BenchPlatform.StartAsync(database, workers: 4, () => new NoOpRunner(new NoOpRunner.Record())))
        {
            await SubmitAndRunAsync(platform);
            await ReadAsync(platform);
        }

        var started = Stopwatch.GetTimestamp();
        await using var again = await BenchPlatform.StartAsync(database, workers: 0, () => new NoOpRunner(new NoOpRunner.Record()));
        var sweeps = await again.Client.ListSweepsAsync();
        Figures.Line($"  start on this store until the list of sweeps {Stopwatch.GetElapsedTime(started).TotalSeconds,8:0.00} s  (goal 5), {sweeps.Length} sweeps, test silos included");
        return 0;
    }

    private static async Task SubmitAndRunAsync(BenchPlatform platform)
    {
        var spec = SweepBuilder.Named("many").On(NoPictures.Id).Random(Trials, seed: 1).Range("learning_rate", 1e-6, 1).AtMost(4).Build();
        var started = Stopwatch.GetTimestamp();
        var id = await platform.Client.StartSweepAsync(spec);
        Figures.Line($"{Trials:N0} trials in one sweep");
        Figures.Line($"  submitted and durable                        {Stopwatch.GetElapsedTime(started).TotalSeconds,8:0.00} s");
        await platform.UntilEndedAsync(id);

        Figures.Line($"  all run                                      {Stopwatch.GetElapsedTime(started).TotalSeconds,8:0.00} s, {Trials / Stopwatch.GetElapsedTime(started).TotalSeconds:0} trials/s");
        Figures.Line($"  memory of the process, workers included      {Process.GetCurrentProcess().WorkingSet64 / 1048576.0,8:0} MiB (goal 1,024)");
    }

    private static async Task ReadAsync(BenchPlatform platform)
    {
        var id = (await platform.Client.ListSweepsAsync())[0].Id;
        var curve = await WriteCurveAsync(platform);
        await PrintAsync("top 100 by the objective, all sweeps", 20, async () => (await platform.Client.GetTopAsync(100)).Rows.Length);
        await PrintAsync("leaderboard of the sweep, all rows", 500, async () => (await platform.Client.GetLeaderboardAsync(id)).Rows.Length);
        await PrintAsync("the sweep's trials", 500, async () => (await platform.Client.GetTrialsAsync(id)).Length);
        await PrintAsync("the sweep's curves of one metric", 500, async () => (await platform.Client.GetSweepCurvesAsync(id, MetricNames.MeanAveragePrecision)).Count);
        await PrintAsync($"a curve of {CurvePoints:N0} points", 100, async () => (await platform.Client.GetCurvesAsync(curve, MetricNames.TrainLoss))[0].Points.Length);
    }

    private static async Task<TrialId> WriteCurveAsync(BenchPlatform platform)
    {
        // A worker of the bench's own: the platform's get none of this sweep, as its only trial is begun here at an epoch that they cannot reach.
        var id = await platform.Client.StartSweepAsync(SweepBuilder.Named("long").On(NoPictures.Id).Fixed("learning_rate", 0.5).Build());
        var trial = new TrialId(id, 1);
        var reports = platform.Grains.GetGrain<ITrialReports>(trial.ToString());
        await reports.BeginAsync(1_000_000, "bench", "cpu");
        foreach (var steps in Enumerable.Range(1, CurvePoints).Chunk(5_000))
        {
            await reports.ReportAsync(new TrialReport(1_000_000) { Step = steps[^1], Points = [.. steps.Select(step => new MetricPoint(MetricNames.TrainLoss, step, 1.0 / step))] });
        }

        return trial;
    }

    private static async Task PrintAsync(string what, double goal, Func<Task<int>> readAsync)
    {
        var count = await readAsync();
        var times = new List<double>();
        for (var read = 0; read < Reads; read++)
        {
            var started = Stopwatch.GetTimestamp();
            await readAsync();
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        Figures.Line($"  {what,-44} {Figures.Quantile(times, 0.5),8:0.0} ms (goal {goal:0}), {count:N0} rows");
    }
}
