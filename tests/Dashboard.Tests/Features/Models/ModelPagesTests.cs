using Bunit;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using MlTr.Abstractions.Accounts;
using MlTr.Abstractions.Models;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Features.Models;
using MlTr.Dashboard.Features.Trials;
using MudBlazor;

namespace MlTr.Dashboard.Tests.Features.Models;

public sealed class ModelPagesTests : PageTest
{
    private static readonly TrialId Trial = new("s", 1);

    [Fact]
    public void List_WithoutModels_SaysHowToGetOne()
    {
        var page = Open<ModelsPage>("/models");

        page.WaitForAssertion(() => Assert.Contains("No model is registered yet", page.Markup, StringComparison.Ordinal));
        Assert.Equal("/sweeps/new", page.Find("[data-testid=first-step]").GetAttribute("href"));
    }

    [Fact]
    public void List_WithoutModels_OfTrialsWithAResult_LeadsToThem()
    {
        var trial = Show.Trial("s", 1, map: 0.7);
        Client.Put(Show.Sweep("s", SweepState.Completed, null, trial), trial);

        var page = Open<ModelsPage>("/models");

        page.WaitForAssertion(() => Assert.Equal("/leaderboard", page.Find("[data-testid=first-step]").GetAttribute("href")));
    }

    [Fact]
    public async Task List_WithoutModelsOrResults_LeadsAViewerToTheSweeps()
    {
        await LogInAsync("ada", UserRole.Viewer);

        var page = Open<ModelsPage>("/models");

        page.WaitForAssertion(() => Assert.Equal("/sweeps", page.Find("[data-testid=first-step]").GetAttribute("href")));
    }

