namespace MlTr.EndToEnd.Tests;

public sealed class DemoTests : IDisposable
{
    private static readonly string[] Small = ["--dataset", "marks-mini", "--passes", "2", "--port", "0"];

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("mltr-e2e-");

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task Demo_EndsWithALeaderboardOfSixTrials_AndASecondRunHasTheSameBits()
    {
        await RunDemoAsync();
        await RunDemoAsync();

        var first = Rows("SELECT t.number, n.name, m.step, m.value FROM metrics m JOIN metric_names n USING (name_key) JOIN trials t USING (trial_key) "
            + "WHERE n.name NOT LIKE '%per_second' AND n.name NOT LIKE '%wait%' AND n.name NOT LIKE 'system/%' AND t.sweep_id = (SELECT min(id) FROM sweeps) ORDER BY 1, 2, 3");
        var second = Rows("SELECT t.number, n.name, m.step, m.value FROM metrics m JOIN metric_names n USING (name_key) JOIN trials t USING (trial_key) "
            + "WHERE n.name NOT LIKE '%per_second' AND n.name NOT LIKE '%wait%' AND n.name NOT LIKE 'system/%' AND t.sweep_id = (SELECT max(id) FROM sweeps) ORDER BY 1, 2, 3");
        Assert.NotEmpty(first);
        Assert.Equal(first, second);
    }

    [Fact]
    public async Task WorkerKilled_IsRestarted_AndEveryTrialCompletesWithoutGapsOrDoubles()
    {
        await using var platform = PlatformProcess.Start(["demo", "--data", _data.FullName, "--log", "Information", .. Small]);
        var worker = await platform.WorkerAsync();
        await platform.LineAsync(line => line.StartsWith("trial 2 Running", StringComparison.Ordinal));

        PlatformProcess.Signal("-KILL", worker);

        Assert.True(await platform.ExitAsync() == 0, platform.Output);
        Assert.Equal("6", Assert.Single(Rows("SELECT count(*) FROM trials WHERE state = 'Completed'")));
        Assert.NotEqual("0", Assert.Single(Rows("SELECT count(*) FROM attempts WHERE state = 'Lost'")));
        Assert.Empty(Rows("SELECT trial_key, name_key, step FROM metrics WHERE superseded_by IS NULL GROUP BY 1, 2, 3 HAVING count(*) > 1"));
        Assert.Single(Rows("SELECT DISTINCT count(*) FROM metrics m JOIN metric_names n USING (name_key) WHERE n.name = 'train/loss' AND superseded_by IS NULL GROUP BY trial_key"));
    }

    [Fact]
    public async Task Interrupt_StopsInGoodOrder_AndTheNextStartFinishesTheSweep()
    {
        await using (var platform = PlatformProcess.Start(["demo", "--data", _data.FullName, .. Small]))
        {
            await platform.LineAsync(line => line.StartsWith("trial 2 Running", StringComparison.Ordinal));
            var asked = TimeProvider.System.GetTimestamp();
            platform.Interrupt();
            Assert.True(await platform.ExitAsync() == 0, platform.Output);
            TestContext.Current.TestOutputHelper?.WriteLine($"stopped after {TimeProvider.System.GetElapsedTime(asked).TotalSeconds:0.0} s");
        }

        Assert.Equal(["Yielded"], Rows("SELECT DISTINCT state FROM attempts WHERE state <> 'Completed'"));
        await using var next = PlatformProcess.Start("--data", _data.FullName, "--port", "0");
        await next.LineAsync(line => line.Contains("all 6 trials have their result", StringComparison.Ordinal));
        next.Interrupt();

        Assert.Equal(0, await next.ExitAsync());
    }

    private async Task RunDemoAsync()
    {
        await using var demo = PlatformProcess.Start(["demo", "--data", _data.FullName, .. Small]);
        Assert.True(await demo.ExitAsync() == 0, demo.Output);
        Assert.Contains("Leaderboard", demo.Output, StringComparison.Ordinal);
    }

    private List<string> Rows(string sql) => Database.Rows(_data.FullName, sql);
}
