using MlTr.Abstractions.Trials;
using MlTr.Grains.Tests.Storage;
using MlTr.Grains.Trials;

namespace MlTr.Grains.Tests.Trials;

/// <summary>A trial that kills its workers is given up; one whose control process dies is not.</summary>
public sealed class LossTests(PlatformFixture platform)
{
    [Fact]
    public async Task Lose_ByTheControlProcess_DoesNotCount_ByTheWorker_FiveTimesEndsIt()
    {
        var id = new TrialId($"loss-{Guid.NewGuid():N}", 1);
        var sweep = SomeRow.Sweep(id.SweepId);
        await platform.Store.SaveSweepAsync(sweep, [SomeRow.Trial(id.SweepId, 1)], [], TestContext.Current.CancellationToken);
        var trial = platform.Grains.GetGrain<ITrialReports>(id.ToString());
        var waits = new List<bool>();
        FailureKind[] losses = [.. Enumerable.Repeat(FailureKind.ControlLost, 6), .. Enumerable.Repeat(FailureKind.WorkerLost, 2), FailureKind.ControlLost, .. Enumerable.Repeat(FailureKind.WorkerLost, 3)];

        foreach (var (kind, number) in losses.Select((kind, index) => (kind, index + 1)))
        {
            var epoch = 100 + number; // above any that the row has
            Assert.NotNull(await trial.BeginAsync(epoch, "gone", "cpu"));
            waits.Add(await trial.LoseAsync(epoch, "gone", "it is dead", stopReason: null, kind));
        }

        Assert.Equal([.. Enumerable.Repeat(true, losses.Length - 1), false], waits);
        var details = await platform.Client.GetTrialAsync(id);
        Assert.Equal(TrialState.Failed, details.Trial.State);
        Assert.Contains("5 times in a row", details.Trial.Reason, StringComparison.Ordinal);
        Assert.Equal(losses, details.Attempts.TakeLast(losses.Length).Select(attempt => attempt.Failure!.Value));
    }
}
