using Bunit;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using MlTr.Abstractions.Datasets;
using MlTr.Dashboard.Features.Datasets;

namespace MlTr.Dashboard.Tests.Features.Datasets;

public sealed class DatasetPageTests : PageTest
{
    public DatasetPageTests()
    {
        Client.Datasets["kitchen"] = new("kitchen", "coco", "/pictures/kitchen", DatasetState.Ready, 1, null, "Cups.", ["cup", "plate"],
        [
            new("train", 4, [3, 4], ["bad.png: is cut off"], [new("train", 0, 4, "abc", [3, 4], ["bad.png: is cut off"])]),
            new("validation", 2, [1, 1], [], [new("validation", 0, 2, "def", [1, 1], [])]),
        ]);
        Client.Pictures[("kitchen", "train")] = [new(0, "1.png", 64, 32, [0], [], [new PictureBox(0, 0.25, 0.5, 0.5, 0.25)]), new(1, "<b>2</b>.png", 32, 64, [0, 1], [], [])];
        Client.Statistics[("kitchen", "train")] = new("train", 4, [3, 2, 2, 4], [0, 1, 3], [new SizeBin(33, 64, 4)], 4, [1, 1, 1, 4, 0, 0]);
    }

    [Fact]
    public void Open_ShowsTheClasses_TheMostFrequentFirst()
    {
        var page = OpenPage();

        page.WaitForAssertion(() => Assert.Equal(["plate", "cup"], page.FindAll("[data-testid=class-histogram] tbody a").Select(link => link.TextContent)));
    }

    [Fact]
    public void Open_WhatSplitsTogether_CountsAndTellsShares()
    {
        var page = OpenPage("?tab=together");

        page.WaitForAssertion(() => Assert.Contains(page.FindAll("[data-testid=co-occurrence] td"), cell => cell.GetAttribute("title") == "cup with plate: 2 of 3 pictures, 66.7%"));
    }

    [Fact]
    public void Open_TheSizes_SayWhatIsCounted()
    {
        var page = OpenPage("?tab=sizes");

        var table = page.WaitForElement("[data-testid=instance-sizes]");
        Assert.Equal(["1", "1", "1", "4", "0", "0"], table.QuerySelectorAll("td.num").Select(cell => cell.TextContent));
        var words = table.ParentElement!.TextContent;
        Assert.Contains("Pictures of the train split that show the class, by how large its largest instance is in the picture.", words, StringComparison.Ordinal);
        Assert.Contains("an area below 32 × 32 pixels of the original picture", words, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ThePictures_HaveBoxesInPlace_AndNamesAreText()
    {
        var page = OpenPage("?tab=pictures");

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("[data-testid=pictures] img").Count));
        Assert.Contains("left:25%;top:50%;width:50%;height:25%", page.Find(".box").GetAttribute("style"), StringComparison.Ordinal);
        Assert.Equal("/api/datasets/kitchen/pictures/train/0?side=256", page.Find("img").GetAttribute("src"));
        Assert.Contains("&lt;b&gt;2", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ThePicturesOfAClass_ShowsOnlyThose()
    {
        var page = OpenPage("?tab=pictures&class=1");

        page.WaitForAssertion(() => Assert.Single(page.FindAll("[data-testid=pictures] img")));
    }

    [Fact]
    public void Open_TheShards_TellTheirHealthAndWhatWasLeftOut()
    {
        var page = OpenPage("?tab=shards");

        page.WaitForAssertion(() => Assert.Equal(["some left out", "healthy"], page.FindAll("[data-testid=shards] .chip").Select(chip => chip.TextContent)));
        Assert.Equal(["train", "bad.png", "is cut off"], page.FindAll("[data-testid=quarantine] tbody td").Select(cell => cell.TextContent));
    }

    [Fact]
    public void Open_TheShards_ShowsWhatMachinesHaveDecoded_AsItHappens()
    {
        var page = OpenPage("?tab=shards");
        page.WaitForAssertion(() => Assert.Contains("No trial has asked for them yet", page.Markup, StringComparison.Ordinal));

        Client.PublishDecoded("kitchen", new DecodedPicturesSnapshot("box", 224, DecodedState.Preparing, 1_200, 3_000, 450_000_000, Show.Start));

        page.WaitForAssertion(() => Assert.Equal(["box", "224 px", "decoding", "1,200 of 3,000"], page.FindAll("[data-testid=decoded] td").Take(4).Select(cell => cell.TextContent)));
    }

    [Fact]
    public void Open_APartThatFails_SaysSo_AndTriesAgain()
    {
        Client.Statistics.TryRemove(("kitchen", "train"), out var known);
        var page = OpenPage("?tab=together");
        page.WaitForAssertion(() => Assert.Contains("has no split", page.Find("[role=alert]").TextContent, StringComparison.Ordinal));

        Client.Statistics[("kitchen", "train")] = known!;
        page.WaitForElement("[role=alert] button").Click();

        page.WaitForAssertion(() => page.Find("[data-testid=co-occurrence]"));
    }

    [Fact]
    public void Open_ADatasetNotRead_OffersToReadIt()
    {
        Client.Datasets["kitchen"] = Client.Datasets["kitchen"] with { State = DatasetState.Registered, Splits = [], Classes = [] };

        var page = OpenPage();

        page.WaitForAssertion(() => page.Find("[data-testid=prepare]"));
        Assert.Contains("The pictures have not been read yet", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetPicture_IsCachedAndTyped_AndAWrongNumberIsNotFound()
    {
        var context = new DefaultHttpContext();

        var good = await PictureEndpoint.GetAsync("kitchen", "train", 0, null, Client, context);
        var wrong = await PictureEndpoint.GetAsync("kitchen", "train", 99, null, Client, new DefaultHttpContext());

        Assert.Equal("image/png", Assert.IsType<FileContentHttpResult>(good).ContentType);
        Assert.Equal(("private, max-age=3600", "nosniff"), (context.Response.Headers.CacheControl.ToString(), context.Response.Headers.XContentTypeOptions.ToString()));
        Assert.Equal(404, Assert.IsType<ContentHttpResult>(wrong).StatusCode);
    }

    private IRenderedComponent<DatasetPage> OpenPage(string query = "") => Open<DatasetPage>("/datasets/kitchen" + query, parameters => parameters.Add(one => one.Id, "kitchen"));
}
