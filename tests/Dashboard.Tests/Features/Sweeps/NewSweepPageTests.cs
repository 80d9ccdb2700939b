using Bunit;
using MlTr.Abstractions.Sweeps;
using MlTr.Dashboard.Features.Sweeps;

namespace MlTr.Dashboard.Tests.Features.Sweeps;

public sealed class NewSweepPageTests : PageTest
{
    [Fact]
    public void Open_TheTemplate_SaysHowManyTrials()
    {
        var page = Open<NewSweepPage>("/sweeps/new?template=first-sweep");

        page.WaitForAssertion(() => Assert.Contains("6 trials = 3 × 2", page.Find("[data-testid=trial-count]").TextContent, StringComparison.Ordinal));
        Assert.Equal(6, page.FindAll("[data-testid=grid-preview] tbody tr").Count);
    }

    [Fact]
    public void Extend_MoreValues_AsksForThem_AndAnotherQuestionIsRefusedBesideItsField()
    {
        Client.Put(Show.Sweep("s") with { Spec = SweepTemplates.FirstSweep with { Search = new SearchSpec(SearchKind.Grid, TrialBudget: 7, Seed: 9) } });
        var page = Open<NewSweepPage>("/sweeps/new?extend=s");
        page.WaitForAssertion(() => Assert.Equal($"Extend {SweepTemplates.FirstSweep.Name}", page.Find("h1").TextContent));
        page.WaitForAssertion(() => Assert.StartsWith("6 trials in all", page.Find("[data-testid=trial-count]").TextContent.Trim(), StringComparison.Ordinal));

        page.FindAll(".mode").Single(mode => mode.TextContent.StartsWith("Sobol", StringComparison.Ordinal)).Click();
        page.WaitForAssertion(() => Assert.Contains("start another sweep to change them", page.Markup, StringComparison.Ordinal));
        page.FindAll(".mode").Single(mode => mode.TextContent.StartsWith("Grid", StringComparison.Ordinal)).Click();
        page.WaitForElement("input[data-field='parameters.learning_rate']").Input("0.0001, 0.001");
        page.WaitForAssertion(() => Assert.Contains("The sweep has trials with 0.01: values can be added, not taken away.", page.Find("[data-parameter=learning_rate]").TextContent, StringComparison.Ordinal));
        page.WaitForElement("input[data-field='parameters.learning_rate']").Input("0.0001, 0.001, 0.01, 0.1");
        page.WaitForAssertion(() => Assert.StartsWith("8 trials in all", page.Find("[data-testid=trial-count]").TextContent.Trim(), StringComparison.Ordinal));
        page.Find("[data-testid=start-sweep]").Click();

        page.WaitForAssertion(() => Assert.EndsWith("/sweeps/s", Navigation.Uri, StringComparison.Ordinal));
        Assert.Contains("extend s to 8", Client.Asked);
        Assert.Empty(Client.Started);
    }

    [Fact]
    public void Extend_ACloneOfItIsHalfTyped_IsNotThatClone()
    {
        Client.Put(Show.Sweep("s"));
        var draft = SweepForm.FromSpec(SweepTemplates.FirstSweep);
        draft.Name = "Half typed clone";
        JSInterop.Setup<string?>("mltr.draft", SweepDraft.KeyOf(null, "s", null)).SetResult(SweepDraft.Write(draft));

        var page = Open<NewSweepPage>("/sweeps/new?extend=s");

        page.WaitForAssertion(() => Assert.StartsWith("Extend", page.Find("h1").TextContent, StringComparison.Ordinal));
        page.WaitForAssertion(() => Assert.Contains(JSInterop.Invocations["mltr.draft"], asked => Equals(asked.Arguments[0], SweepDraft.KeyOf(null, null, null, "s"))));
        Assert.NotEqual("Half typed clone", page.Find("input[data-field=name]").GetAttribute("value"));
    }

