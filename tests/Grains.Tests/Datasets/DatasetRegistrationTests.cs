using MlTr.Abstractions.Datasets;

namespace MlTr.Grains.Tests.Datasets;

public sealed class DatasetRegistrationTests(PlatformFixture platform)
{
    [Fact]
    public async Task Register_AFolder_IsKnownPreparedAndListed()
    {
        var client = platform.Client;

        var known = await client.RegisterDatasetAsync(new DatasetRegistration("kitchen", "/pictures/kitchen", "voc", "what the camera saw"));
        var again = await client.RegisterDatasetAsync(new DatasetRegistration("kitchen", "/pictures/kitchen", "voc"));

        Assert.Equal(("voc", DatasetState.Registered, "what the camera saw"), (known.Format, known.State, known.Description));
        Assert.Equal(known.Folder, again.Folder);
        Assert.Contains(await client.ListDatasetsAsync(), dataset => dataset.Id == "kitchen");
        await client.PrepareDatasetAsync("kitchen");
    }

    [Theory]
    [InlineData("Kitchen", "/pictures/kitchen", "no id of a dataset")]
    [InlineData("..", "/pictures/kitchen", "no id of a dataset")]
    [InlineData("a/b", "/pictures/kitchen", "no id of a dataset")]
    [InlineData("elsewhere", "/nowhere", "There is no folder /nowhere")]
    [InlineData("marks", "/pictures/kitchen", "choose another id")]
    public async Task Register_WhatCannotBeUsed_SaysWhyAndLeavesNothing(string id, string folder, string message)
    {
        var client = platform.Client;
        var before = (await client.ListDatasetsAsync()).Select(dataset => dataset.Id).ToList();

        var error = await Assert.ThrowsAsync<DatasetRegistrationException>(() => client.RegisterDatasetAsync(new DatasetRegistration(id, folder)));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(before, (await client.ListDatasetsAsync()).Select(dataset => dataset.Id));
    }
}
