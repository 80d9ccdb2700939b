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
}
