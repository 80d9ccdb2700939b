using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;

namespace MlTr.Grains.Tests.Leaderboards;

public sealed class LeaderboardChangesTests(PlatformFixture platform)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WatchChanges_OfASweep_FirstAllRows_ThenThoseThatChange()
    {
        var id = await EndedSweepAsync();
        await using var changes = platform.Client.WatchLeaderboardChangesAsync(id, Token).GetAsyncEnumerator(Token);

        var whole = await NextAsync(changes, change => change.IsWhole);
        await platform.Client.SetTagsAsync(new TrialId(id, 2), ["best"], "ada");
        var one = await NextAsync(changes, change => !change.IsWhole);
        await platform.Client.SetTagsAsync(id, ["night"], "ada");
        var all = await NextAsync(changes, change => !change.IsWhole);

        Assert.Equal([1, 2], whole.Rows.Select(row => row.Trial.Id.Number).Order());
        Assert.Equal((2, "best"), (Assert.Single(one.Rows).Trial.Id.Number, Assert.Single(one.Rows[0].Tags)));
        Assert.Equal(["night", "best night"], all.Rows.OrderBy(row => row.Trial.Id.Number).Select(row => string.Join(' ', row.Tags)));
    }

    [Fact]
    public async Task WatchChanges_OfAll_TellsOfNewResultsAndOfADeletedSweep()
    {
        await using var changes = platform.Client.WatchLeaderboardChangesAsync(null, Token).GetAsyncEnumerator(Token);
        Assert.True((await NextAsync(changes, _ => true)).IsWhole);

        var id = await EndedSweepAsync();
        var seen = new HashSet<TrialId>();
        while (seen.Count < 2)
        {
            var change = await NextAsync(changes, change => change.Rows.Any(row => row.Trial.Id.SweepId == id && row.Trial.HasResult));
            seen.UnionWith(change.Rows.Where(row => row.Trial.Id.SweepId == id && row.Trial.HasResult).Select(row => row.Trial.Id));
        }

        await platform.Client.DeleteSweepAsync(id);
        var gone = await NextAsync(changes, change => change.GoneSweeps.Contains(id));
        Assert.DoesNotContain(gone.Rows, row => row.Trial.Id.SweepId == id);
    }

    [Fact]
    public async Task WatchChanges_ASecondReader_GetsAllRowsToo()
    {
        var id = await EndedSweepAsync();
        await using var first = platform.Client.WatchLeaderboardChangesAsync(id, Token).GetAsyncEnumerator(Token);
        await NextAsync(first, change => change.IsWhole);
        await platform.Client.SetTagsAsync(new TrialId(id, 1), ["old"], "ada");
        await NextAsync(first, change => !change.IsWhole);

        await using var second = platform.Client.WatchLeaderboardChangesAsync(id, Token).GetAsyncEnumerator(Token);

        var whole = await NextAsync(second, change => change.IsWhole);
        Assert.Equal(["old"], whole.Rows.Single(row => row.Trial.Id.Number == 1).Tags);
    }

    [Fact]
    public async Task WatchChanges_OfASweepThatIsNotThere_SaysSo()
    {
        await using var changes = platform.Client.WatchLeaderboardChangesAsync("no-such-sweep", Token).GetAsyncEnumerator(Token);

        await Assert.ThrowsAsync<KeyNotFoundException>(async () => await changes.MoveNextAsync());
    }

    private static async Task<LeaderboardChange> NextAsync(IAsyncEnumerator<LeaderboardChange> changes, Func<LeaderboardChange, bool> wanted)
    {
        while (await changes.MoveNextAsync())
        {
            if (wanted(changes.Current))
            {
                return changes.Current;
            }
        }

        throw new InvalidOperationException("The stream has ended.");
    }

    private async Task<string> EndedSweepAsync()
    {
        var id = "board-" + Guid.NewGuid().ToString("N");
        var spec = SweepTemplates.FirstSweep with { Parameters = [new ChoiceParameter("learning_rate", [ParameterValue.Of(0.1), ParameterValue.Of(0.2)])] };
        await platform.Grains.GetGrain<ISweepGrain>(id).StartAsync(spec, "test");
        await platform.UntilAsync(id, sweep => sweep.IsFinal);
        return id;
    }
}
