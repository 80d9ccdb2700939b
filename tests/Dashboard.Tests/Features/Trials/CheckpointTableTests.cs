using Bunit;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Features.Trials;
using MudBlazor;

namespace MlTr.Dashboard.Tests.Features.Trials;

public sealed class CheckpointTableTests : PageTest
{
    private static readonly TrialId Id = new("s", 1);

    [Fact]
    public void Rows_NewestFirst_TheBestIsMarked_EachCanBeDownloadedAndEvaluated()
    {
        var page = OpenHistory(TrialState.Completed);

        page.WaitForAssertion(() => Assert.Equal(["20", "10"], page.FindAll("[data-testid=checkpoints-table] tbody tr").Select(row => row.GetAttribute("data-step"))));
        Assert.Contains("best", page.Find("tr[data-step='10']").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("best", page.Find("tr[data-step='20']").TextContent, StringComparison.Ordinal);
        var download = page.Find("tr[data-step='10'] [data-testid=download-checkpoint]");
        Assert.Equal(("/api/sweeps/s/trials/1/checkpoints/1/10.zip", "s-trial-1-step-10.zip"), (download.GetAttribute("href"), download.GetAttribute("download")));
        Assert.Equal("/sweeps/s/trials/1?tab=evaluations&checkpoint=10", page.Find("tr[data-step='10'] [data-testid=evaluate-checkpoint]").GetAttribute("href"));
    }

    [Theory]
    [InlineData("10", "10")]
    [InlineData("11", "best")] // it may have been deleted
    public void Evaluations_FromACheckpointsRow_HaveItChosen(string asked, string chosen)
    {
        Put(TrialState.Completed);

        var page = Open<TrialPage>($"/sweeps/s/trials/1?tab=evaluations&checkpoint={asked}", parameters => parameters.Add(one => one.SweepId, "s").Add(one => one.Number, 1));

        page.WaitForAssertion(() => Assert.Equal(chosen, page.Find("[data-field=checkpoint] option[selected]").GetAttribute("value")));
    }

    [Theory]
    [InlineData("Delete for ever", true)]
    [InlineData("Keep it", false)]
    public async Task Delete_AsksFirst_AndSaysWhatIsLost(string answer, bool gone)
    {
        var dialogs = Render<MudDialogProvider>();
        var page = OpenHistory(TrialState.Completed);
        var click = page.WaitForElement("tr[data-step='10'] [data-testid=delete-checkpoint]").ClickAsync();

        var button = Button(dialogs, answer);
        Assert.Contains("It is the best one", dialogs.Markup, StringComparison.Ordinal);
        await button.ClickAsync();
        await click;

        Assert.Equal(gone, Client.Asked.Contains("delete checkpoint s/1 1 10"));
    }

    [Fact]
    public void Delete_WhileTheTrialRuns_IsNotOffered()
    {
        var page = OpenHistory(TrialState.Running);

        page.WaitForAssertion(() => Assert.True(page.Find("tr[data-step='10'] [data-testid=delete-checkpoint]").HasAttribute("disabled")));
    }

    [Fact]
    public async Task Download_StreamsTheArchive_AndSaysWhatThereIsNot()
    {
        Put(TrialState.Completed);
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = new ServiceCollection().AddLogging().BuildServiceProvider(), Response = { Body = body } };

        await (await CheckpointEndpoint.GetAsync("s", 1, 1, 10, Client, context)).ExecuteAsync(context);
        var missing = await CheckpointEndpoint.GetAsync("s", 1, 1, 11, Client, new DefaultHttpContext());

        Assert.Equal([80, 75, 3, 4], body.ToArray());
        Assert.Contains("s-trial-1-step-10.zip", context.Response.Headers.ContentDisposition.ToString(), StringComparison.Ordinal);
        Assert.Equal(404, Assert.IsType<ContentHttpResult>(missing).StatusCode);
    }

    private IRenderedComponent<TrialPage> OpenHistory(TrialState state)
    {
        Put(state);
        return Open<TrialPage>("/sweeps/s/trials/1?tab=history", parameters => parameters.Add(one => one.SweepId, "s").Add(one => one.Number, 1));
    }

    private void Put(TrialState state)
    {
        var trial = Show.Trial("s", 1, state);
        Client.Put(Show.Sweep("s", SweepState.Running, null, trial), trial);
        Client.Trials[Id] = Client.Trials[Id] with { Checkpoints = [Saved(10), Saved(20)], BestStep = 10 };
    }

    private static CheckpointSnapshot Saved(long step) => new(1, step, $"x/attempt-0001/step-{step:D8}", 1 << 20, "ab", Show.Start);
}
