using Bunit;
using MlTr.Abstractions.Datasets;
using MlTr.Dashboard.Features.Datasets;

namespace MlTr.Dashboard.Tests.Features.Datasets;

public sealed class DatasetsPageTests : PageTest
{
    [Fact]
    public void Open_ListsEachDatasetWithItsState()
    {
        Client.Datasets["kitchen"] = new("kitchen", "voc", "/pictures/kitchen", DatasetState.Registered, 0, null, "Cups.", [], []);

        var page = Open<DatasetsPage>("/datasets");

        page.WaitForAssertion(() => Assert.Equal(["kitchen", "marks"], page.FindAll("[data-testid=dataset-row]").Select(row => row.GetAttribute("data-dataset"))));
        Assert.Contains("registered", page.Find("[data-dataset=kitchen]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void AnotherBrowserRegistersOne_AndItIsRead_IsShownAtOnce()
    {
        var page = Open<DatasetsPage>("/datasets");
        page.WaitForAssertion(() => Assert.Single(page.FindAll("[data-testid=dataset-row]")));

        Client.Publish(new DatasetSnapshot("kitchen", "voc", "/pictures/kitchen", DatasetState.Registered, 0, null, "Cups.", [], []));
        page.WaitForAssertion(() => Assert.Contains("registered", page.Find("[data-dataset=kitchen]").TextContent, StringComparison.Ordinal));
        Client.Publish(Client.Datasets["kitchen"] with { State = DatasetState.Ready, Classes = ["cup"], Splits = [new("train", 7, [7], [], [])] });

        page.WaitForAssertion(() => Assert.Contains("ready", page.Find("[data-dataset=kitchen]").TextContent, StringComparison.Ordinal));
        Assert.Equal("7", page.Find("[data-dataset=kitchen]").Children[4].TextContent);
    }

    [Fact]
    public void Register_AFolderWithProblems_ListsAllOfThem_AndRegistersNothing()
    {
        Client.Checks["/pictures/kitchen"] = DatasetCheck.Refused(new DatasetProblem("id", "The id is taken."), new DatasetProblem("folder", "annotations.json is cut off."));
        var page = OpenForm("/pictures/kitchen");

        page.WaitForElement("[data-testid=register]").Click();

        page.WaitForAssertion(() => Assert.Equal(["The id is taken.", "annotations.json is cut off."], page.FindAll("[data-testid=check-result] li").Select(item => item.TextContent)));
        Assert.DoesNotContain("kitchen", Client.Datasets.Keys);
    }

    [Fact]
    public void Register_AGoodFolder_NamesItAfterTheFolder_AndOpensItsPage()
    {
        var page = OpenForm("/pictures/My Kitchen/");

        page.WaitForElement("[data-testid=register]").Click();

        page.WaitForAssertion(() => Assert.EndsWith("/datasets/my-kitchen", Navigation.Uri, StringComparison.Ordinal));
        Assert.Equal("/pictures/My Kitchen/", Client.Datasets["my-kitchen"].Folder);
    }

    [Fact]
    public void Check_AGoodFolder_TellsWhatIsInIt_AndRegistersNothing()
    {
        Client.Checks["/pictures/kitchen"] = new DatasetCheck("voc", ["cup", "plate"], [new("train", 30, 1), new("validation", 1, 0)], [], ["a.jpg: is cut off"]);
        var page = OpenForm("/pictures/kitchen");

        page.WaitForElement("[data-testid=check]").Click();

        page.WaitForAssertion(() => Assert.Contains("Format voc, 2 classes; 30 pictures to train on, 1 picture to validate on.", page.Find("[data-testid=check-result]").TextContent, StringComparison.Ordinal));
        Assert.Contains("a.jpg: is cut off", page.Find("details").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("kitchen", Client.Datasets.Keys);
    }

    private IRenderedComponent<DatasetsPage> OpenForm(string folder)
    {
        var page = Open<DatasetsPage>("/datasets?register=yes");
        page.WaitForAssertion(() => page.Find("[data-field=folder]"));
        page.WaitForElement("[data-field=folder]").Input(folder);
        return page;
    }
}
