using Bunit;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Features.Leaderboards;
using MudBlazor;

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
    public async Task Register_ARow_OpensTheDialogForItsTrial_AndOnlyWhatWasMeasuredCanBe()
    {
        var dialogs = Render<MudDialogProvider>();
        var page = OpenBoard("");
        page.WaitForAssertion(() => Assert.Equal(["s/2", "s/1"], page.FindAll("[data-testid=register-row]").Select(button => button.Closest("tr")!.GetAttribute("data-trial"))));

        await page.FindAll("[data-testid=register-row]")[1].ClickAsync();
        await dialogs.WaitForElement("[data-field=model-name]").InputAsync("kitchen");
        await dialogs.WaitForElement("[data-testid=register-model]:not([disabled])").ClickAsync();

        dialogs.WaitForAssertion(() => Assert.Equal(new TrialId("s", 1), Client.Models["kitchen"].Versions[0].Trial));
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

        page.WaitForAssertion(() => Assert.EndsWith("?sort=-val%2FCF1", Navigation.Uri, StringComparison.Ordinal));
        page.WaitForAssertion(() => Assert.Equal(["s/1", "s/2", "s/3"], Order(page)));
    }

    [Fact]
    public void Open_WithAFilterAndColumns_ShowsJustThose()
    {
        var page = OpenBoard("?q=cross_window%3Don&columns=p.batch_size");

        page.WaitForAssertion(() => Assert.Equal(["s/1", "s/3"], Order(page)));
        Assert.Equal(["Select", "Rank▲", "Trial", "batch_size", "Actions"], Heads(page));
    }

    [Fact]
    public void Open_WithAMetricAtAPlaceOfItsCurve_ShowsSortsFiltersAndExportsIt()
    {
        MetricPick best = new(MetricNames.ClassF1, MetricPlace.Best), fifth = new(MetricNames.MeanAveragePrecision, MetricPlace.Pass, 5);
        (Client.Picks[(new("s", 1), best)], Client.Picks[(new("s", 2), best)]) = (0.61, 0.52);
        Client.Picks[(new("s", 1), fifth)] = 0.45;

        var page = OpenBoard($"?columns={Uri.EscapeDataString($"trial,{best},{fifth}")}&sort={Uri.EscapeDataString($"-{best}")}&q={Uri.EscapeDataString("best(CF1) > 0.5")}");

        page.WaitForAssertion(() => Assert.Equal(["s/1", "s/2"], Order(page)));
        Assert.Equal(["Select", "Rank", "Trial", "CF1 at best▼", "mAP after pass 5", "Actions"], Heads(page));
        Assert.Contains("61.0%", page.Find("[data-trial='s/1']").TextContent, StringComparison.Ordinal);
        Assert.Contains("45.0%", page.Find("[data-trial='s/1']").TextContent, StringComparison.Ordinal);
        var view = page.FindComponent<LeaderboardTable>().Instance.View;
        var lines = LeaderboardExport.Csv(view.Lines, view.Columns, overSeeds: false).Split("\r\n");
        Assert.Equal("""rank,trial,best(val/CF1),"at(val/mAP,5)" """.TrimEnd(), lines[0]);
        Assert.EndsWith("s/1,0.61,0.45", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("s/2,0.52,", lines[2], StringComparison.Ordinal);
        Assert.Contains("\"at(val/mAP,5)\": 0.45", LeaderboardExport.Json(view.Lines, view.Columns, overSeeds: false), StringComparison.Ordinal);
    }

    [Fact]
    public void Pick_AMetricAfterAPass_PutsTheColumnInTheAddress()
    {
        var page = OpenBoard("?columns=trial");
        page.WaitForElement("[data-testid=column-picker]").Click();

        page.WaitForElement("[data-testid=pick-metric]").Change(MetricNames.ClassF1);
        page.Find("[data-testid=pick-place]").Change(nameof(MetricPlace.Pass));
        page.WaitForElement("[data-testid=pick-pass]").Change("3");
        page.Find("[data-testid=add-pick]").Click();

        page.WaitForAssertion(() => Assert.Contains("CF1 after pass 3", Heads(page)));
        Assert.Contains(Uri.EscapeDataString("at(val/CF1,3)"), Navigation.Uri, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Type_AFilter_GoesToTheAddressOnceItIsWhole()
    {
        var page = OpenBoard("");
        var box = page.WaitForElement("[data-testid=filter]");
        box.Focus();
        box.Input("mAP > 0.75 an");

        page.WaitForAssertion(() => Assert.Contains("and", page.FindAll("[role=option]").Select(option => option.TextContent.Trim().Split(' ')[0])));
        page.WaitForElement("[data-testid=filter]").Input("mAP > 0.75 and state = completed");

        page.WaitForAssertion(() => Assert.Equal(["s/2"], Order(page)));
        Assert.Contains("q=mAP%20%3E%200.75%20and%20state%20%3D%20completed", Navigation.Uri, StringComparison.Ordinal);
        Assert.Equal("1 of 3 trials", page.Find("[data-testid=passing]").TextContent);
    }

    [Fact]
    public void Open_WithAWrongFilter_PointsAtTheMistakeAndShowsAll()
    {
        var page = OpenBoard("?q=mAP%20%3E%200.7%20and%20speed%20%3D%203");

        page.WaitForAssertion(() => Assert.Contains("Character 15: There is no 'speed' here.", page.Find("[data-testid=filter-error]").TextContent, StringComparison.Ordinal));
        page.WaitForAssertion(() => Assert.Equal(3, Order(page).Length));
    }

    [Fact]
    public void Complete_WithTheKeyboard_PutsTheChoiceIn()
    {
        var page = OpenBoard("");
        var box = page.WaitForElement("[data-testid=filter]");
        box.Focus();
        box.Input("cross_w");

        page.WaitForElement("[data-testid=filter]").KeyDown("ArrowDown");
        page.WaitForElement("[data-testid=filter]").KeyDown("Enter");

        Assert.Equal("cross_window ", page.Find("[data-testid=filter]").GetAttribute("value"));
    }

    [Fact]
    public void Choose_TwoTrials_OffersToCompareThem()
    {
        var page = OpenBoard("");
        page.WaitForElement("[aria-label='Select trial 1 to compare']").Change(true);
        Assert.Empty(page.FindAll("[data-testid=compare]"));

        page.WaitForElement("[aria-label='Select trial 2 to compare']").Change(true);

        page.WaitForAssertion(() => Assert.Equal("/compare?trials=s%2F1%2Cs%2F2", page.Find("[data-testid=compare]").GetAttribute("href")));
    }

    [Fact]
    public void Pick_Columns_MovesPinsAndHidesThem()
    {
        var page = OpenBoard("?columns=val%2FCF1,p.batch_size");
        page.WaitForElement("[data-testid=column-picker]").Click();

        page.WaitForElement("[aria-label='Move CF1 right']").Click();
        page.WaitForAssertion(() => Assert.Equal(["Select", "Rank▲", "Trial", "batch_size", "CF1", "Actions"], Heads(page)));
        page.WaitForElement("[aria-label='Keep CF1 in sight']").Click();
        page.WaitForAssertion(() => Assert.Equal(["Select", "Rank▲", "Trial", "CF1", "batch_size", "Actions"], Heads(page)));
        page.WaitForElement("[aria-label='Hide batch_size']").Click();
        page.WaitForAssertion(() => Assert.Equal(["Select", "Rank▲", "Trial", "CF1", "Actions"], Heads(page)));

        Assert.Contains("pin=rank%2Ctrial%2Cval%2FCF1", Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public void Save_AView_KeepsItInTheBrowserAndLinksToIt()
    {
        JSInterop.Setup<bool>("mltr.write", _ => true).SetResult(true);
        var page = OpenBoard("?sort=-val%2FCF1");
        page.WaitForElement("[data-testid=views]").Click();
        page.WaitForElement("input[data-field=view-name]").Input("By CF1");

        page.WaitForElement("[data-testid=views-panel] form").Submit();

        page.WaitForAssertion(() => Assert.EndsWith("?sort=-val%2FCF1", page.Find("[data-testid=views-panel] a").GetAttribute("href"), StringComparison.Ordinal));
        var kept = JSInterop.Invocations["mltr.write"].Single();
        Assert.Contains("By CF1", (string)kept.Arguments[1]!, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_AllSweeps_RanksEachDatasetAnew()
    {
        var mini = Show.Trial("m", 1, map: 0.6);
        Client.Put(Show.Sweep("m", SweepState.Completed, null, mini) with { Spec = SweepTemplates.FirstSweep with { Dataset = "marks-mini" } }, mini);

        var page = Open<LeaderboardPage>("/leaderboard?dataset=marks-mini");

        page.WaitForAssertion(() => Assert.Equal(["m/1"], Order(page)));
        Assert.Contains("winner", page.Find("[data-trial='m/1']").ClassName, StringComparison.Ordinal);
        Assert.Equal(3, page.FindAll("[data-testid=datasets] button").Count);
    }

    [Fact]
    public void Open_TenThousandTrials_DrawsOnlyThoseInSight()
    {
        TrialSnapshot[] many = [.. Enumerable.Range(1, 10_000).Select(number => Show.Trial("big", number, map: 0.5))];
        Client.Put(Show.Sweep("big", SweepState.Running, null, many[0]), many);

        var page = Open<LeaderboardPage>("/sweeps/big/leaderboard", parameters => parameters.Add(one => one.SweepId, "big"));

        page.WaitForAssertion(() => Assert.NotEmpty(Order(page)), TimeSpan.FromSeconds(10));
        Assert.InRange(Order(page).Length, 10, 200);
        Assert.Equal("10000", page.Find("[data-testid=leaderboard-table]").GetAttribute("aria-rowcount"));
    }

    private static string?[] Order(IRenderedComponent<LeaderboardPage> page) => [.. page.FindAll("[data-testid=leaderboard-row]").Select(row => row.GetAttribute("data-trial"))];

    private static string[] Heads(IRenderedComponent<LeaderboardPage> page) => [.. page.FindAll("th").Select(head => head.TextContent.Trim())];

    private IRenderedComponent<LeaderboardPage> OpenBoard(string query) =>
        Open<LeaderboardPage>("/sweeps/s/leaderboard" + query, parameters => parameters.Add(one => one.SweepId, "s"));
}
