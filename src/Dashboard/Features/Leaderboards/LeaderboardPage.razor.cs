using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Leaderboards;
using MlTr.Dashboard.Shared;
using MudBlazor;

namespace MlTr.Dashboard.Features.Leaderboards;

/// <summary>The trials of one sweep or of all, ranked, live.</summary>
public sealed partial class LeaderboardPage(IMlTrClient client, NavigationManager navigation, ISnackbar snackbar)
{
    private Leaderboard? _board;

    /// <summary>The sweep; null for all.</summary>
    [Parameter] public string? SweepId { get; set; }

    [SupplyParameterFromQuery] public string? Q { get; set; }

    [SupplyParameterFromQuery] public string? Sort { get; set; }

    [SupplyParameterFromQuery] public string? Columns { get; set; }

    [Inject] internal Browser Browser { get; set; } = null!;

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

    private void SetQuery(LeaderboardQuery query) => navigation.SetQuery(("q", query.Search), ("sort", query.Sort), ("columns", query.Columns));

    private async Task CopyAsync(LeaderboardRow row) => snackbar.Add(
        await Browser.CopyAsync(Configuration.Json(row.Trial)) ? $"Configuration of trial {row.Trial.Id.Number} copied as JSON." : "The browser did not allow copying.");
}
