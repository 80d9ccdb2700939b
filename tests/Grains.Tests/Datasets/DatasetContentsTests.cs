using MlTr.Abstractions.Datasets;
using MlTr.Grains.Tests.Fakes;

namespace MlTr.Grains.Tests.Datasets;

public sealed class DatasetContentsTests(PlatformFixture platform)
{
    [Fact]
    public async Task Look_AtADatasetThatWasNotRead_SaysToPrepareIt_AndWorksOnceItIs()
    {
        var client = platform.Client;
        await client.RegisterDatasetAsync(new DatasetRegistration("garden", "/pictures/garden"));
        var early = await Assert.ThrowsAsync<DatasetContentsException>(() => client.GetDatasetStatisticsAsync("garden", "train"));

        await client.PrepareDatasetAsync("garden");
        await UntilReadyAsync("garden");

        Assert.Contains("prepare it first", early.Message, StringComparison.Ordinal);
        Assert.Equal(8, (await client.GetDatasetStatisticsAsync("garden", "train")).Images);
        var page = await client.GetPicturesAsync("garden", new PictureQuery("train", [], -5, 1_000_000));
        Assert.Equal((PictureQuery.MaxTake, 0), (page.Total, page.Pictures[0].Index)); // both are kept in bounds
        Assert.Equal(PictureFile.MaxSide / 16, (int)(await client.GetThumbnailAsync("garden", "train", 0, 1_000_000)).File[0]);
    }

    [Fact]
    public async Task Look_AtNoDataset_SaysThereIsNone() =>
        await Assert.ThrowsAsync<KeyNotFoundException>(() => platform.Client.GetPicturesAsync("none-such", new PictureQuery("train", [])));

    [Theory]
    [InlineData("Shed", "no id of a dataset")]
    [InlineData("", "no id of a dataset")]
    [InlineData(FakeDatasetSource.Good, "choose another id")]
    public async Task Check_ListsTheProblemsOfIdAndFolder(string id, string message)
    {
        var check = await platform.Client.CheckDatasetAsync(new DatasetRegistration(id, "/nowhere"));

        Assert.Equal(["id", "folder"], check.Problems.Select(problem => problem.Field));
        Assert.Contains(message, check.Problems[0].Message, StringComparison.Ordinal);
    }

    private async Task UntilReadyAsync(string id)
    {
        var grain = platform.Grains.GetGrain<MlTr.Grains.Datasets.IDatasetReadiness>(id);
        for (var now = await platform.Client.GetDatasetAsync(id); now.State != DatasetState.Ready; now = await grain.WaitForChangeAsync(now.State, now.Progress))
        {
            Assert.NotEqual(DatasetState.Failed, now.State);
        }
    }
}
