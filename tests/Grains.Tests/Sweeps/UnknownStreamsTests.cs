using MlTr.Abstractions.Trials;

namespace MlTr.Grains.Tests.Sweeps;

public sealed class UnknownStreamsTests(PlatformFixture platform)
{
    [Fact]
    public async Task Watch_WhatIsNotThere_IsRefused_AndNothingIsLeftToClose()
    {
        await RefusedAsync("There is no sweep 'unknown'.", stop => platform.Client.WatchSweepAsync("unknown", stop));
        await RefusedAsync("There is no sweep 'unknown'.", stop => platform.Client.WatchSweepChangesAsync("unknown", stop));
        await RefusedAsync("There is no sweep 'unknown'.", stop => platform.Client.WatchNotesAsync("unknown", stop));
        await RefusedAsync("There is no dataset 'unknown'.", stop => platform.Client.WatchDatasetAsync("unknown", stop));
        await RefusedAsync("There is no model 'unknown'.", stop => platform.Client.WatchModelAsync("unknown", stop));
        await RefusedAsync("There is no model 'unknown'.", stop => platform.Client.ReadModelPackageAsync("unknown", 1, stop));
        await RefusedAsync("There is no trial unknown/1.", stop => platform.Client.WatchLogAsync(new TrialId("unknown", 1), cancellationToken: stop));

        Assert.DoesNotContain(platform.Streams.Lines, line => line.Contains(nameof(NullReferenceException), StringComparison.Ordinal));
    }

    private static async Task RefusedAsync<T>(string message, Func<CancellationToken, IAsyncEnumerable<T>> watch)
    {
        await using var stream = new Watch<T>(watch);

        var error = await Assert.ThrowsAsync<KeyNotFoundException>(stream.NextAsync);

        Assert.Equal(message, error.Message);
    }
}
