using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;

namespace MlTr.EndToEnd.Tests.Cluster;

/// <summary>The same program as a cluster: PostgreSQL, two control processes, three workers, a dashboard of its own, and this process as the client.</summary>
public sealed class ClusterTests
{
    private const int Trials = 6;

    [Fact(Timeout = 240_000)]
    public async Task ControlSiloAndWorkerKilled_InTheMiddleOfASweep_EveryTrialHasItsResultOnceAndNoPointIsMissingOrDouble()
    {
        await using var cluster = await TestCluster.StartAsync(TestContext.Current.CancellationToken);
        PlatformProcess[] controls = [cluster.Start("--roles", "control"), cluster.Start("--roles", "control")];
        var workers = Enumerable.Range(1, 3).ToDictionary(number => $"w{number}", number => cluster.Start("--roles", "worker", "--worker-id", $"w{number}", "--threads", "1"));
        var dashboard = cluster.Start("--roles", "dashboard");
        await Task.WhenAll(controls.Select(control => control.AddressAsync()));
        await using var platform = await cluster.ConnectAsync(dashboard, workers.Count);
        var sweep = await platform.Client.StartSweepAsync(TestCluster.Sweep("cluster", Trials, passes: 6).Build());
        await TestCluster.UntilAsync(async () => (await platform.Client.GetSweepAsync(sweep)).Counts.GetValueOrDefault(TrialState.Completed) >= 1);

        // The control process with the scheduler, and a worker early in a trial, which cannot have ended it before the signal comes.
        var scheduling = controls.Single(control => control.Output.Contains(" goes to w", StringComparison.Ordinal));
        var busy = await TestCluster.StopInATrialAsync(platform.Client, sweep, workers.GetValueOrDefault);
        PlatformProcess.Signal("-KILL", workers[busy.Worker!].Id);
        PlatformProcess.Signal("-KILL", scheduling.Id);

        await TestCluster.UntilAsync(async () => (await platform.Client.GetSweepAsync(sweep)).IsFinal);
        var end = await platform.Client.GetSweepAsync(sweep);
        Assert.Equal(SweepState.Completed, end.State);
        Assert.All(await platform.Client.GetTrialsAsync(sweep), trial => Assert.Equal((TrialState.Completed, trial.TotalSteps), (trial.State, trial.Step)));
        Assert.Contains((await platform.Client.GetTrialAsync(busy.Id)).Attempts, attempt => attempt.State == AttemptState.Lost);
        cluster.AssertNothingLostOrDouble(Trials);
    }
}
