using System.Collections.Immutable;
using MlTr.Abstractions.Datasets;

namespace MlTr.Grains.Tests.Datasets;

public sealed class DatasetWatchTests(PlatformFixture platform)
{
    private readonly string _id = "d-" + Guid.NewGuid().ToString("N");

    [Fact]
    public async Task Watch_ADatasetThatIsPrepared_ComesAsItIsAndUntilItIsReady()
    {
        await platform.Client.RegisterDatasetAsync(new DatasetRegistration(_id, "/pictures/kitchen"));
        await using var watch = new Watch<DatasetSnapshot>(limit => platform.Client.WatchDatasetAsync(_id, limit));
        var first = await watch.NextAsync();

        await platform.Client.PrepareDatasetAsync(_id);

        Assert.Equal(DatasetState.Registered, first.State);
        Assert.Equal(DatasetState.Preparing, (await watch.NextAsync()).State);
        Assert.Equal(["disc", "ring"], (await watch.UntilAsync(dataset => dataset.State == DatasetState.Ready)).Classes);
    }

    [Fact]
    public async Task Watch_NoSuchDataset_SaysSo()
    {
        await using var watch = new Watch<DatasetSnapshot>(limit => platform.Client.WatchDatasetAsync(_id, limit));

        await Assert.ThrowsAsync<KeyNotFoundException>(watch.NextAsync);
    }

    [Fact]
    public async Task WatchAll_FirstAllOfThem_ThenWhatIsRegisteredAndPrepared()
    {
        await using var watch = new Watch<ImmutableArray<DatasetSnapshot>>(platform.Client.WatchDatasetsAsync);
        var all = await watch.NextAsync();

        await platform.Client.RegisterDatasetAsync(new DatasetRegistration(_id, "/pictures/kitchen"));
        await platform.Client.PrepareDatasetAsync(_id);

        Assert.Contains("marks", all.Select(dataset => dataset.Id));
        Assert.DoesNotContain(_id, all.Select(dataset => dataset.Id));
        await watch.UntilAsync(changed => changed is [{ State: DatasetState.Registered } one] && one.Id == _id);
        await watch.UntilAsync(changed => changed is [{ State: DatasetState.Ready } one] && one.Id == _id);
    }
}
