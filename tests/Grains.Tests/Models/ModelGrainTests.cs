using System.Collections.Immutable;
using System.Text;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Models;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Tests.Fakes;
using Orleans.Core.Internal;

namespace MlTr.Grains.Tests.Models;

public sealed class ModelGrainTests(PlatformFixture platform)
{
    private readonly string _name = "m-" + Guid.NewGuid().ToString("N");

    [Fact]
    public async Task Register_BestAndLast_AreVersionsWithOriginAndFigures_AndTheSameAgainChangesNothing()
    {
        var trial = await TrialAsync();

        var last = await platform.Client.RegisterModelAsync(_name, trial, ModelCheckpoint.Last, "ada");
        var again = await platform.Client.RegisterModelAsync(_name, trial, ModelCheckpoint.Last, "bob");
        var other = await platform.Client.RegisterModelAsync(_name, trial, ModelCheckpoint.Best);

        var model = await platform.Client.GetModelAsync(_name);
        Assert.Equal((1, 1, 2), (last.Number, again.Number, other.Number));
        Assert.Equal([2, 1], model.Versions.Select(version => version.Number));
        Assert.Equal((ModelStage.None, trial, "marks", "ada", 6, "ab12"), (last.Stage, last.Trial, last.Dataset, last.RegisteredBy, last.Classes, last.Sha256));
        Assert.Equal((FakeTrialRunner.Steps, 0.1), (last.Step, last.Value));
        Assert.Equal(1.0 / FakeTrialRunner.Steps, last.Metrics[MetricNames.TrainLoss]);
        Assert.Null(other.Value); // nothing was evaluated there
        Assert.Equal([("registered", "ada"), ("registered", "client")], model.History.Select(happened => (happened.Kind, happened.By)));
        Assert.Contains(_name, (await platform.Client.ListModelsAsync()).Select(one => one.Name));
    }

