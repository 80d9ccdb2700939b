using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Leaderboards;

namespace MlTr.Dashboard.Features.Leaderboards;

/// <summary>The trials of one sweep or of all, ranked, live.</summary>
public sealed partial class LeaderboardPage(NavigationManager navigation)
{
    private Leaderboard? _board;
    private (Leaderboard Board, string Dataset, Leaderboard Ranked)? _ranked;

    [Inject] internal BoardFeed Boards { get; set; } = null!;

    /// <summary>The sweep; null for all.</summary>
    [Parameter] public string? SweepId { get; set; }

    /// <summary>Only trials on this dataset; null for all.</summary>
    [SupplyParameterFromQuery] public string? Dataset { get; set; }

    private List<string> Datasets => [.. _board!.Rows.Select(row => row.Dataset).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>On one dataset the ranks are counted anew; the same board until it changes.</summary>
    private Leaderboard Shown
    {
        get
        {
            if (Dataset is not { Length: > 0 } dataset || SweepId is not null)
            {
                return _board!;
            }

            if (_ranked is not { } ranked || !ReferenceEquals(ranked.Board, _board) || ranked.Dataset != dataset)
            {
                _ranked = ranked = (_board!, dataset, Ranking.Rank(_board!.Objective, _board.Rows.Where(row => row.Dataset == dataset)));
            }

            return ranked.Ranked;
        }
    }

    protected override object FollowedKey => SweepId ?? "";

    protected override void Reset() => _board = null;

    protected override async Task FollowAsync(CancellationToken cancellationToken)
    {
        await foreach (var board in Boards.WatchAsync(SweepId, cancellationToken))
        {
            _board = board;
            ShowLoaded();
        }
    }
}
