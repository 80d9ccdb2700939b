using System.Globalization;

namespace MlTr.EndToEnd.Tests;

/// <summary>A worker that is not dead but silent, and comes back.</summary>
public sealed class SilentWorkerTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mltr-silent-");

    private string Data => Path.Combine(_folder.FullName, "data");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task StoppedWorker_LosesItsTrialAfterTheLease_AndWritesNothingWhenItGoesOn()
    {
        Pictures.Write(Path.Combine(_folder.FullName, "mine"));
        var sweep = Path.Combine(_folder.FullName, "sweep.yaml");
        await File.WriteAllTextAsync(
            sweep, "name: Long\ndatasets: [{id: mine, folder: mine}]\nparameters: {passes: 10000, batch_size: 4, image_size: 32}", TestContext.Current.CancellationToken);
        await using var run = PlatformProcess.StartWith(
            [("MLTR__Scheduler__LeaseDuration", "00:00:06")], "run", sweep, "--data", Data, "--workers", "2", "--threads", "1", "--log", "information");
        await run.LineAsync(line => line.StartsWith("trial 1 Running", StringComparison.Ordinal));
        await Database.UntilRowsAsync(Data, "SELECT 1 FROM checkpoints");
        var silent = Database.Rows(Data, "SELECT worker FROM attempts").Single();
        var process = await run.WorkerAsync($"Worker {silent} ");

        PlatformProcess.Signal("-STOP", process);
        var next = (await Database.UntilRowsAsync(Data, "SELECT worker, resumed_from_step FROM attempts WHERE number = 2 AND environment IS NOT NULL")).Single().Split('|');
        const string OfTheFirst = "SELECT count(*), max(step) FROM metrics WHERE attempt = 1";
        var before = Database.Rows(Data, OfTheFirst).Single();
        PlatformProcess.Signal("-CONT", process);
        await run.LineAsync(line => line.Contains($"Worker {silent} lost trial", StringComparison.Ordinal) || line.Contains($"Worker {silent} (process {process}) is gone", StringComparison.Ordinal));

        Assert.NotEqual(silent, next[0]);
        Assert.NotEqual(0, long.Parse(next[1], CultureInfo.InvariantCulture));
        Assert.Equal(before, Database.Rows(Data, OfTheFirst).Single());
        Assert.Equal("Lost|WorkerLost", Database.Rows(Data, "SELECT state, failure FROM attempts WHERE number = 1").Single());
        Assert.Empty(Database.Rows(Data, "SELECT 1 FROM metrics WHERE superseded_by IS NULL GROUP BY trial_key, name_key, step HAVING count(*) > 1"));
        run.Interrupt();
        await run.ExitAsync();
    }
}
