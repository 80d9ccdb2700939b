using Bunit;
using MlTr.Abstractions.Accounts;
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

    [Fact]
    public void Open_SaysTheBestOfEachDataset_AndWhatIsNewSinceTheLastVisit()
    {
        var (lower, higher) = (Show.Trial("old", 1, map: 0.6), Show.Trial("young", 2, map: 0.8));
        Client.Put(Show.Sweep("old", SweepState.Completed, null, lower) with { EndedAt = Show.Start.AddHours(1) }, lower);
        Client.Put(Show.Sweep("young", SweepState.Completed, null, higher) with { EndedAt = Show.Start.AddHours(3) }, higher);
        var visit = Show.Start.AddHours(2).ToString("O", System.Globalization.CultureInfo.InvariantCulture);
        JSInterop.Setup<string?>("mltr.read", "mltr-visits").SetResult($"{visit} {visit}");

        var page = Open<HomePage>("/");

        page.WaitForAssertion(() => Assert.Contains("Recently finished: 1 since your last visit", page.Markup, StringComparison.Ordinal));
        Assert.Single(page.FindAll("[data-sweep=young] [data-testid=new]"));
        Assert.Empty(page.FindAll("[data-sweep=old] [data-testid=new]"));
        var best = Assert.Single(page.FindAll("[data-testid=best-by-dataset] tbody tr"));
        Assert.Contains("80.0%", best.TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UserRole.Editor, true)]
    [InlineData(UserRole.Viewer, false)]
    public async Task Open_EverythingHasEnded_OffersAnotherSweepToThoseWhoMayStartOne(UserRole role, bool offered)
    {
        await LogInAsync("ada", role);
        var trial = Show.Trial("s", 1, map: 0.7);
        Client.Put(Show.Sweep("s", SweepState.Completed, null, trial), trial);

        var page = Open<HomePage>("/");

        var next = page.WaitForElement(".notice");
        Assert.Equal(offered ? "Next: look at the best trial of First sweep, or search closer around it." : "Next: look at the best trial of First sweep.", next.TextContent.Trim());
        Assert.Equal(offered, next.QuerySelector("a[href='/sweeps/new?from=s']") is not null);
    }

    [Fact]
    public void Open_TheDiskIsNearlyFull_IsSaid()
    {
        Client.Put(Show.Sweep("s", SweepState.Completed));
        Client.Storage = new(1 << 20, 5L << 30, 1L << 30, 100L << 30);

        var page = Open<HomePage>("/");

        page.WaitForAssertion(() => Assert.Contains("nearly full", page.Find("[data-testid=disk-use]").TextContent, StringComparison.Ordinal));
    }
}
