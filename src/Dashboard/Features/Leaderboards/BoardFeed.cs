using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Features.Accounts.Access;

namespace MlTr.Dashboard.Features.Leaderboards;

/// <summary>
/// The leaderboards that somebody looks at, each followed and ranked once for all pages of this process: a board of 10,000 rows is the same for
/// fifty readers, and only the rows that change are sent here. Its pages are for every role.
/// </summary>
internal sealed class BoardFeed([FromKeyedServices(AccessKeys.Unguarded)] IMlTrClient client)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Board> boards = [];

    /// <summary>A leaderboard now and after every change, until cancelled; changes that a slow reader has not taken yet become one.</summary>
    /// <param name="sweepId">The sweep, or null for all.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public async IAsyncEnumerable<Leaderboard> WatchAsync(string? sweepId, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var board = Join(sweepId);
        try
        {
            for (Leaderboard? seen = null; ;)
            {
                yield return seen = await board.NextAsync(seen, cancellationToken);
            }
        }
        finally
        {
            Leave(sweepId, board);
        }
    }

    private Board Join(string? sweepId)
    {
        lock (gate)
        {
            var key = sweepId ?? ILeaderboardGrain.All;
            if (!boards.TryGetValue(key, out var board) || board.HasEnded)
            {
                boards[key] = board = new Board(token => client.WatchLeaderboardChangesAsync(sweepId, token));
            }

            board.Readers++;
            return board;
        }
    }

    private void Leave(string? sweepId, Board board)
    {
        lock (gate)
        {
            if (--board.Readers == 0)
            {
                board.Dispose();
                var key = sweepId ?? ILeaderboardGrain.All;
                if (boards.TryGetValue(key, out var known) && known == board)
                {
                    boards.Remove(key);
                }
            }
        }
    }

    private sealed class Board : IDisposable
    {
        private readonly Dictionary<TrialId, LeaderboardRow> rows = [];
        private readonly CancellationTokenSource life = new();
        private readonly Lock gate = new();
        private readonly Task following;
        private Leaderboard? now;
        private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Board(Func<CancellationToken, IAsyncEnumerable<LeaderboardChange>> watch) => following = FollowAsync(watch, life.Token);

        /// <summary>How many pages show it; guarded by the feed.</summary>
        public int Readers { get; set; }

        public bool HasEnded => following.IsCompleted;

        public void Dispose()
        {
            life.Cancel();
            life.Dispose();
        }

        /// <summary>The board as soon as it is another one than what was seen.</summary>
        public async Task<Leaderboard> NextAsync(Leaderboard? seen, CancellationToken cancellationToken)
        {
            while (true)
            {
                Task wait;
                lock (gate)
                {
                    if (now is not null && !ReferenceEquals(now, seen))
                    {
                        return now;
                    }

                    wait = changed.Task;
                }

                var first = await Task.WhenAny(wait, following).WaitAsync(cancellationToken);
                await first; // throws what the stream failed with
            }
        }

        private async Task FollowAsync(Func<CancellationToken, IAsyncEnumerable<LeaderboardChange>> watch, CancellationToken cancellationToken)
        {
            await foreach (var change in watch(cancellationToken).ConfigureAwait(false)) // it outlives the page that began it, and is not bound to it
            {
                Apply(change);
            }

            throw new InvalidOperationException("The leaderboard's stream has ended."); // the page watches again
        }

        private void Apply(LeaderboardChange change)
        {
            if (change.IsWhole)
            {
                rows.Clear();
            }

            foreach (var gone in rows.Keys.Where(id => change.GoneSweeps.Contains(id.SweepId)).ToList())
            {
                rows.Remove(gone);
            }

            foreach (var row in change.Rows)
            {
                rows[row.Trial.Id] = row;
            }

            var ranked = Ranking.Rank(change.Objective, rows.Values);
            foreach (var row in ranked.Rows)
            {
                rows[row.Trial.Id] = row; // the next ranking leaves those as they are that keep their place
            }

            lock (gate)
            {
                now = ranked;
                changed.SetResult();
                changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}
