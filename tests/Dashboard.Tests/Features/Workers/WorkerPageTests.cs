using Bunit;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;
using MlTr.Dashboard.Features.Workers;

namespace MlTr.Dashboard.Tests.Features.Workers;

public sealed class WorkerPageTests : PageTest
{
    private static readonly WorkerHistory History = new(
        [
            new(new("s", 3), null, 2, AttemptState.Running, Show.Start, null, null),
            new(new("s", 2), new("s/2/e1", 4), 0, AttemptState.Completed, Show.Start.AddMinutes(-5), Show.Start.AddMinutes(-3), null),
            new(new("s", 1), null, 1, AttemptState.Lost, Show.Start.AddHours(-1), Show.Start.AddMinutes(-30), "process 7 was ended by signal 9"),
        ],
        [
            new(Show.Start, "worker-1", WorkerEventKind.Drained, "gets no new trial", "ada"),
            new(Show.Start.AddMinutes(-30), "worker-1", WorkerEventKind.Restarted, "restart 1 since the platform started", "supervisor"),
        ],
        [new(Show.Start.AddMinutes(-30), 1 << 20), new(Show.Start, 3 << 20)]);

    [Fact]
    public void Work_IsListedWithLinksAndOutcomes_BesideTheCharts()
    {
        Put(History);
        Client.Utilisation["worker-1"] = Show.Used("worker-1", 0.5);

        var page = Open("/workers/worker-1");

        page.WaitForAssertion(() => Assert.Equal(3, page.FindAll("[data-testid=worker-runs] tbody tr").Count));
        Assert.Equal(["/sweeps/s/trials/3", "/sweeps/s/trials/2?tab=evaluations", "/sweeps/s/trials/1"], page.FindAll("[data-testid=worker-runs] a").Select(link => link.GetAttribute("href")));
        Assert.Equal(["running", "completed", "lost"], page.FindAll("[data-testid=worker-runs] .chip").Select(chip => chip.TextContent));
        Assert.Contains("30m 00s", page.FindAll("[data-testid=worker-runs] tbody tr")[2].TextContent, StringComparison.Ordinal);
        Assert.Equal(2, page.FindAll("[data-testid=utilisation]").Count);
        Assert.StartsWith("Memory over the last ", page.Find("[data-testid=memory] svg").GetAttribute("aria-label"), StringComparison.Ordinal);
        Assert.Contains("between 1 MiB and 3 MiB, now 3 MiB", page.Find("[data-testid=memory] svg").GetAttribute("aria-label"), StringComparison.Ordinal);
    }

    [Fact]
    public void Events_TellRestartsAndDrains()
    {
        Put(History);

        var page = Open("/workers/worker-1?tab=events");

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("[data-testid=worker-events] tbody tr").Count));
        Assert.Contains("drained", page.Find("[data-testid=worker-events]").TextContent, StringComparison.Ordinal);
        Assert.Contains("ada", page.Find("[data-testid=worker-events]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drain_IsAskedForAndShown()
    {
        Put(History);
        var page = Open("/workers/worker-1");

        await page.WaitForElement("[data-testid=drain]").ClickAsync();

        page.WaitForAssertion(() => Assert.Contains("drained", page.Find("[data-testid=drained]").TextContent, StringComparison.Ordinal));
        Assert.Equal(["drain worker-1"], Client.Asked);
    }

    [Fact]
    public void Log_FollowsWhatIsPushed_AndFiltersByLevelAndText()
    {
        Put(History);
        Client.WorkerLogs["worker-1"] = new("box", [Line(1, "info", "Silo: started"), Line(2, "warning", "WorkerGrain: tries again")]);
        var page = Open("/workers/worker-1?tab=log");
        page.WaitForAssertion(() => Assert.Equal(["Silo: started", "WorkerGrain: tries again"], Texts(page)));

        Client.Publish("worker-1", new WorkerLog("box", [Line(2, "warning", "WorkerGrain: tries again"), Line(3, "error", "WorkerGrain: gave up")]));
        page.WaitForAssertion(() => Assert.Equal(3, Texts(page).Count()));

        Navigation.NavigateTo("/workers/worker-1?tab=log&level=warning");
        page.WaitForAssertion(() => Assert.Equal(["WorkerGrain: tries again", "WorkerGrain: gave up"], Texts(page)));
        Navigation.NavigateTo("/workers/worker-1?tab=log&q=gave");
        page.WaitForAssertion(() => Assert.Equal(["WorkerGrain: gave up"], Texts(page)));
    }

    [Fact]
    public void Log_OfAWorkerThatNobodySupervises_SaysWhereItIs()
    {
        Put(History);

        var page = Open("/workers/worker-1?tab=log");

        page.WaitForAssertion(() => Assert.Contains("runs as process 42 on box", page.Find("[data-testid=log-elsewhere]").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void Page_OfAWorkerThatIsGone_ShowsWhatItDid_AndOfAnUnknownOneSaysSo()
    {
        Client.WorkerHistories["old"] = History;

        var page = Render<WorkerPage>(parameters => parameters.Add(one => one.Id, "old"));
        page.WaitForAssertion(() => Assert.Contains("It has not called since the scheduler started", page.Markup, StringComparison.Ordinal));
        var unknown = Render<WorkerPage>(parameters => parameters.Add(one => one.Id, "nobody"));

        unknown.WaitForAssertion(() => Assert.Contains("There is no such worker", unknown.Markup, StringComparison.Ordinal));
    }

    private void Put(WorkerHistory history)
    {
        Client.Scheduler = new([], [Show.Worker("worker-1")]);
        Client.WorkerHistories["worker-1"] = history;
    }

    private IRenderedComponent<WorkerPage> Open(string address) => Open<WorkerPage>(address, parameters => parameters.Add(page => page.Id, "worker-1"));

    private static IEnumerable<string> Texts(IRenderedComponent<WorkerPage> page) => page.FindAll("[data-testid=log] .text").Select(text => text.TextContent);

    private static WorkerLogLine Line(long number, string level, string text) => new(1_700_000_000_000 + number, 42, Show.Start, level, text);
}
