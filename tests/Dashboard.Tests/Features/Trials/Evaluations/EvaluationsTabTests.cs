using System.Collections.Immutable;
using Bunit;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;
using MlTr.Dashboard.Features.Trials;
using MlTr.Dashboard.Features.Workers;

namespace MlTr.Dashboard.Tests.Features.Trials.Evaluations;

public sealed class EvaluationsTabTests : PageTest
{
    private static readonly TrialId Id = new("s", 1);

    public EvaluationsTabTests()
    {
        var trial = Show.Trial("s", 1);
        Client.Put(Show.Sweep("s", trials: trial), trial);
        Client.Trials[Id] = Client.Trials[Id] with { Checkpoints = [new CheckpointSnapshot(1, 10, "x/attempt-0001/step-00000010", 1, "ab", Show.Start)] };
        Client.Datasets["street"] = new DatasetSnapshot("street", "coco", "/street", DatasetState.Ready, 1, null, "", ["ring"], []);
        Client.Datasets["unread"] = new DatasetSnapshot("unread", "coco", "/unread", DatasetState.Registered, 0, null, "", [], []);
    }

    [Fact]
    public void Evaluate_OnAnotherDatasetAndSize_IsAskedFor_AndItsFiguresAppear()
    {
        var page = OpenTab();
        page.WaitForAssertion(() => Assert.Equal(["", "marks", "street"], page.FindAll("[data-field=dataset] option").Select(option => option.GetAttribute("value"))));

        page.Find("select[data-field=dataset]").Change("street");
        page.Find("select[data-field=split]").Change("test");
        page.Find("[data-field=image-size]").Input("96");
        page.Find("[data-testid=start-evaluation]").Click();

        page.WaitForAssertion(() => Assert.Equal("Queued", page.Find("[data-evaluation]").GetAttribute("data-state")));
        Assert.Equal(new EvaluationSpec(Id, "street", "test", 96), Assert.Single(Client.EvaluationSpecs));
        var (_, started) = Client.Evaluations.Single();
        Client.Publish(started with
        {
            State = EvaluationState.Completed,
            EndedAt = DateTimeOffset.UnixEpoch,
            Parts = [started.Parts[0] with { State = PartState.Done, Done = 10 }],
            Metrics = ImmutableSortedDictionary<string, double>.Empty.Add("mAP", 0.625),
        });
        page.WaitForAssertion(() => Assert.Equal("Completed", page.Find("[data-evaluation]").GetAttribute("data-state")));
        Assert.Contains("62.5", page.Find("[data-evaluation]").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("[data-testid=cancel-evaluation]"));
    }

    [Fact]
    public void Cancel_ARunningOne_IsAskedFor()
    {
        var page = OpenTab();
        page.WaitForElement("[data-testid=start-evaluation]").Click();

        page.WaitForElement("[data-testid=cancel-evaluation]").Click();

        page.WaitForAssertion(() => Assert.Equal("Cancelled", page.Find("[data-evaluation]").GetAttribute("data-state")));
    }

    [Fact]
    public async Task AnotherBrowserStartsOne_IsShownAtOnce_TheNewestFirst()
    {
        var page = OpenTab();
        page.WaitForAssertion(() => Assert.Contains("Not evaluated elsewhere yet", page.Markup, StringComparison.Ordinal));

        var first = await Client.StartEvaluationAsync(new EvaluationSpec(Id));
        var second = Client.Publish(first with { Id = "s/1/later", CreatedAt = first.CreatedAt.AddMinutes(1) });

        page.WaitForAssertion(() => Assert.Equal([second.Id, first.Id], page.FindAll("[data-evaluation]").Select(row => row.GetAttribute("data-evaluation"))));
    }

    [Fact]
    public void ImageSize_OutOfRange_CannotBeStarted()
    {
        var page = OpenTab();

        page.WaitForElement("[data-field=image-size]").Input("5000");

        page.WaitForAssertion(() => Assert.True(page.Find("[data-testid=start-evaluation]").HasAttribute("disabled")));
        Assert.Contains("1 to 4096 pixels", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void WorkersPage_AWorkerEvaluates_SaysWhatItDoes()
    {
        var part = new PartId("s/1/now", 3);
        Client.Scheduler = new([new(Id, "every worker is busy", part with { Number = 4 })], [Show.Worker("worker-1", WorkerState.Busy) with { Trial = null, Part = part }]);

        var page = Open<WorkersPage>("/workers");

        page.WaitForAssertion(() => Assert.Contains("evaluates #1 of s, part 3", page.Find("[data-testid=worker-row]").TextContent, StringComparison.Ordinal));
        Assert.Contains("evaluation, part 4, of #1 of s", page.Find("[data-testid=queue-table]").TextContent, StringComparison.Ordinal);
        Assert.Contains("0 trials, 1 part of evaluations", page.Markup, StringComparison.Ordinal);
    }

    private IRenderedComponent<TrialPage> OpenTab() =>
        Open<TrialPage>("/sweeps/s/trials/1?tab=evaluations", parameters => parameters.Add(page => page.SweepId, "s").Add(page => page.Number, 1));
}
