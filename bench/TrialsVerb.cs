using System.Diagnostics;
using MlTr.Abstractions.Sweeps;
using MlTr.Bench.Platform;

namespace MlTr.Bench;

/// <summary>Trials that do nothing, through the whole path: submitted, leased, begun, reported, durable, on the leaderboard.</summary>
internal static class TrialsVerb
{
    private const int Workers = 4;

    public static async Task<int> RunAsync(int trials)
    {
        using var folder = new TemporaryFolder();
        var record = new NoOpRunner.Record();
        await using var platform = await BenchPlatform.StartAsync(Path.Combine(folder.Path, "mltr.db"), Workers, () => new NoOpRunner(record));
        await RunSweepAsync(platform, 2_000); // what is compiled and cached at the first call is not the path's cost
        record.IdleMilliseconds.Clear();
        record.Runs.Clear();

        using var commits = new CommitCount();
        var (seconds, completed) = await RunSweepAsync(platform, trials);
        Figures.Line($"{trials} trials that do nothing, {Workers} workers, SQLite on disk with synchronous = FULL");
        Figures.Line($"  trials per second               {trials / seconds,10:0}   (goal 1,000)");
        Figures.Line($"  idle between two trials, median {Figures.Quantile(record.IdleMilliseconds, 0.5),10:0.0} ms (goal 10), 95 % {Figures.Quantile(record.IdleMilliseconds, 0.95):0.0} ms");
        Figures.Line($"  commits, and fsyncs, per trial  {(double)commits.Value / trials,10:0.00}");
        Figures.Line($"  completed {completed}, begun twice {record.Runs.Values.Count(runs => runs > 1)}, never begun {trials - record.Runs.Count}");

        record.Runs.Clear();
        var (_, small) = await RunSweepAsync(platform, 36);
        Figures.Line($"36 queued points, {Workers} workers: completed {small}, run twice {record.Runs.Values.Count(runs => runs > 1)} (goal 0)");
        return completed == trials && small == 36 && record.Runs.Values.All(runs => runs == 1) ? 0 : 1;
    }

    /// <returns>Seconds from the submission until the leaderboard ranks every trial, and how many it ranks.</returns>
    internal static async Task<(double Seconds, int Completed)> RunSweepAsync(BenchPlatform platform, int trials)
    {
        var spec = SweepBuilder.Named("nothing").On(NoPictures.Id).Random(trials, seed: 1).Range("learning_rate", 1e-6, 1).Build();
        var started = Stopwatch.GetTimestamp();
        var id = await platform.Client.StartSweepAsync(spec);
        await platform.UntilEndedAsync(id);

        var board = await platform.Client.GetLeaderboardAsync(id);
        return (Stopwatch.GetElapsedTime(started).TotalSeconds, board.Rows.Count(row => row.Rank > 0));
    }
}
