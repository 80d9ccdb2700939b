using Bunit;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Features.Leaderboards;
using MlTr.Dashboard.Features.Sweeps;
using MlTr.Dashboard.Features.Trials;

namespace MlTr.Dashboard.Tests.Features.Notes;

public sealed class NotesPanelTests : PageTest
{
    private readonly TrialSnapshot _trial = Show.Trial("s", 1, map: 0.5);

    public NotesPanelTests() => Client.Put(Show.Sweep("s", trials: _trial), _trial);

    [Fact]
    public async Task SweepPage_Tags_AreEditedAndShownAsTheStreamBringsThem()
    {
        var page = Sweep();
        page.WaitForElement("[data-testid=edit-tags]");
        await page.InvokeAsync(() => page.Find("[data-testid=edit-tags]").Click()); // found and clicked between two renderings
        await page.InvokeAsync(() => page.Find("[data-field=tags]").Input(" night,baseline , Night"));
        await page.Find("form").SubmitAsync();

        page.WaitForAssertion(() => Assert.Equal(["night", "baseline"], page.FindAll("[data-testid=tag]").Select(tag => tag.TextContent)));
        Assert.Contains("tag s night,baseline", Client.Asked);
    }

    [Fact]
    public async Task SweepPage_ATagThatIsNone_IsToldAndNothingIsLost()
    {
        var page = Sweep();
        page.WaitForElement("[data-testid=edit-tags]");
        await page.InvokeAsync(() => page.Find("[data-testid=edit-tags]").Click()); // found and clicked between two renderings
        await page.InvokeAsync(() => page.Find("[data-field=tags]").Input(new string('x', 41)));
        await page.Find("form").SubmitAsync();

        page.WaitForAssertion(() => Assert.Contains("is no tag: use 1 to 40 characters", page.Markup, StringComparison.Ordinal));
        Assert.NotEmpty(page.FindAll("[data-field=tags]"));
    }

    [Fact]
    public async Task TrialPage_Notes_ArePreviewedKeptAndShown()
    {
        var page = Trial();
        page.WaitForElement("[data-testid=edit-notes]");
        await page.InvokeAsync(() => page.Find("[data-testid=edit-notes]").Click()); // found and clicked between two renderings
        await page.InvokeAsync(() => page.Find("[data-testid=notes-text]").Input("*good* <script>x</script>"));
        await page.InvokeAsync(() => page.FindAll("button").Single(button => button.TextContent.Trim() == "Preview").Click());
        page.WaitForAssertion(() => Assert.NotNull(page.Find("[data-testid=notes-preview] em")));
        Assert.Empty(page.FindAll("[data-testid=notes-preview] script"));

        await page.InvokeAsync(() => page.Find("[data-testid=save-notes]").Click());

        page.WaitForAssertion(() => Assert.Equal("good", page.Find("[data-testid=notes] em").TextContent));
        Assert.Equal("*good* <script>x</script>", Client.Notes["s/1"]);
    }

    [Fact]
    public void TrialPage_KnownNotes_AreShown()
    {
        Client.Notes["s/1"] = "## Seen";

        var page = Trial();

        page.WaitForAssertion(() => Assert.Equal("Seen", page.Find("[data-testid=notes] h2").TextContent));
    }

    [Fact]
    public async Task TrialPage_AnotherBrowserSaves_TagsAndNotesAreShownAtOnce()
    {
        var page = Trial();
        page.WaitForAssertion(() => page.Find("[data-testid=edit-notes]"));

        Client.PublishNotes("s/1", "*seen* elsewhere");
        await Client.SetTagsAsync(_trial.Id, ["night"]);

        page.WaitForAssertion(() => Assert.Equal("seen", page.Find("[data-testid=notes] em").TextContent));
        page.WaitForAssertion(() => Assert.Equal("night", page.Find("[data-testid=tag]").TextContent));
    }

    [Fact]
    public async Task SweepPage_AnotherBrowserSavesWhileSomebodyWrites_TheDraftStaysAndTheWriterIsTold()
    {
        Client.Notes["s"] = "old";
        var page = Sweep();
        page.WaitForElement("[data-testid=edit-notes]");
        await page.InvokeAsync(() => page.Find("[data-testid=edit-notes]").Click()); // found and clicked between two renderings
        await page.InvokeAsync(() => page.Find("[data-testid=notes-text]").Input("mine"));
        Assert.Empty(page.FindAll("[data-testid=notes-overtaken]"));

        Client.PublishNotes("s", "theirs");

        page.WaitForAssertion(() => page.Find("[data-testid=notes-overtaken]"));
        Assert.Equal("mine", page.Find("[data-testid=notes-text]").GetAttribute("value"));
        await page.InvokeAsync(() => page.FindAll(".notes .foot button").Single(button => button.TextContent.Trim() == "Cancel").Click());
        Assert.Equal("theirs", page.Find("[data-testid=notes]").TextContent.Trim());
    }

    [Fact]
    public async Task SweepsPage_ShowsTags_AndIsSearchedByThem()
    {
        await Client.SetTagsAsync("s", ["night"]);

        var sweeps = Open<SweepsPage>("/sweeps?q=night");
        sweeps.WaitForAssertion(() => Assert.Equal("night", sweeps.Find("[data-sweep=s] [data-testid=tag]").TextContent));
    }

    [Fact]
    public async Task Leaderboard_ShowsTags_AndIsFilteredByThem()
    {
        await Client.SetTagsAsync(_trial.Id, ["best"]);

        var board = Open<LeaderboardPage>("/leaderboard?filter=tag%20%3D%20best");
        board.WaitForAssertion(() => Assert.Equal("best", board.Find("[data-testid=leaderboard-row] [data-testid=tag]").TextContent));
    }

    private IRenderedComponent<SweepPage> Sweep() => Open<SweepPage>("/sweeps/s?tab=events", parameters => parameters.Add(page => page.SweepId, "s"));

    private IRenderedComponent<TrialPage> Trial() => Open<TrialPage>("/sweeps/s/trials/1", parameters => parameters.Add(page => page.SweepId, "s").Add(page => page.Number, 1));
}
