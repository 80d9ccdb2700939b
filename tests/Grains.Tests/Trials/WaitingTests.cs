using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Tests.Sweeps;

namespace MlTr.Grains.Tests.Trials;

/// <summary>A trial that a worker has but that cannot train yet says what it waits for.</summary>
public sealed class WaitingTests(PlatformFixture platform)
{
    [Fact]
    public async Task Run_WaitsForItsPictures_SaysSoUntilItTrains()
    {
        var id = $"waiting-{Guid.NewGuid():N}";
        var pictures = new TaskCompletionSource();
        platform.Runner.WaitFor(id, "the pictures of marks: 40 % done", pictures.Task);
        await platform.Grains.GetGrain<ISweepGrain>(id).StartAsync(SweepLifecycleTests.Rates(0.1), "test");

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        var seen = new List<TrialSnapshot>();
        await foreach (var change in platform.Client.WatchSweepAsync(id, limit.Token))
        {
            if (change.Trial is { } trial)
            {
                seen.Add(trial);
                if (trial.IsWaiting)
                {
                    pictures.TrySetResult();
                }
                else if (trial.IsFinal)
                {
                    break;
                }
            }
        }

        Assert.Contains(seen, trial => trial.IsWaiting && trial.Reason == "waits for the pictures of marks: 40 % done");
        var trains = seen.SkipWhile(trial => !trial.IsWaiting).First(trial => !trial.IsWaiting);
        Assert.Equal((TrialState.Running, $"attempt 1 runs on {trains.Worker}"), (trains.State, trains.Reason));
        Assert.Equal((TrialState.Completed, false), (seen[^1].State, seen[^1].IsWaiting));
    }
}
