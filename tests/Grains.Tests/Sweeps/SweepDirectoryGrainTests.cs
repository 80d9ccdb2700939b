using Microsoft.Extensions.DependencyInjection;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Datasets;
using MlTr.Grains.Storage;
using MlTr.Grains.Sweeps;
using MlTr.Grains.Tests.Fakes;
using MlTr.Grains.Tests.Storage;
using MlTr.Testing;
using Orleans.TestingHost;

namespace MlTr.Grains.Tests.Sweeps;

public sealed class SweepDirectoryGrainTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15); // below what Orleans waits for an answer

    private readonly InMemoryExperimentStore _store = new();
    private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private InProcessTestCluster? _cluster;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _store.SaveSweepAsync(SomeRow.Sweep("ended", SweepState.Completed), [SomeRow.Trial("ended", 1, TrialState.Completed, objective: 0.5)], [], Token);
        await _store.SaveSweepAsync(SomeRow.Sweep("large"), [SomeRow.Trial("large", 1, TrialState.Completed, objective: 0.75), SomeRow.Trial("large", 2)], [], Token);
        _store.LoadsSweepsAfter = _read.Task;
        var builder = new InProcessTestClusterBuilder(initialSilosCount: 1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<IExperimentStore>(_store).AddSingleton<IDatasetSource>(new FakeDatasetSource()).AddSingleton<IDatasetBrowser, FakeDatasetBrowser>().AddSingleton<ISweepFiles>(new FakeSweepFiles());
            silo.AddMlTrGrains();
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _read.TrySetResult();
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    [Fact]
    public async Task List_ASweepStillWakes_IsShownByWhatIsDurable_AndItsOwnWordFollows()
    {
        var client = new MlTrClient(_cluster!.Client, TimeProvider.System);
        await using var told = client.WatchSweepsAsync(Token).GetAsyncEnumerator(Token);
        var next = told.MoveNextAsync().AsTask();

        var listed = await client.ListSweepsAsync().WaitAsync(Limit, Token);

        Assert.Equal(["ended", "large"], listed.Select(sweep => sweep.Id).Order());
        var large = listed.Single(sweep => sweep.Id == "large");
        Assert.Equal((SweepState.Running, 0.75, 1, 1), (large.State, large.Best?.Objective, large.Counts[TrialState.Completed], large.Counts[TrialState.Queued]));
        Assert.False(next.IsCompleted);

        _read.SetResult();

        Assert.True(await next.WaitAsync(Limit, Token));
        Assert.Equal("large", told.Current.Id);
    }
}
