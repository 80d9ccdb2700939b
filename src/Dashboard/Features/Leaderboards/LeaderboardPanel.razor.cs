using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Shared;
using MudBlazor;

namespace MlTr.Dashboard.Features.Leaderboards;

/// <summary>A leaderboard with everything that changes how it is looked at; the address keeps it.</summary>
public sealed partial class LeaderboardPanel(ISnackbar snackbar, IDialogService dialogs)
{
    private readonly SortedSet<TrialId> _chosen = new(Comparer<TrialId>.Create((left, right) =>
        string.CompareOrdinal(left.SweepId, right.SweepId) is not 0 and var order ? order : left.Number.CompareTo(right.Number)));

    private BoardView _view = null!;
    private readonly PickedValues _values = new();
    private Leaderboard? _shown;
    private string? _failure;
    private bool _reading;
    private string? _open;

    [Parameter, EditorRequired] public Leaderboard Board { get; set; } = null!;

    /// <summary>True to name the sweep of each row.</summary>
    [Parameter] public bool ManySweeps { get; set; }

    [Inject] internal IMlTrClient Client { get; set; } = null!;

    [Inject] internal Browser Browser { get; set; } = null!;

    private LeaderboardQuery Query => _view.Query;

    /// <summary>Sorting and filtering thousands of rows is not done again for a page that draws for another reason.</summary>
    protected override void OnAddressSet()
    {
        var query = new LeaderboardQuery(FromQuery("q"), FromQuery("sort"), FromQuery("columns"), FromQuery("pin"), FromQuery("value"), FromQuery("group"), FromQuery("published"));
        if (_view is null || !ReferenceEquals(Board, _shown) || query != _view.Query)
        {
            (_view, _shown) = (BoardView.Shared(Board, query, ManySweeps) ?? BoardView.Of(Board, query, ManySweeps, _values), Board);
            _ = ReadPicksAsync();
        }
    }

    /// <summary>Reads the values at places of curves that the view needs, then shows them. One reading at a time: what came meanwhile is read after it.</summary>
    private async Task ReadPicksAsync()
    {
        if (_reading)
        {
            return;
        }

        _reading = true;
        try
        {
            while (!IsGone && await _values.LoadAsync(Client, Board, _view.Picks))
            {
                (_view, _failure) = (BoardView.Of(Board, Query, ManySweeps, _values), null);
                StateHasChanged();
            }
        }
        catch (Exception failure)
        {
            _failure = failure.Message; // tried again with the next change of the board
        }

        _reading = false;
        if (!IsGone)
        {
            StateHasChanged();
        }
    }

    private static (string, string?)[] Parts(LeaderboardQuery query) =>
        [("q", query.Filter), ("sort", query.Sort), ("columns", query.Columns), ("pin", query.Pinned), ("value", query.Value), ("group", query.Group), ("published", query.Published)];

    private void Go(LeaderboardQuery query) => Navigation.SetQuery(Parts(query));

    private string HrefOf(LeaderboardQuery query) => Navigation.WithQuery(Parts(query));

    private void Open(string part) => _open = _open == part ? null : part;

    private void Select((IEnumerable<TrialId> Trials, bool On) change)
    {
        if (change.On)
        {
            _chosen.UnionWith(change.Trials);
        }
        else
        {
            _chosen.ExceptWith(change.Trials);
        }
    }

    private async Task ExportAsync(string format)
    {
        var text = format == "csv"
            ? LeaderboardExport.Csv(_view.Lines, _view.Columns, Query.OverSeeds)
            : LeaderboardExport.Json(_view.Lines, _view.Columns, Query.OverSeeds);
        if (!await Browser.DownloadAsync($"leaderboard.{format}", format == "csv" ? "text/csv" : "application/json", text))
        {
            snackbar.Add("The browser did not allow the download.", Severity.Error);
        }
    }

    private async Task CopyAsync(LeaderboardRow row) => snackbar.Add(
        await Browser.CopyAsync(Configuration.Json(row.Trial)) ? $"Configuration of trial {row.Trial.Id.Number} copied as JSON." : "The browser did not allow copying.");
}
