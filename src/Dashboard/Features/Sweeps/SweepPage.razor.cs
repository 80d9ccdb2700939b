using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Sweeps;
using MlTr.Dashboard.Features.Leaderboards;
using MlTr.Dashboard.Shared;
using MudBlazor;

namespace MlTr.Dashboard.Features.Sweeps;

/// <summary>One sweep, live through a single subscription.</summary>
public sealed partial class SweepPage(IMlTrClient client, NavigationManager navigation, ISnackbar snackbar)
{
    private static readonly ImmutableArray<(string Key, string Text)> Tabs = [("trials", "Trials"), ("curves", "Curves"), ("leaderboard", "Leaderboard"), ("events", "Events")];

    private SweepView _view = new();

    [Parameter] public string SweepId { get; set; } = "";

    [SupplyParameterFromQuery] public string? Tab { get; set; }

    [SupplyParameterFromQuery] public string? Q { get; set; }

    [SupplyParameterFromQuery] public string? Sort { get; set; }

    [SupplyParameterFromQuery] public string? Columns { get; set; }

    [Inject] internal Browser Browser { get; set; } = null!;

    protected override object FollowedKey => SweepId;

    private string Shown => Tabs.Any(tab => tab.Key == Tab) ? Tab! : "trials";

    protected override void Reset() => _view = new SweepView();

    protected override Task FollowAsync(CancellationToken cancellationToken) =>
        FollowAsync(token => client.WatchSweepAsync(SweepId, token), LoadAsync, ApplyAsync, cancellationToken);

    private async Task LoadAsync()
    {
        var view = _view;
        view.Load(await client.GetSweepAsync(SweepId), await client.GetTrialsAsync(SweepId));
        ShowLoaded();
        foreach (var metric in view.Metrics)
        {
            view.LoadCurves(metric, await client.GetSweepCurvesAsync(SweepId, metric));
        }

        RequestRender();
    }

    private Task ApplyAsync(SweepEvent happened)
    {
        _view.Apply(happened);
        RequestRender();
        return Task.CompletedTask;
    }

    private void SetQuery(LeaderboardQuery query) => navigation.SetQuery(("q", query.Search), ("sort", query.Sort), ("columns", query.Columns));

    private async Task CopyAsync(LeaderboardRow row) => snackbar.Add(
        await Browser.CopyAsync(Configuration.Json(row.Trial)) ? $"Configuration of trial {row.Trial.Id.Number} copied as JSON." : "The browser did not allow copying.");
}
