using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Placement;
using MlTr.Grains.Storage;
using Orleans.Concurrency;

namespace MlTr.Grains.Leaderboards;

/// <summary>
/// Ranks one sweep's trials, or those of all sweeps by mAP. Owns nothing: rows come from the store and changes from the sweeps, so it can be
/// built again at any time.
/// </summary>
[ControlSilo, Reentrant]
internal sealed class LeaderboardGrain(IExperimentStore store, TimeProvider clock) : Grain, ILeaderboardGrain
{
    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(200);

    private bool IsAll => this.GetPrimaryKeyString() == ILeaderboardGrain.All;

    private ISweepGrain Sweep => GrainFactory.GetGrain<ISweepGrain>(this.GetPrimaryKeyString());

    public Task<Leaderboard> GetAsync() => GetTopAsync(int.MaxValue);

    public async Task<Leaderboard> GetTopAsync(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (!IsAll)
        {
            var sweep = await Sweep.GetSnapshotAsync();
            var board = Rank(sweep.Spec, await Sweep.GetTrialsAsync());
            return Tagged(board with { Rows = [.. board.Rows.Take(count)] }, _ => sweep.Tags);
        }

        var objective = new Objective();
        var rows = await store.ListRankedAsync(objective, count);
        var tags = rows.DistinctBy(row => row.Trial.Id.SweepId).ToDictionary(row => row.Trial.Id.SweepId, row => row.SweepTags);
        return Tagged(Ranking.Rank(objective, rows.Select(row => (row.Trial, row.SweepName, row.Dataset))), row => tags[row.Trial.Id.SweepId]);
    }

    public async IAsyncEnumerable<Leaderboard> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return await GetAsync();
        await foreach (var _ in Paced(IsAll ? AllChanges(cancellationToken) : SweepChanges(cancellationToken), cancellationToken))
        {
            yield return await GetAsync();
        }
    }

    private static Leaderboard Rank(SweepSpec spec, IEnumerable<TrialSnapshot> trials) =>
        Ranking.Rank(spec.Objective, trials.Select(trial => (trial, spec.Name, spec.Dataset)));

    private static Leaderboard Tagged(Leaderboard board, Func<LeaderboardRow, ImmutableArray<string>> tags) =>
        board with { Rows = [.. board.Rows.Select(row => row with { SweepTags = tags(row) })] };

    private async IAsyncEnumerable<bool> SweepChanges([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ImmutableArray<string>? tags = null;
        await foreach (var change in Sweep.WatchAsync(cancellationToken))
        {
            if (change.Trial is not null || (change.Sweep is { } sweep && tags?.SequenceEqual(sweep.Tags) == false))
            {
                yield return true;
            }

            tags = change.Sweep?.Tags ?? tags;
        }
    }

    private async IAsyncEnumerable<bool> AllChanges([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var _ in GrainFactory.GetGrain<ISweepDirectoryGrain>(ISweepDirectoryGrain.Key).WatchAsync(cancellationToken))
        {
            yield return true;
        }
    }

    /// <summary>Lets changes through at most every <see cref="MinInterval"/>; the last one always gets through.</summary>
    private async IAsyncEnumerable<bool> Paced(IAsyncEnumerable<bool> changes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var source = changes.GetAsyncEnumerator(cancellationToken);
        var next = source.MoveNextAsync().AsTask();
        while (await next)
        {
            await Task.Delay(MinInterval, clock, cancellationToken);
            for (next = source.MoveNextAsync().AsTask(); next.IsCompletedSuccessfully && next.Result; next = source.MoveNextAsync().AsTask())
            {
            }

            yield return true;
        }
    }
}
