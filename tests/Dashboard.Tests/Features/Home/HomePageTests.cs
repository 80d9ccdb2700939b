using Bunit;
using MlTr.Abstractions.Sweeps;
using MlTr.Dashboard.Features.Home;

namespace MlTr.Dashboard.Tests.Features.Home;

public sealed class HomePageTests : PageTest
{
    [Fact]
    public void Open_NothingThereYet_OffersTheFirstSweep()
    {
        var page = Open<HomePage>("/");

        page.WaitForAssertion(() => Assert.Equal("/sweeps/new?template=first-sweep", page.Find("[data-testid=launch-first-sweep]").GetAttribute("href")));
    }

    [Fact]
    public void Open_ASweepIsPaused_ItsDurationStandsStill_AndEarlierPausesAreLeftOut()
    {
        var sweep = Show.Sweep("s", SweepState.Paused) with { CreatedAt = Show.Start, PausedAt = Show.Start.AddMinutes(10), PausedFor = TimeSpan.FromMinutes(4) };
        Client.Put(sweep);

        var page = Open<HomePage>("/");

        page.WaitForAssertion(() => Assert.Contains("6m 00s", page.Find("[data-testid=sweep-card]").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void Open_ASweepRuns_ShowsItsBestAndFollows()
    {
        var trial = Show.Trial("s", 1, map: 0.7);
        Client.Put(Show.Sweep("s", SweepState.Running, null, trial), trial);
        var page = Open<HomePage>("/");
        page.WaitForAssertion(() => Assert.Contains("70.0%", page.Find("[data-testid=sweep-card]").TextContent, StringComparison.Ordinal));

        Client.Publish("s", new SweepEvent(Sweep: Show.Sweep("s", SweepState.Completed, null, trial)));

        page.WaitForAssertion(() => Assert.NotNull(page.Find("[data-testid=nothing-running]")));
        Assert.Empty(page.FindAll("[data-testid=launch-first-sweep]"));
    }
}
