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
    public void Deleted_ShowsThoseOnly_AndRestoresThem()
    {
        var page = Open<SweepsPage>("/sweeps?state=deleted");
        page.WaitForElement("[data-sweep=gone] [data-testid=restore-sweep]").Click();

        page.WaitForAssertion(() => Assert.Contains("No sweep is deleted", page.Markup, StringComparison.Ordinal));
        Assert.Empty(page.FindAll("[data-sweep=kept]"));
        Assert.Equal(["restore gone"], Client.Asked);
    }
}
