using Bunit;
using Microsoft.AspNetCore.Components.Forms;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Predictions;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Features.Trials;

namespace MlTr.Dashboard.Tests.Features.Trials.Predictions;

public sealed class PredictionsTabTests : PageTest
{
    private static readonly TrialId Id = new("s", 1);
    private static readonly PredictionsSnapshot Ready = new(PredictionsState.Ready, 1, null, 12, "marks", "validation", 2, ["ring", "star"], [0.5, 0.5]);

    public PredictionsTabTests()
    {
        var trial = Show.Trial("s", 1);
        Client.Put(Show.Sweep("s", trials: trial), trial);
        Client.Trials[Id] = Client.Trials[Id] with { Checkpoints = [new CheckpointSnapshot(1, 10, "x/attempt-0001/step-00000010", 1, "ab", Show.Start)] };
        Client.Predicted[Id] =
        [
            new(4, "4.png", [new(0, 0.9f, 0.5f, false), new(1, 0.2f, 0.5f, true)], 0.9),
            new(2, "2.png", [new(1, 0.8f, 0.5f, true)], 0),
        ];
    }

    [Fact]
    public void Open_NoCheckpointIsLeft_SaysSoInsteadOfOffering()
    {
        Client.Trials[Id] = Client.Trials[Id] with { Checkpoints = [] };

        var page = OpenPage();

        page.WaitForAssertion(() => Assert.Contains("No checkpoint is left", page.Markup, StringComparison.Ordinal));
        Assert.Empty(page.FindAll("[data-testid=start-predictions]"));
    }

    [Fact]
    public void Open_NothingComputed_OffersToCompute_AndShowsWhatComes()
    {
        var page = OpenPage();
        page.WaitForAssertion(() => page.Find("[data-testid=start-predictions]"));

        Client.Predictions[Id] = Ready with { State = PredictionsState.Running, Progress = 0.25 };
        page.WaitForElement("[data-testid=start-predictions]").Click();

        page.WaitForAssertion(() => Assert.Equal("25", page.Find("[data-testid=predictions-progress] [role=progressbar]").GetAttribute("aria-valuenow")));
        Client.Publish(Id, Ready);
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("[data-testid=predictions] > li").Count));
        Assert.Contains("predict s/1", Client.Asked);
    }

    [Fact]
    public void ABetterCheckpointIsComputedElsewhere_ItsPicturesAreLoaded()
    {
        Client.Predictions[Id] = Ready;
        var page = OpenPage();
        page.WaitForAssertion(() => Assert.Contains("Step 12,", page.Markup, StringComparison.Ordinal));
        Client.Predicted[Id] = [new(4, "4.png", [new(1, 0.2f, 0.5f, true)], 0.9)];

        Client.Publish(Id, Ready with { Step = 24, Pictures = 1 });

        page.WaitForAssertion(() => Assert.Single(page.FindAll("[data-testid=predictions] > li")));
        Assert.Contains("Step 24,", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_AFailure_SaysWhy_AndTriesAgain()
    {
        Client.Predictions[Id] = Ready with { State = PredictionsState.Failed, Problem = "No checkpoint can be used." };
        var page = OpenPage();
        page.WaitForAssertion(() => Assert.Contains("No checkpoint can be used.", page.Find("[data-testid=predictions-failed]").TextContent, StringComparison.Ordinal));

        Client.Predictions[Id] = Ready;
        page.WaitForElement("[data-testid=predictions-failed] button").Click();

        page.WaitForAssertion(() => page.Find("[data-testid=predictions]"));
    }

    [Fact]
    public void Open_TheGallery_TellsRightFromTooManyAndMissed()
    {
        Client.Predictions[Id] = Ready;

        var page = OpenPage("?show=all&class=1");

        page.WaitForAssertion(() => Assert.Equal(["wrong", "missed", "right"], page.FindAll("[data-testid=predictions] .verdict").Select(chip => chip.ClassList[1])));
        Assert.Contains(new PredictionQuery(1, PredictionFilter.All), Client.PredictionQueries);
        Assert.Equal("/api/datasets/marks/pictures/validation/4?side=256", page.Find("[data-testid=predictions] img").GetAttribute("src"));
    }

    [Fact]
    public void Filter_PutsItInTheAddress_AndAsksForIt()
    {
        Client.Predictions[Id] = Ready;
        var page = OpenPage();
        page.WaitForAssertion(() => page.Find("[data-testid=predictions]"));

        page.WaitForElement("[data-field=show]").Change("missed");

        page.WaitForAssertion(() => Assert.Contains(new PredictionQuery(null, PredictionFilter.FalseNegatives), Client.PredictionQueries), TimeSpan.FromSeconds(5));
        Assert.Contains("show=missed", Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_APicture_ShowsTheHeatOfItsWorstClass_AndWhatLooksAlike()
    {
        Client.Predictions[Id] = Ready;

        var page = OpenPage("?picture=4");

        page.WaitForAssertion(() => Assert.Equal("data:image/png;base64,BAA=", page.Find("[data-testid=heat-map]").GetAttribute("src"))); // picture 4, class 0
        page.WaitForAssertion(() => Assert.Contains("picture=2", page.Find("[data-testid=similar] a").GetAttribute("href"), StringComparison.Ordinal));
    }

    [Fact]
    public void Drop_APicture_ShowsItsLabels()
    {
        Client.Predictions[Id] = Ready;
        Client.Own = new OwnPrediction(new PictureFile([1], "image/png"), [new(1, 0.7f, 0.5f, null), new(0, 0.1f, 0.5f, null)], 1);
        var page = OpenPage();
        page.WaitForAssertion(() => page.Find("[data-testid=own-picture]"));

        page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromBinary([1, 2, 3], "<i>mine</i>.png", contentType: "image/png"));

        page.WaitForAssertion(() => Assert.Equal(["✓ star", "ring"], page.FindAll("[data-testid=own-answer] th").Select(cell => cell.TextContent)));
        Assert.Contains("1 class found; 1 expected by the count head.", page.Find("[data-testid=own-answer]").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain(page.FindAll("[data-testid=own-answer] i"), element => element.TextContent == "mine"); // a file's name is text
    }

    [Fact]
    public void Drop_NoPicture_SaysWhatIsWrong()
    {
        Client.Predictions[Id] = Ready;
        var page = OpenPage();
        page.WaitForAssertion(() => page.Find("[data-testid=own-picture]"));

        page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText("<svg/>", "mine.png"));

        page.WaitForAssertion(() => Assert.Contains("is no PNG, JPEG or WebP picture", page.Find("[data-testid=own-failure]").TextContent, StringComparison.Ordinal));
    }

    private IRenderedComponent<TrialPage> OpenPage(string query = "") =>
        Open<TrialPage>("/sweeps/s/trials/1/predictions" + query, parameters => parameters.Add(one => one.SweepId, "s").Add(one => one.Number, 1));
}
