using Bunit;
using MlTr.Abstractions.Workers;
using MlTr.Dashboard.Features.Workers;

namespace MlTr.Dashboard.Tests.Features.Workers;

public sealed class WorkersPageTests : PageTest
{
    [Fact]
    public void Event_AWorkerIsLost_ThePageFollows()
    {
        Client.Scheduler = new([new(new("s", 6), "Waits for a free worker.")], [Show.Worker("worker-1")]);
        var page = Open<WorkersPage>("/workers");
        page.WaitForAssertion(() => Assert.Equal("Idle", page.Find("[data-testid=worker-row]").GetAttribute("data-state")));
        Assert.Contains("Waits for a free worker.", page.Find("[data-testid=queue-table]").TextContent, StringComparison.Ordinal);

        Client.Publish(new SchedulerSnapshot([], [Show.Worker("worker-1", WorkerState.Lost)]));

        page.WaitForAssertion(() => Assert.Equal("Lost", page.Find("[data-testid=worker-row]").GetAttribute("data-state")));
        Assert.Contains("Nothing waits", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drain_ThenResume_IsAskedForAndShown()
    {
        Client.Scheduler = new([], [Show.Worker("worker-1")]);
        var page = Open<WorkersPage>("/workers");

        await page.WaitForElement("[data-testid=drain]").ClickAsync();
        page.WaitForAssertion(() => Assert.Equal("drained", page.Find("[data-testid=drained]").TextContent));
        await page.WaitForElement("[data-testid=resume-worker]").ClickAsync();

        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[data-testid=drained]")));
        Assert.Equal(["drain worker-1", "resume worker-1"], Client.Asked);
    }

    [Fact]
    public void Utilisation_IsDrawnForEachWorker_WithATextAlternative_AndReadAgainWhenWorkChanges()
    {
        Client.Scheduler = new([], [Show.Worker("worker-1")]);
        Client.Utilisation["worker-1"] = Show.Used("worker-1", 0.5);
        var page = Open<WorkersPage>("/workers");
        page.WaitForAssertion(() => Assert.Equal(["0.500", "0.250"], page.FindAll("[data-testid=utilisation]").Select(chart => chart.GetAttribute("data-share"))));
        Assert.Equal(
            "Last hour: with work 50.0% of the time. In steps of 10m 00s, oldest first: 50%, 50%, 50%, 50%, 50%, 50%.", page.Find("[data-testid=utilisation] svg").GetAttribute("aria-label"));
        Assert.Equal("/workers/worker-1", page.Find("[data-testid=used] a").GetAttribute("href"));

        Client.Utilisation["worker-1"] = Show.Used("worker-1", 0.75);
        Client.Publish(new SchedulerSnapshot([], [Show.Worker("worker-1", WorkerState.Busy)]));

        page.WaitForAssertion(() => Assert.Equal("0.750", page.Find("[data-testid=utilisation]").GetAttribute("data-share")));
    }
}
