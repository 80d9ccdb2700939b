using MlTr.Abstractions.Notes;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using Orleans.Core.Internal;

namespace MlTr.Grains.Tests.Sweeps;

public sealed class NotesTests(PlatformFixture platform)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SetTags_OfSweepAndTrial_AreInListsLeaderboardsAndEvents_AfterANewActivationToo()
    {
        var trial = await TrialAsync();

        Assert.Equal(["night", "ü 1"], await platform.Client.SetTagsAsync(trial.SweepId, [" night", "ü 1", "Night"], "ada"));
        await platform.Client.SetTagsAsync(trial, ["best"], "ada");
        await platform.Client.SetTagsAsync(trial, ["best"], "ada"); // the same again changes nothing
        await platform.Grains.GetGrain<ISweepGrain>(trial.SweepId).AsReference<IGrainManagementExtension>().DeactivateOnIdle(Token);

        Assert.Equal(["night", "ü 1"], (await platform.Client.GetSweepAsync(trial.SweepId)).Tags);
        Assert.Equal(["best"], Assert.Single(await platform.Client.GetTrialsAsync(trial.SweepId)).Tags);
        Assert.Equal(["best"], (await platform.Client.GetTrialAsync(trial)).Trial.Tags);
        Assert.Equal(["best", "night", "ü 1"], Assert.Single((await platform.Client.GetLeaderboardAsync(trial.SweepId)).Rows).Tags);
        Assert.Equal(["best", "night", "ü 1"], (await platform.Client.GetLeaderboardAsync()).Rows.Single(row => row.Trial.Id == trial).Tags);
        Assert.Equal(
            [(null, "night, ü 1", "ada"), (1, "best", "ada")],
            (await platform.Client.GetEventsAsync(trial.SweepId)).Where(happened => happened.Kind == "tags-changed").Select(happened => (happened.Trial, happened.Reason, happened.By)));
    }

    [Fact]
    public async Task Archive_AnEndedSweep_IsATagOfIt_AndTakenBackLeavesTheOthers()
    {
        var trial = await TrialAsync();
        await platform.Client.SetTagsAsync(trial.SweepId, ["night"], "ada");

        await platform.Client.SetArchivedAsync(trial.SweepId, by: "ada");
        await platform.Client.SetArchivedAsync(trial.SweepId, by: "bob"); // the same again changes nothing
        var archived = await platform.Client.GetSweepAsync(trial.SweepId);
        await platform.Client.SetArchivedAsync(trial.SweepId, archived: false, "bob");
        var back = await platform.Client.GetSweepAsync(trial.SweepId);

        Assert.True(archived.IsArchived);
        Assert.Equal(["night", "archived"], archived.Tags);
        Assert.False(back.IsArchived);
        Assert.Equal(["night"], back.Tags);
        Assert.Equal(
            [("sweep-archived", "ada"), ("sweep-unarchived", "bob")],
            (await platform.Client.GetEventsAsync(trial.SweepId)).Where(happened => happened.Kind.EndsWith("archived", StringComparison.Ordinal)).Select(happened => (happened.Kind, happened.By)));
        Assert.Contains((await platform.Client.GetLeaderboardAsync()).Rows, row => row.Trial.Id == trial);
    }

    [Fact]
    public async Task Archive_ASweepThatHasNotEnded_IsRefused()
    {
        var id = "notes-" + Guid.NewGuid().ToString("N");
        await platform.Grains.GetGrain<ISweepGrain>(id).StartAsync(SweepTemplates.FirstSweep with { WorkerLabels = "gpu=none" }, "test");

        var refused = await Assert.ThrowsAsync<SweepStateException>(() => platform.Client.SetArchivedAsync(id));

        Assert.Contains("has not ended", refused.Message, StringComparison.Ordinal);
        await platform.Client.CancelSweepAsync(id, "the test is over");
    }

    [Fact]
    public async Task SetTags_WhileSomebodyWatches_IsPushed()
    {
        var trial = await TrialAsync();
        var pushed = new TaskCompletionSource<SweepSnapshot>();
        using var left = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var watching = Task.Run(
            async () =>
            {
                await foreach (var change in platform.Client.WatchSweepAsync(trial.SweepId, left.Token))
                {
                    if (change.Sweep is { Tags.IsEmpty: false } tagged)
                    {
                        pushed.TrySetResult(tagged);
                        return;
                    }
                }
            },
            Token);

        await platform.Client.SetTagsAsync(trial.SweepId, ["night"]);

        Assert.Equal(["night"], (await pushed.Task.WaitAsync(TimeSpan.FromSeconds(30), Token)).Tags);
        await watching;
    }

    [Fact]
    public async Task SetNotes_WhileSomebodyWatches_ArePushed_EachToThoseWhoReadThem()
    {
        var trial = await TrialAsync();
        await platform.Client.SetNotesAsync(trial, "before");
        await using var ofTrial = new Watch<string>(limit => platform.Client.WatchNotesAsync(trial, limit));
        await using var ofSweep = new Watch<string>(limit => platform.Client.WatchNotesAsync(trial.SweepId, limit));
        Assert.Equal(("before", ""), (await ofTrial.NextAsync(), await ofSweep.NextAsync()));

        await platform.Client.SetNotesAsync(trial.SweepId, "of the sweep");
        await platform.Client.SetNotesAsync(trial, "after");

        Assert.Equal(("after", "of the sweep"), (await ofTrial.NextAsync(), await ofSweep.NextAsync()));
    }

    [Fact]
    public async Task SetNotes_AreKept_AndWhatCannotBeKeptIsRefused()
    {
        var trial = await TrialAsync();
        Assert.Equal("", await platform.Client.GetNotesAsync(trial));

        await platform.Client.SetNotesAsync(trial, "# Why\n\nbecause\n\n", "ada");
        await platform.Client.SetNotesAsync(trial.SweepId, "of the sweep");

        Assert.Equal("# Why\n\nbecause", await platform.Client.GetNotesAsync(trial));
        Assert.Equal("of the sweep", await platform.Client.GetNotesAsync(trial.SweepId));
        await Assert.ThrowsAsync<NotesException>(() => platform.Client.SetNotesAsync(trial, new string('x', NotesRules.MaxNotesLength + 1)));
        await Assert.ThrowsAsync<NotesException>(() => platform.Client.SetTagsAsync(trial, ["a,b"]));
        await Assert.ThrowsAsync<NotesException>(() => platform.Client.SetTagsAsync(trial, [.. Enumerable.Range(0, NotesRules.MaxTags + 1).Select(number => $"t{number}")]));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => platform.Client.SetTagsAsync(new TrialId(trial.SweepId, 9), ["x"]));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => platform.Client.SetNotesAsync("no-such-sweep", "x"));
    }

    private async Task<TrialId> TrialAsync()
    {
        var id = "notes-" + Guid.NewGuid().ToString("N");
        await platform.Grains.GetGrain<ISweepGrain>(id).StartAsync(SweepTemplates.FirstSweep with { Parameters = [new ChoiceParameter("learning_rate", [ParameterValue.Of(0.1)])] }, "test");
        await platform.UntilAsync(id, sweep => sweep.IsFinal);
        return new TrialId(id, 1);
    }
}
