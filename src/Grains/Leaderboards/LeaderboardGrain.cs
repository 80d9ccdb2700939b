using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Placement;
using MlTr.Grains.Storage;
using Orleans.Concurrency;

namespace MlTr.Grains.Leaderboards;

/// <summary>
/// Ranks one sweep's trials, or those of all sweeps by mAP. Owns nothing: rows come from the store and changes from the sweeps, so it can be
/// built again at any time. While it is watched it keeps its rows, once for all who watch, and tells them what changes.
/// </summary>
[ControlSilo, Reentrant]
internal sealed partial class LeaderboardGrain(IExperimentStore store, TimeProvider clock, ILogger<LeaderboardGrain> logger) : Grain, ILeaderboardGrain, IDisposable
{
    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly LiveHub<LeaderboardChange> _hub = new();
    private readonly CancellationTokenSource _life = new();
    private Task _following = Task.CompletedTask;
    private BoardRows? _rows;
    private SweepSnapshot? _sweep;

    private bool IsAll => this.GetPrimaryKeyString() == ILeaderboardGrain.All;

    private ISweepDirectoryGrain Directory => GrainFactory.GetGrain<ISweepDirectoryGrain>(ISweepDirectoryGrain.Key);

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
        await foreach (var _ in WatchChangesAsync(cancellationToken)) // the first item is the board as it is now
        {
            yield return await GetAsync();
        }
    }

    public async IAsyncEnumerable<LeaderboardChange> WatchChangesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (_following.IsCompleted)
        {
            _following = FollowAsync(_life.Token);
        }

        // In one turn with the rows that are known: no change between them and the first published one is missed.
        await foreach (var change in _hub.WatchAsync(_rows is { } known ? [known.Whole()] : [], cancellationToken))
        {
            yield return change;
        }
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _life.CancelAsync();
        _hub.End();
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    public void Dispose() => _life.Dispose();

    /// <summary>Keeps the rows of a watched board in memory, once for all who watch, for as long as somebody does.</summary>
    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await (IsAll
                    ? FollowAsync(Directory.WatchAsync(cancellationToken), LoadAllAsync, ApplyToAllAsync, cancellationToken)
                    : FollowAsync(Sweep.WatchChangesAsync(cancellationToken), LoadSweepAsync, ApplyToSweep, cancellationToken));
                if (!_hub.HasWatchers)
                {
                    return; // in one turn with the end of this task: who comes now starts another
                }

                continue; // somebody came while the stream was closed
            }
            catch (KeyNotFoundException missing)
            {
                _rows = null;
                _hub.End(missing);
                return;
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
            {
                LogInterrupted(error, this.GetPrimaryKeyString());
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(RetryAfter, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    /// <summary>Opens the stream, loads, then takes what the stream brings: the first change at once, those that follow within a moment together.</summary>
    private async Task FollowAsync<T>(IAsyncEnumerable<T> changes, Func<Task<BoardRows>> load, Func<BoardRows, List<T>, Task<LeaderboardChange?>> apply, CancellationToken cancellationToken)
    {
        using var open = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var source = changes.GetAsyncEnumerator(open.Token);
        var next = source.MoveNextAsync().AsTask();
        try
        {
            var rows = _rows = await load();
            _hub.Publish(rows.Whole());
            while (await next)
            {
                var happened = new List<T> { source.Current };
                for (next = source.MoveNextAsync().AsTask(); next.IsCompletedSuccessfully && next.Result; next = source.MoveNextAsync().AsTask())
                {
                    happened.Add(source.Current);
                }

                if (await apply(rows, happened) is { } change)
                {
                    _hub.Publish(change);
                }

                if (!_hub.HasWatchers)
                {
                    _rows = null;
                    return;
                }

                await Task.Delay(MinInterval, clock, cancellationToken);
            }
        }
        finally
        {
            await open.CancelAsync(); // a stream must not be disposed while it is waited for
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            await source.DisposeAsync();
        }

        throw new InvalidOperationException("The stream that the leaderboard follows has ended.");
    }

    private async Task<BoardRows> LoadSweepAsync()
    {
        var sweep = await Sweep.GetSnapshotAsync();
        return new BoardRows(sweep.Spec.Objective, Rows(sweep, await Sweep.GetTrialsAsync()));
    }

    private async Task<LeaderboardChange?> ApplyToSweep(BoardRows rows, List<SweepEvent> happened)
    {
        var sweep = happened.Select(change => change.Sweep).LastOrDefault(one => one is not null);
        if (sweep is not null)
        {
            _sweep = sweep;
        }

        if (sweep is not null && rows.HasOtherTags(sweep))
        {
            return rows.Put(Rows(sweep, await Sweep.GetTrialsAsync()));
        }

        return _sweep is { } known ? rows.Put(Rows(known, happened.Select(change => change.Trial).OfType<TrialSnapshot>())) : null;
    }

    private async Task<BoardRows> LoadAllAsync() => new(new Objective(), (await GetTopAsync(int.MaxValue)).Rows);

    private async Task<LeaderboardChange?> ApplyToAllAsync(BoardRows rows, List<SweepSnapshot> happened)
    {
        var changed = new List<LeaderboardRow>();
        var gone = new List<string>();
        foreach (var sweep in happened.GroupBy(one => one.Id).Select(same => same.Last()).Where(sweep => sweep.Spec.Objective == rows.Objective))
        {
            if (sweep.State == SweepState.Deleted)
            {
                gone.Add(sweep.Id);
            }
            else
            {
                changed.AddRange(Rows(sweep, (await GrainFactory.GetGrain<ISweepGrain>(sweep.Id).GetTrialsAsync()).Where(trial => trial.Objective is not null)));
            }
        }

        return rows.Put(changed, gone);
    }

    private static IEnumerable<LeaderboardRow> Rows(SweepSnapshot sweep, IEnumerable<TrialSnapshot> trials) =>
        trials.Select(trial => new LeaderboardRow(0, trial, sweep.Spec.Name, sweep.Spec.Dataset) { SweepTags = sweep.Tags });

    private static Leaderboard Rank(SweepSpec spec, IEnumerable<TrialSnapshot> trials) =>
        Ranking.Rank(spec.Objective, trials.Select(trial => (trial, spec.Name, spec.Dataset)));

    private static Leaderboard Tagged(Leaderboard board, Func<LeaderboardRow, ImmutableArray<string>> tags) =>
        board with { Rows = [.. board.Rows.Select(row => row with { SweepTags = tags(row) })] };

    [LoggerMessage(LogLevel.Warning, "The leaderboard {Board} lost what it follows and reads it again")]
    private partial void LogInterrupted(Exception error, string board);
}
