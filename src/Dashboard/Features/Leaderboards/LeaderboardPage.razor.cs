using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Leaderboards;

namespace MlTr.Dashboard.Features.Leaderboards;

/// <summary>The trials of one sweep or of all, ranked, live.</summary>
public sealed partial class LeaderboardPage(IMlTrClient client, NavigationManager navigation)
{
    private Leaderboard? _board;

    /// <summary>The sweep; null for all.</summary>
    [Parameter] public string? SweepId { get; set; }

    /// <summary>Only trials on this dataset; null for all.</summary>
    [SupplyParameterFromQuery] public string? Dataset { get; set; }

    private List<string> Datasets => [.. _board!.Rows.Select(row => row.Dataset).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>On one dataset the ranks are counted anew.</summary>
    private Leaderboard Shown => Dataset is { Length: > 0 } dataset && SweepId is null
        ? Ranking.Rank(_board!.Objective, _board.Rows.Where(row => row.Dataset == dataset).Select(row => (row.Trial, row.SweepName, row.Dataset)))
        : _board!;

    protected override object FollowedKey => SweepId ?? "";

    protected override void Reset() => _board = null;

    protected override Task FollowAsync(CancellationToken cancellationToken) =>
        FollowAsync(token => client.WatchLeaderboardAsync(SweepId, token), LoadAsync, ApplyAsync, cancellationToken);

    private async Task LoadAsync()
    {
        _board = await client.GetLeaderboardAsync(SweepId);
        ShowLoaded();
    }

    private Task ApplyAsync(Leaderboard board)
    {
        _board = board;
        RequestRender();
        return Task.CompletedTask;
    }
}
