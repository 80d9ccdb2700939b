using Bunit;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Features.Leaderboards;

namespace MlTr.Dashboard.Tests.Features.Leaderboards;

public sealed class LeaderboardPageTests : PageTest
{
    public LeaderboardPageTests()
    {
        TrialSnapshot[] trials = [Show.Trial("s", 1, map: 0.7, rate: 0.0003), Show.Trial("s", 2, map: 0.8312, cross: false), Show.Trial("s", 3, TrialState.Queued)];
        Client.Put(Show.Sweep("s", SweepState.Running, null, trials), trials);
    }

    [Fact]
    public void Open_WithoutAQuery_RanksBestFirstAndShowsWhatVaries()
    {
        var page = OpenBoard("");

        page.WaitForAssertion(() => Assert.Equal(["s/2", "s/1", "s/3"], Order(page)));
        Assert.Equal("0.8312", page.Find("[data-trial='s/2']").GetAttribute("data-value"));
        Assert.Contains("83.1%", page.Find("[data-trial='s/2']").TextContent, StringComparison.Ordinal);
        Assert.Contains("winner", page.Find("[data-trial='s/2']").ClassName, StringComparison.Ordinal);
        var heads = Heads(page);
        Assert.Contains("learning_rate", heads);
        Assert.DoesNotContain("batch_size", heads);
    }

    [Fact]
    public void Open_WithASort_SortsByItAndPutsMissingValuesLast()
    {
        var page = OpenBoard("?sort=val%2FCF1");

        page.WaitForAssertion(() => Assert.Equal(["s/2", "s/1", "s/3"], Order(page)));
        Assert.Equal("ascending", page.FindAll("th").Single(head => head.TextContent.StartsWith("CF1", StringComparison.Ordinal)).GetAttribute("aria-sort"));
    }

    [Fact]
    public void Press_AHeader_PutsTheSortInTheAddress()
    {
        var page = OpenBoard("");

        page.WaitForElement("th button.sort");
        page.FindAll("th button.sort").Single(button => button.TextContent == "CF1").Click();

        Assert.EndsWith("?sort=-val%2FCF1", Navigation.Uri, StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.Equal(["s/1", "s/2", "s/3"], Order(page)));
    }

    [Fact]
    public void Open_WithAFilterAndColumns_ShowsJustThose()
    {
        var page = OpenBoard("?q=cross_window%3Don&columns=p.batch_size");

        page.WaitForAssertion(() => Assert.Equal(["s/1", "s/3"], Order(page)));
        Assert.Equal(["Rank▲", "Trial", "batch_size"], Heads(page).Where(head => head != "Actions"));
    }

    private static string?[] Order(IRenderedComponent<LeaderboardPage> page) => [.. page.FindAll("[data-testid=leaderboard-row]").Select(row => row.GetAttribute("data-trial"))];

    private static string[] Heads(IRenderedComponent<LeaderboardPage> page) => [.. page.FindAll("th").Select(head => head.TextContent.Trim())];

    private IRenderedComponent<LeaderboardPage> OpenBoard(string query) =>
        Open<LeaderboardPage>("/sweeps/s/leaderboard" + query, parameters => parameters.Add(one => one.SweepId, "s"));
}