    [Fact]
    public void Estimate_SaysHowLong_OrWhatIsNotKnown()
    {
        Client.Estimate = new(TimeSpan.FromMinutes(130), TimeSpan.FromMinutes(6), 12, 2, IsMost: false, null);
        var page = Open<NewSweepPage>("/sweeps/new?template=first-sweep");
        page.WaitForAssertion(() => Assert.Equal("about 2h 10m: 6m 00s a trial, on 2 workers", page.Find("[data-testid=estimate]").TextContent.Trim()));

        Client.Estimate = new(null, null, 0, 0, IsMost: false, "No trial of mltr-s has run here.");
        page.Find("input[data-field='parameters.passes']").Input("7");
        page.WaitForAssertion(() => Assert.Equal("Duration not known yet: No trial of mltr-s has run here.", page.Find("[data-testid=estimate]").TextContent.Trim()));

        Client.Failure = new InvalidOperationException("its silo is gone");
        page.Find("input[data-field='parameters.passes']").Input("8");
        page.WaitForAssertion(() => Assert.Contains("its silo is gone", page.Find("[data-testid=estimate]").TextContent, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ablations", "18 trials of 2 × 2 × 2 × 2 × 2 × 3 combinations")] // six rungs, three seeds
    [InlineData("arc-scale", "12 trials")]
    [InlineData("learning-rate", "20 trials")]
    [InlineData("sizes", "4 trials")]
    public void Open_AnyTemplate_CanBeStarted(string key, string count)
    {
        var page = Open<NewSweepPage>($"/sweeps/new?template={key}");

        page.WaitForAssertion(() => Assert.Contains(count, page.Find("[data-testid=trial-count]").TextContent, StringComparison.Ordinal));
        Assert.Equal("true", page.Find($".templates a[href$='={key}']").GetAttribute("aria-current"));
    }

    [Fact]
    public void Open_SomethingWasTypedHereBefore_ShowsIt_UntilToldToStartOver()
    {
        var draft = SweepForm.FromSpec(SweepTemplates.FirstSweep);
        draft.Name = "Half typed";
        JSInterop.Setup<string?>("mltr.draft", SweepDraft.KeyOf("first-sweep", null, null)).SetResult(SweepDraft.Write(draft));

        var page = Open<NewSweepPage>("/sweeps/new?template=first-sweep");
        page.WaitForElement("[data-testid=draft-restored]");
        Assert.Equal("Half typed", page.Find("input[data-field=name]").GetAttribute("value"));
        page.Find("[data-testid=draft-restored] button").Click();

        page.WaitForAssertion(() => Assert.NotEqual("Half typed", page.Find("input[data-field=name]").GetAttribute("value")));
    }

    [Fact]
    public void Typed_IsKeptByTheBrowser_AndForgottenOnceItIsStarted()
    {
        var page = Open<NewSweepPage>("/sweeps/new?template=first-sweep");

        page.WaitForElement("input[data-field=name]").Input("Half typed");
        page.WaitForAssertion(() => Assert.Contains("Half typed", Kept(), StringComparison.Ordinal));
        page.Find("[data-testid=start-sweep]").Click();

        page.WaitForAssertion(() => Assert.Null(Kept()));

        string? Kept() => (string?)JSInterop.Invocations["mltr.keepDraft"][^1].Arguments[1];
    }

    [Fact]
    public void Constraint_ThatIsNoExpression_ShowsUnderItsFieldAndARightOneCountsTheTrials()
    {
        var page = Open<NewSweepPage>("/sweeps/new");

        page.WaitForElement("textarea[data-field=constraints]").Input("learning_rate <");
        page.WaitForAssertion(() => Assert.Contains("is no expression", page.Find(".constraints").TextContent, StringComparison.Ordinal));
        page.WaitForElement("textarea[data-field=constraints]").Input("learning_rate < 0.005");

        page.WaitForAssertion(() => Assert.Contains("4 trials", page.Find("[data-testid=trial-count]").TextContent, StringComparison.Ordinal));
        Assert.Equal(4, page.FindAll("[data-testid=grid-preview] tbody tr").Count);
    }

    [Fact]
    public void OnlyWhen_AParameterHasACondition_TheGridShrinksAndTheFileSaysSo()
    {
        var page = Open<NewSweepPage>("/sweeps/new");

        page.WaitForElement("[data-parameter=learning_rate] button.when").Click();
        page.WaitForElement("input[data-field='parameters.learning_rate.when']").Input("cross_window = true");

        page.WaitForAssertion(() => Assert.Contains("4 trials", page.Find("[data-testid=trial-count]").TextContent, StringComparison.Ordinal));
        Assert.Contains("when: {cross_window: true}", page.Find("[data-testid=sweep-text]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_AFile_FillsTheForm_AndABadOneSaysWhy()
    {
        var page = Open<NewSweepPage>("/sweeps/new");
        page.FindAll("[data-testid=as-text] button").Single(button => button.TextContent.Trim() == "Import").Click();

        page.WaitForElement("textarea[data-field=import]").Input("name: Mine\ndataset: marks\nparamters: 1");
        page.WaitForElement("[data-testid=import-sweep]").Click();
        page.WaitForAssertion(() => Assert.Contains("Line 3: paramters is not known here", page.Find("[data-testid=import-problem]").TextContent, StringComparison.Ordinal));
        page.WaitForElement("textarea[data-field=import]").Input("name: Mine\ndataset: marks\nparameters: {passes: [3, 5]}");
        page.WaitForElement("[data-testid=import-sweep]").Click();

        page.WaitForAssertion(() => Assert.Equal("Mine", page.Find("input[data-field=name]").GetAttribute("value")));
        Assert.Contains("2 trials", page.Find("[data-testid=trial-count]").TextContent, StringComparison.Ordinal);
        Assert.Contains("passes: [3, 5]", page.Find("[data-testid=sweep-text]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_WithMistakes_ShowsAllAndStartsNothing()
    {
        var page = Open<NewSweepPage>("/sweeps/new");
        page.WaitForElement("input[data-field=name]").Input("");
        page.WaitForElement("input[data-field='parameters.learning_rate']").Input("0.001, fast");
        page.WaitForElement("input[data-field='parameters.passes']").Input("0");

        page.WaitForElement("[data-testid=start-sweep]").Click();

        page.WaitForAssertion(() => Assert.Contains("3 things to correct", page.Find("[data-testid=form-errors]").TextContent, StringComparison.Ordinal));
        Assert.Contains("'fast' is not a number.", page.Find("[data-parameter=learning_rate] .field-error").TextContent, StringComparison.Ordinal);
        Assert.Contains("lies between", page.Find("[data-parameter=passes] .field-error").TextContent, StringComparison.Ordinal);
        Assert.Equal("0.001, fast", page.Find("input[data-field='parameters.learning_rate']").GetAttribute("value"));
        Assert.Empty(Client.Started);
    }

    [Fact]
    public void Start_AGoodForm_StartsAndOpensTheSweep()
    {
        var page = Open<NewSweepPage>("/sweeps/new");

        page.WaitForElement("[data-testid=start-sweep]").Click();

        page.WaitForAssertion(() => Assert.EndsWith("/sweeps/started-1", Navigation.Uri, StringComparison.Ordinal));
        Assert.Equal("First sweep", Assert.Single(Client.Started).Name);
    }

    [Fact]
    public void Start_TheClusterFails_KeepsTheFormAndSaysSo()
    {
        var page = Open<NewSweepPage>("/sweeps/new");
        page.WaitForElement("input[data-field=name]").Input("Mine");
        Client.Failure = new InvalidOperationException("The silo is away.");

        page.WaitForElement("[data-testid=start-sweep]").Click();

        page.WaitForAssertion(() => Assert.Contains("The silo is away.", page.Markup, StringComparison.Ordinal));
        Assert.Equal("Mine", page.Find("input[data-field=name]").GetAttribute("value"));
    }

    [Fact]
    public void Open_FromASweep_TakesItsSpec()
    {
        Client.Sweeps["old"] = Show.Sweep("old") with { Spec = SweepTemplates.FirstSweep with { Name = "Older" } };

        var page = Open<NewSweepPage>("/sweeps/new?from=old");

        page.WaitForAssertion(() => Assert.Equal("Older", page.Find("input[data-field=name]").GetAttribute("value")));
    }

    [Fact]
    public void Dataset_Focused_IsNotSelectedByTheServer()
    {
        // A selection asked for over the wire comes late and takes the focus back: what is typed next lands in the wrong field.
        var page = Open<NewSweepPage>("/sweeps/new");

        foreach (var input in page.FindAll("input[role=combobox]").ToList())
        {
            input.Focus();
        }

        Assert.DoesNotContain(JSInterop.Invocations, call => call.Identifier.Contains("select", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Dataset_ALateAnswerAboutAnEarlierName_IsDropped()
    {
        var late = new TaskCompletionSource();
        Client.DatasetAnswers["marks"] = late.Task;
        var page = Open<NewSweepPage>("/sweeps/new");
        page.WaitForElement("input[data-field=dataset]").Input("nothing");
        page.WaitForAssertion(() => Assert.Contains("There is no dataset 'nothing'.", page.Markup, StringComparison.Ordinal));

        late.SetResult();
        page.WaitForElement("input[data-field=name]").Input("Mine"); // whatever redraws the page

        Assert.Contains("There is no dataset 'nothing'.", page.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("Drawn marks.", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Dataset_TheAnswerIsSlow_StartDoesNotWaitForIt()
    {
        Client.Datasets["mine"] = Client.Datasets["marks"] with { Id = "mine" };
        Client.DatasetAnswers["mine"] = new TaskCompletionSource().Task;
        var page = Open<NewSweepPage>("/sweeps/new");
        page.WaitForElement("input[data-field=dataset]").Input("mine");

        page.WaitForElement("[data-testid=start-sweep]").Click();

        page.WaitForAssertion(() => Assert.Equal("mine", Assert.Single(Client.Started).Dataset));
    }

    [Fact]
    public void Open_FromASweep_ShowsNoFormBeforeItIsThere()
    {
        var answer = new TaskCompletionSource();
        Client.SweepAnswer = answer.Task;
        Client.Sweeps["old"] = Show.Sweep("old") with { Spec = SweepTemplates.FirstSweep with { Name = "Older" } };

        var page = Open<NewSweepPage>("/sweeps/new?from=old");
        Assert.Empty(page.FindAll("input[data-field=name]")); // what would be typed here would be lost

        answer.SetResult();
        page.WaitForAssertion(() => Assert.Equal("Older", page.Find("input[data-field=name]").GetAttribute("value")));
    }

    [Fact]
    public void Start_Refused_SaysSoBesideTheButton()
    {
        var page = Open<NewSweepPage>("/sweeps/new");
        page.WaitForElement("input[data-field=name]").Input("");

        page.WaitForElement("[data-testid=start-sweep]").Click();

        page.WaitForAssertion(() => Assert.NotNull(page.Find("[data-testid=launch] [data-testid=form-errors]")));
    }
}