    [Fact]
    public async Task SetStage_Production_ArchivesTheOneBefore_AndSaysWhoDidIt()
    {
        var (first, second) = (await platform.Client.RegisterModelAsync(_name, await TrialAsync()), await platform.Client.RegisterModelAsync(_name, await TrialAsync()));
        await platform.Client.SetModelStageAsync(_name, first.Number, ModelStage.Production, "the first", "ada");

        await platform.Client.SetModelStageAsync(_name, second.Number, ModelStage.Production, "better", "bob");
        var model = await platform.Client.SetModelStageAsync(_name, second.Number, ModelStage.Production, "better", "bob"); // asked twice

        Assert.Equal([ModelStage.Production, ModelStage.Archived], model.Versions.Select(version => version.Stage));
        Assert.Equal(
            [(1, "production", "ada"), (1, "archived", "bob"), (2, "production", "bob")],
            model.History.Where(happened => happened.Kind != "registered").Select(happened => (happened.Version, happened.Kind, happened.By)));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => platform.Client.SetModelStageAsync(_name, 7, ModelStage.Staging));
    }

    [Fact]
    public async Task SetStage_AfterANewActivation_IsAsItWas()
    {
        var version = await platform.Client.RegisterModelAsync(_name, await TrialAsync());
        await platform.Client.SetModelStageAsync(_name, version.Number, ModelStage.Staging);

        await platform.Grains.GetGrain<IModelGrain>(_name).AsReference<IGrainManagementExtension>().DeactivateOnIdle(TestContext.Current.CancellationToken);

        Assert.Equal(ModelStage.Staging, Assert.Single((await platform.Client.GetModelAsync(_name)).Versions).Stage);
    }

    [Fact]
    public async Task Delete_HidesIt_RefusesProduction_AndRestoreTakesItBackAsItWas()
    {
        var trial = await TrialAsync();
        var version = await platform.Client.RegisterModelAsync(_name, trial);
        await platform.Client.SetModelStageAsync(_name, version.Number, ModelStage.Production);
        var refused = await Assert.ThrowsAsync<ModelRegistryException>(() => platform.Client.DeleteModelVersionAsync(_name, version.Number));
        Assert.Contains("in production", refused.Message, StringComparison.Ordinal);
        await platform.Client.SetModelStageAsync(_name, version.Number, ModelStage.Staging);

        await platform.Client.DeleteModelVersionAsync(_name, version.Number, "wrong data", "ada");
        await platform.Client.DeleteModelVersionAsync(_name, version.Number, "wrong data", "ada"); // asked twice
        var deleted = await platform.Client.GetModelAsync(_name);

        Assert.Contains((_name, 1), platform.Models.Kept.Keys);
        Assert.Empty(deleted.Versions);
        Assert.NotNull(Assert.Single(deleted.Deleted).DeletedAt);
        Assert.DoesNotContain(_name, (await platform.Client.ListModelsAsync()).Select(one => one.Name));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => ReadAsync(version.Number));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => platform.Client.SetModelStageAsync(_name, version.Number, ModelStage.Production));

        await platform.Client.RestoreModelVersionAsync(_name, version.Number, "it was right", "bob");
        await platform.Client.RestoreModelVersionAsync(_name, version.Number, "it was right", "bob"); // asked twice
        var restored = await platform.Client.GetModelAsync(_name);

        Assert.Equal((1, ModelStage.Staging, (DateTimeOffset?)null), (Assert.Single(restored.Versions).Number, restored.Versions[0].Stage, restored.Versions[0].DeletedAt));
        Assert.Empty(restored.Deleted);
        Assert.Equal($"{_name}-1", await ReadAsync(version.Number));
        Assert.Equal([("deleted", "ada"), ("restored", "bob")], restored.History.TakeLast(2).Select(happened => (happened.Kind, happened.By)));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => platform.Client.RestoreModelVersionAsync(_name, 9));
    }

    [Fact]
    public async Task Purge_OnlyADeletedVersion_ItsFilesGo_AndTheNumberIsNotUsedAgain()
    {
        var trial = await TrialAsync();
        var version = await platform.Client.RegisterModelAsync(_name, trial);
        var refused = await Assert.ThrowsAsync<ModelRegistryException>(() => platform.Client.PurgeModelVersionAsync(_name, version.Number));
        Assert.Contains("was not deleted: delete it before you purge it", refused.Message, StringComparison.Ordinal);
        await platform.Client.DeleteModelVersionAsync(_name, version.Number);

        await platform.Client.PurgeModelVersionAsync(_name, version.Number, "ada");
        await platform.Client.PurgeModelVersionAsync(_name, version.Number, "ada"); // asked twice

        Assert.DoesNotContain((_name, 1), platform.Models.Kept.Keys);
        var model = await platform.Client.GetModelAsync(_name);
        Assert.True(model.Versions.IsEmpty && model.Deleted.IsEmpty);
        Assert.Equal(["registered", "deleted", "purged"], model.History.Select(happened => happened.Kind));
        Assert.Equal(2, (await platform.Client.RegisterModelAsync(_name, trial)).Number);
    }

    [Fact]
    public async Task Register_ACheckpointWhoseVersionIsDeleted_TakesItBack()
    {
        var trial = await TrialAsync();
        await platform.Client.RegisterModelAsync(_name, trial);
        await platform.Client.DeleteModelVersionAsync(_name, 1);

        var again = await platform.Client.RegisterModelAsync(_name, trial, by: "bob");

        Assert.Equal((1, (DateTimeOffset?)null), (again.Number, again.DeletedAt));
        Assert.Equal(1, Assert.Single((await platform.Client.GetModelAsync(_name)).Versions).Number);
    }

    [Fact]
    public async Task Watch_EachDecision_IsPushed_ToTheModelsPageAndToTheList()
    {
        await using var all = new Watch<ImmutableArray<ModelSnapshot>>(platform.Client.WatchModelsAsync);
        Assert.DoesNotContain(_name, (await all.NextAsync()).Select(model => model.Name));
        await platform.Client.RegisterModelAsync(_name, await TrialAsync());
        await using var one = new Watch<ModelSnapshot>(limit => platform.Client.WatchModelAsync(_name, limit));
        Assert.Equal(ModelStage.None, (await one.NextAsync()).Versions[0].Stage);

        await platform.Client.SetModelStageAsync(_name, 1, ModelStage.Staging);
        await platform.Client.DeleteModelVersionAsync(_name, 1);

        Assert.Equal(ModelStage.Staging, (await one.NextAsync()).Versions[0].Stage);
        Assert.Single((await one.NextAsync()).Deleted);
        foreach (var kind in new[] { "registered", "staging", "deleted" })
        {
            await all.UntilAsync(changed => changed is [var model] && model.Name == _name && model.History[^1].Kind == kind);
        }

        await using var missing = new Watch<ModelSnapshot>(limit => platform.Client.WatchModelAsync("no-such-model", limit));
        await Assert.ThrowsAsync<KeyNotFoundException>(missing.NextAsync);
    }

    [Fact]
    public async Task Register_FilesThatACrashLeft_AreLeftAlone()
    {
        var trial = await TrialAsync();
        platform.Models.Kept[(_name, 1)] = new TrialId("left", 1);

        Assert.Equal(2, (await platform.Client.RegisterModelAsync(_name, trial)).Number);
        Assert.Equal(new TrialId("left", 1), platform.Models.Kept[(_name, 1)]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../elsewhere")]
    [InlineData("Kitchen")]
    public async Task Register_ANameThatIsNone_IsRefused(string name)
    {
        var error = await Assert.ThrowsAsync<ModelRegistryException>(() => platform.Client.RegisterModelAsync(name, new TrialId("s", 1)));

        Assert.StartsWith($"'{name}' is no name of a model: use 1 to 64 lower-case letters", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<KeyNotFoundException>(() => platform.Client.GetModelAsync(name));
    }

    [Fact]
    public async Task Register_NoSuchTrialOrModel_SaysSo()
    {
        await Assert.ThrowsAsync<KeyNotFoundException>(() => platform.Client.RegisterModelAsync(_name, new TrialId("no-such-sweep", 1)));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => platform.Client.GetModelAsync(_name));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => platform.Client.SetModelStageAsync(_name, 1, ModelStage.Staging));
    }

    [Fact]
    public async Task ReadPackage_ComesInPieces_AndSaysWhatIsWrong()
    {
        var version = await platform.Client.RegisterModelAsync(_name, await TrialAsync());

        Assert.Equal($"{_name}-1", await ReadAsync(version.Number));

        platform.Models.Kept.TryRemove((_name, 1), out _);
        await Assert.ThrowsAsync<ModelRegistryException>(() => ReadAsync(version.Number));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => ReadAsync(9));
    }

    private async Task<string> ReadAsync(int version)
    {
        var text = new StringBuilder();
        await foreach (var piece in platform.Client.ReadModelPackageAsync(_name, version, TestContext.Current.CancellationToken))
        {
            text.Append(Encoding.UTF8.GetString(piece.AsSpan()));
        }

        return text.ToString();
    }

    private async Task<TrialId> TrialAsync()
    {
        var id = "models-" + Guid.NewGuid().ToString("N");
        await platform.Grains.GetGrain<ISweepGrain>(id).StartAsync(SweepTemplates.FirstSweep with { Parameters = [new ChoiceParameter("learning_rate", [ParameterValue.Of(0.1)])] }, "test");
        await platform.UntilAsync(id, sweep => sweep.IsFinal);
        return new TrialId(id, 1);
    }
}