    [Fact]
    public async Task List_Models_ShowsWhatIsInProduction()
    {
        await Client.RegisterModelAsync("kitchen", Trial);
        await Client.SetModelStageAsync("kitchen", 1, ModelStage.Production);
        await Client.RegisterModelAsync("kitchen", new TrialId("s", 2));

        var page = Open<ModelsPage>("/models");

        var row = page.WaitForElement("[data-model=kitchen]");
        Assert.Equal("/models/kitchen", row.QuerySelector("a")!.GetAttribute("href"));
        Assert.Contains("version 1", row.Children[1].TextContent, StringComparison.Ordinal);
        Assert.Contains("version 2", row.Children[2].TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_AnotherStage_IsAskedForAndShown()
    {
        await Client.RegisterModelAsync("kitchen", Trial);
        var page = Open<ModelPage>("/models/kitchen", parameters => parameters.Add(one => one.Name, "kitchen"));

        await page.WaitForElement("[data-testid=stage-select]").ChangeAsync(nameof(ModelStage.Production));

        page.WaitForAssertion(() => Assert.Equal("production", page.Find("[data-testid=stage]").TextContent));
        Assert.Contains("stage kitchen 1 Production", Client.Asked);
        Assert.True(page.Find("[data-testid=delete-version]").HasAttribute("disabled"));
        Assert.Equal("/api/models/kitchen/1/package.zip", page.Find("[data-testid=download]").GetAttribute("href"));
        Assert.Equal("kitchen-1.zip", page.Find("[data-testid=download]").GetAttribute("download"));
        Assert.Equal("/sweeps/s/trials/1", page.Find("dd a").GetAttribute("href"));
    }

    [Fact]
    public async Task List_AnotherBrowserRegistersAndDeletes_IsShownAtOnce()
    {
        var page = Open<ModelsPage>("/models");
        page.WaitForAssertion(() => Assert.Contains("No model is registered yet", page.Markup, StringComparison.Ordinal));

        await Client.RegisterModelAsync("kitchen", Trial);
        page.WaitForAssertion(() => page.Find("[data-model=kitchen]"));
        await Client.DeleteModelVersionAsync("kitchen", 1);

        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[data-model=kitchen]")));
        await page.Find("[data-testid=restore-version]").ClickAsync();
        page.WaitForAssertion(() => page.Find("[data-model=kitchen]"));
        Assert.Empty(page.FindAll("[data-testid=deleted-versions]"));
    }

    [Fact]
    public async Task Page_Delete_HidesTheVersion_AndUndoTakesItBack()
    {
        await Client.RegisterModelAsync("kitchen", Trial);
        var snackbars = Render<MudSnackbarProvider>();
        var page = Open<ModelPage>("/models/kitchen", parameters => parameters.Add(one => one.Name, "kitchen"));

        await page.WaitForElement("[data-testid=delete-version]").ClickAsync();

        page.WaitForAssertion(() => Assert.Contains("No version is left", page.Markup, StringComparison.Ordinal));
        snackbars.WaitForAssertion(() => Assert.Contains("Version 1 of kitchen was deleted.", snackbars.Markup, StringComparison.Ordinal));
        await snackbars.FindAll("button").Single(button => button.TextContent.Trim() == "Undo").ClickAsync();
        page.WaitForAssertion(() => Assert.Equal("1", page.Find("[data-testid=version]").GetAttribute("data-version")));
        Assert.Equal(["delete kitchen 1", "restore kitchen 1"], Client.Asked.TakeLast(2));
    }

    [Theory]
    [InlineData("Delete for ever", true)]
    [InlineData("Keep it", false)]
    public async Task Page_DeleteForEver_AsksFirst(string answer, bool gone)
    {
        await Client.RegisterModelAsync("kitchen", Trial);
        await Client.DeleteModelVersionAsync("kitchen", 1);
        var dialogs = Render<MudDialogProvider>();
        var page = Open<ModelPage>("/models/kitchen", parameters => parameters.Add(one => one.Name, "kitchen"));
        var click = page.WaitForElement("[data-testid=purge-version]").ClickAsync();

        await Button(dialogs, answer).ClickAsync();
        await click;

        Assert.Equal(gone, Client.Asked.Contains("purge kitchen 1"));
        page.WaitForAssertion(() => Assert.Equal(gone, page.FindAll("[data-testid=deleted-versions]").Count == 0));
    }

    [Fact]
    public void Page_NoSuchModel_SaysSo()
    {
        var page = Open<ModelPage>("/models/none", parameters => parameters.Add(one => one.Name, "none"));

        page.WaitForAssertion(() => Assert.Contains("There is no such model", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task TrialPage_Register_ABadNameIsToldAndAGoodOneLeadsToTheModel()
    {
        var trial = Show.Trial("s", 1, map: 0.5);
        Client.Put(Show.Sweep("s", trials: trial), trial);
        Client.Trials[Trial] = Client.Trials[Trial] with { Checkpoints = [new CheckpointSnapshot(1, 10, "x/attempt-0001/step-00000010", 1, "ab", Show.Start)] };
        var dialogs = Render<MudDialogProvider>();
        var page = Open<TrialPage>("/sweeps/s/trials/1", parameters => parameters.Add(one => one.SweepId, "s").Add(one => one.Number, 1));
        await page.WaitForElement("[data-testid=open-register-model]").ClickAsync();

        await dialogs.WaitForElement("[data-field=model-name]").InputAsync("../up");
        await dialogs.WaitForElement("[data-testid=register-model]:not([disabled])").ClickAsync();
        dialogs.WaitForAssertion(() => Assert.Contains("'../up' is no name of a model", dialogs.Markup, StringComparison.Ordinal));
        await dialogs.Find("[data-field=model-name]").InputAsync("kitchen");
        await dialogs.WaitForElement("[data-testid=checkpoint]").ChangeAsync(nameof(ModelCheckpoint.Last));
        await dialogs.WaitForElement("[data-testid=register-model]:not([disabled])").ClickAsync();

        dialogs.WaitForAssertion(() => Assert.EndsWith("/models/kitchen", Navigation.Uri, StringComparison.Ordinal));
        Assert.Equal(ModelCheckpoint.Last, Client.Models["kitchen"].Versions[0].Checkpoint);
    }

    [Fact]
    public async Task Download_StreamsTheArchive_AndSaysWhatThereIsNot()
    {
        await Client.RegisterModelAsync("kitchen", Trial);
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = new ServiceCollection().AddLogging().BuildServiceProvider(), Response = { Body = body } };

        await (await PackageEndpoint.GetAsync("kitchen", 1, Client, context)).ExecuteAsync(context);
        var missing = await PackageEndpoint.GetAsync("kitchen", 2, Client, new DefaultHttpContext());

        Assert.Equal([80, 75, 3, 4], body.ToArray());
        Assert.Equal("application/zip", context.Response.ContentType);
        Assert.Contains("kitchen-1.zip", context.Response.Headers.ContentDisposition.ToString(), StringComparison.Ordinal);
        Assert.Equal(404, Assert.IsType<ContentHttpResult>(missing).StatusCode);
    }
}
