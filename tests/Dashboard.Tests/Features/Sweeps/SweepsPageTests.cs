using Bunit;
using MlTr.Abstractions.Sweeps;
using MlTr.Dashboard.Features.Sweeps;

namespace MlTr.Dashboard.Tests.Features.Sweeps;

public sealed class SweepsPageTests : PageTest
{
    public SweepsPageTests()
    {
        Client.Sweeps["kept"] = Show.Sweep("kept", SweepState.Completed);
        Client.Sweeps["gone"] = Show.Sweep("gone", SweepState.Deleted);
    }

    [Fact]
    public void All_LeavesDeletedOnesOut_AndCountsThem()
    {
        var page = Open<SweepsPage>("/sweeps");

        page.WaitForElement("[data-sweep=kept]");
        Assert.Empty(page.FindAll("[data-sweep=gone]"));
        Assert.Contains("Deleted 1", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Archived_AreLeftOut_UntilAskedFor_AndOneThatRunsAgainIsShown()
    {
        Client.Sweeps["old"] = Show.Sweep("old", SweepState.Completed) with { Tags = [SweepSnapshot.ArchivedTag] };
        Client.Sweeps["again"] = Show.Sweep("again", SweepState.Running) with { Tags = [SweepSnapshot.ArchivedTag], EndedAt = null };
        var page = Open<SweepsPage>("/sweeps");
        page.WaitForAssertion(() => Assert.Contains("Archived 1", page.Markup, StringComparison.Ordinal));
        Assert.Empty(page.FindAll("[data-sweep=old]"));
        Assert.Single(page.FindAll("[data-sweep=again]"));

        page.FindAll(".mode").Single(mode => mode.TextContent == "Archived 1").Click();

        page.WaitForAssertion(() => Assert.Equal(["old"], page.FindAll("[data-sweep]").Select(row => row.GetAttribute("data-sweep"))));
    }

    [Fact]
    public void Row_OfAnEndedSweep_ArchivesAndDeletes_OneThatRunsOffersNeither()
    {
        Client.Sweeps["runs"] = Show.Sweep("runs");
        var page = Open<SweepsPage>("/sweeps");
        page.WaitForElement("[data-sweep=kept] [data-testid=row-archive]").Click();
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[data-sweep=kept]")));
        Assert.Empty(page.FindAll("[data-sweep=runs] [data-testid=row-archive], [data-sweep=runs] [data-testid=row-delete]"));

        page.FindAll(".mode").Single(mode => mode.TextContent == "Archived 1").Click();
        page.WaitForElement("[data-sweep=kept] [data-testid=row-unarchive]").Click();
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[data-sweep=kept]")));
        page.FindAll(".mode").Single(mode => mode.TextContent.StartsWith("All", StringComparison.Ordinal)).Click();
        page.WaitForElement("[data-sweep=kept] [data-testid=row-delete]").Click();

        page.WaitForAssertion(() => Assert.Equal(["archive kept", "unarchive kept", "delete kept"], Client.Asked));
    }

    [Fact]
    public void Deleted_ShowsThoseOnly_AndRestoresThem()
    {
        var page = Open<SweepsPage>("/sweeps?state=deleted");
        page.WaitForElement("[data-sweep=gone] [data-testid=restore-sweep]").Click();

        page.WaitForAssertion(() => Assert.Contains("No sweep is deleted", page.Markup, StringComparison.Ordinal));
        Assert.Empty(page.FindAll("[data-sweep=kept]"));
        Assert.Equal(["restore gone"], Client.Asked);
    }

    [Fact]
    public async Task ManySweeps_AreDrawnFiftyAtATime_AndOlderOnesLoaded()
    {
        for (var i = 0; i < 520; i++)
        {
            Client.Sweeps[$"s{i:000}"] = Show.Sweep($"s{i:000}", SweepState.Completed);
        }

        var page = Open<SweepsPage>("/sweeps");
        page.WaitForElement("[data-testid=more-sweeps]");
        Assert.Equal(50, page.FindAll("[data-sweep]").Count);
        Assert.Contains("Show 50 more of 500 and older ones", page.Markup, StringComparison.Ordinal);

        for (var shown = 100; shown <= 500; shown += 50)
        {
            await page.InvokeAsync(() => page.Find("[data-testid=more-sweeps]").Click());
            page.WaitForAssertion(() => Assert.Equal(shown, page.FindAll("[data-sweep]").Count));
        }

        await page.InvokeAsync(() => page.Find("[data-testid=more-sweeps]").Click());
        page.WaitForAssertion(() => Assert.Equal(521, page.FindAll("[data-sweep]").Count));
        Assert.Empty(page.FindAll("[data-testid=more-sweeps]"));
    }

    [Fact]
    public void WhoStartedIt_IsShown_AndSearched()
    {
        Client.Sweeps["hers"] = Show.Sweep("hers", SweepState.Completed) with { StartedBy = "ada" };

        var page = Open<SweepsPage>("/sweeps?q=ada");

        Assert.Contains("ada", page.WaitForElement("[data-sweep=hers]").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("[data-sweep=kept]"));
    }

    [Fact]
    public void AfterABrokenStream_TheListIsReadAgainFromItsNewest()
    {
        var page = Open<SweepsPage>("/sweeps");
        page.WaitForElement("[data-sweep=kept]");

        Client.Sweeps["kept"] = Client.Sweeps["kept"] with { State = SweepState.Failed };
        Client.Sweeps["meanwhile"] = Show.Sweep("meanwhile", SweepState.Completed);
        Client.BreakStreams(new InvalidOperationException("The activation has moved."));

        page.WaitForElement("[data-sweep=meanwhile]");
        Assert.Contains("failed", page.Find("[data-sweep=kept]").TextContent, StringComparison.Ordinal);
    }
}
