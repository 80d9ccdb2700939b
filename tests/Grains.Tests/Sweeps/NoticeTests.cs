using MlTr.Abstractions.Sweeps;
using MlTr.Grains.Storage;

namespace MlTr.Grains.Tests.Sweeps;

/// <summary>What a sweep leaves in the outbox for the webhook.</summary>
public sealed class NoticeTests(PlatformFixture platform)
{
    [Fact]
    public async Task Sweep_Completes_LeavesOneNoticeWithItsBestTrial_AndDeletingItLeavesNoOther()
    {
        var id = await StartAsync(0.1, 0.3, 0.2);
        await platform.UntilAsync(id, sweep => sweep.EndedAt is not null);
        await platform.Client.DeleteSweepAsync(id);

        var notice = Assert.Single(await NoticesAsync(id));
        Assert.Equal(("sweep.completed", "completed", "val/mAP", 0.3, 2), (notice.Event, notice.State, notice.Metric, notice.Value, notice.BestTrial));
        await platform.Client.PurgeSweepAsync(id);
        Assert.Empty(await NoticesAsync(id));
    }

    [Fact]
    public async Task Sweep_IsCancelledWhileNothingRuns_LeavesANotice()
    {
        var id = "notice-" + Guid.NewGuid().ToString("N");
        await platform.Grains.GetGrain<ISweepGrain>(id).StartAsync(Spec(0.1) with { WorkerLabels = "device=none" }, "test");

        await platform.Client.CancelSweepAsync(id, "seen enough");

        Assert.Equal("sweep.cancelled", Assert.Single(await NoticesAsync(id)).Event);
    }

    private async Task<List<Notice>> NoticesAsync(string id) =>
        [.. (await platform.Store.ListDeliveriesAsync(TestContext.Current.CancellationToken)).Select(delivery => delivery.Notice).Where(notice => notice.SweepId == id)];

    private async Task<string> StartAsync(params double[] rates)
    {
        var id = "notice-" + Guid.NewGuid().ToString("N");
        await platform.Grains.GetGrain<ISweepGrain>(id).StartAsync(Spec(rates), "test");
        return id;
    }

    private static SweepSpec Spec(params double[] rates) =>
        SweepTemplates.FirstSweep with { Parameters = [new ChoiceParameter("learning_rate", [.. rates.Select(ParameterValue.Of)])] };
}
