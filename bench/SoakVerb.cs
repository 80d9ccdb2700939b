using System.Diagnostics;
using Microsoft.Data.Sqlite;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Sweeps;
using MlTr.Bench.Platform;

namespace MlTr.Bench;

/// <summary>Real processes are killed at random moments while sweeps train on the small built-in dataset; then the store is asked what was lost.</summary>
internal static class SoakVerb
{
    private const int Trials = 6, ControlShare = 2; // every second kill hits the control process

    public static async Task<int> RunAsync(int kills)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(1);
        var started = Stopwatch.GetTimestamp();
        var platform = PlatformUnderTest.Start(folder.Path);
        var (workers, controls, sweeps) = (0, 0, 0);
        try
        {
            await platform.WorkerAsync;
            while (workers + controls < kills)
            {
                sweeps += await SubmitIfIdleAsync(await platform.AddressAsync, sweeps);
                await Task.Delay(random.Next(200, 8_000));
                if ((workers + controls) % ControlShare == 0)
                {
                    await platform.KillAsync();
                    platform.Dispose();
                    platform = PlatformUnderTest.Start(folder.Path);
                    controls++;
                }
                else
                {
                    await platform.KillWorkerAsync();
                    workers++;
                }
            }

            await UntilIdleAsync(await platform.AddressAsync);
        }
        finally
        {
            platform.Dispose();
        }

        Figures.Line($"{workers} kills of the worker and {controls} of the control process in {Stopwatch.GetElapsedTime(started).TotalMinutes:0.0} min, over {sweeps} sweeps of {Trials} trials");
        return Report(Path.Combine(folder.Path, "mltr.db"), sweeps);
    }

    private static int Report(string database, int sweeps)
    {
        using var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False");
        connection.Open();
        const string valid = "SELECT m.trial_key, m.name_key, m.step FROM metrics m WHERE m.superseded_by IS NULL";
        var lost = (sweeps * Trials) - Count(connection, "SELECT count(*) FROM trials WHERE state = 'Completed'");
        var twice = Count(connection, "SELECT count(*) FROM (SELECT 1 FROM attempts WHERE state = 'Completed' GROUP BY trial_key HAVING count(*) > 1)");
        var doubles = Count(connection, $"SELECT count(*) FROM ({valid} GROUP BY 1, 2, 3 HAVING count(*) > 1)");
        var expected = Count(connection, "SELECT max(total_steps) FROM trials");
        const string points = "SELECT t.trial_key, (SELECT count(DISTINCT step) FROM metrics m JOIN metric_names n USING (name_key) "
            + "WHERE m.trial_key = t.trial_key AND n.name = 'train/loss' AND m.superseded_by IS NULL) AS seen FROM trials t";
        var missing = Count(connection, $"SELECT sum((SELECT max(seen) FROM ({points})) - seen) FROM ({points})"); // every trial takes the same steps
        var attempts = Count(connection, "SELECT count(*) FROM attempts");
        var sound = Text(connection, "PRAGMA integrity_check");
        Figures.Line($"  attempts {attempts}, of them lost {Count(connection, "SELECT count(*) FROM attempts WHERE state = 'Lost'")}; steps per trial {expected}");
        Figures.Line($"  trials lost                  {lost,6}   (goal 0)");
        Figures.Line($"  trials completed twice       {twice,6}   (goal 0)");
        Figures.Line($"  points double                {doubles,6}   (goal 0)");
        Figures.Line($"  points of the loss missing   {missing,6}   (goal 0)");
        Figures.Line($"  PRAGMA integrity_check       {sound,6}");
        return lost == 0 && twice == 0 && doubles == 0 && missing == 0 && sound == "ok" ? 0 : 1;
    }

    private static async Task<int> SubmitIfIdleAsync(string address, int sweeps)
    {
        await using var connection = await PlatformConnection.OpenAsync(address);
        if ((await connection.Client.ListSweepsAsync()).Any(sweep => !sweep.IsFinal))
        {
            return 0;
        }

        await connection.Client.StartSweepAsync(SweepBuilder.Named($"soak {sweeps + 1}").On("marks-mini").Random(Trials, seed: sweeps)
            .Range("learning_rate", 1e-4, 1e-2, log: true).Fixed("passes", 12).Fixed("batch_size", 16).Build());
        return 1;
    }

    private static async Task UntilIdleAsync(string address)
    {
        await using var connection = await PlatformConnection.OpenAsync(address);
        while ((await connection.Client.ListSweepsAsync()).Any(sweep => !sweep.IsFinal))
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
        }
    }

    private static long Count(SqliteConnection connection, string sql) => Convert.ToInt64(Ask(connection, sql), System.Globalization.CultureInfo.InvariantCulture);

    private static string Text(SqliteConnection connection, string sql) => (string)Ask(connection, sql);

    private static object Ask(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the statements are the constants above
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar()!;
    }
}
