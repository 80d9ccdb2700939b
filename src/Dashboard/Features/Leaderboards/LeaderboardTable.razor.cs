using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Leaderboards;

namespace MlTr.Dashboard.Features.Leaderboards;

/// <summary>A leaderboard as a table.</summary>
public sealed partial class LeaderboardTable
{
    private ImmutableArray<LeaderboardColumn> _all = [];
    private ImmutableArray<LeaderboardColumn> _columns = [];
    private ImmutableArray<LeaderboardRow> _rows = [];
    private int _limit = 200;

    [Parameter, EditorRequired] public Leaderboard Board { get; set; } = null!;

    [Parameter] public LeaderboardQuery Query { get; set; } = new();

    /// <summary>True to name the sweep of each row.</summary>
    [Parameter] public bool ManySweeps { get; set; }

    [Parameter] public EventCallback<LeaderboardQuery> Changed { get; set; }

    [Parameter] public EventCallback<LeaderboardRow> RowChosen { get; set; }

    [Parameter] public EventCallback<LeaderboardRow> Copied { get; set; }

    protected override void OnParametersSet()
    {
        _all = LeaderboardColumn.Of(Board, ManySweeps);
        _columns = Query.Choose(_all);
        _rows = Query.Apply(Board, _all);
    }

    private static string ValueOf(LeaderboardRow row) => row.Trial.Objective?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    private string AriaSort(LeaderboardColumn column) => column.Key != Query.SortKey ? "none" : Query.Descending ? "descending" : "ascending";

    private string Arrow(LeaderboardColumn column) => column.Key != Query.SortKey ? "" : Query.Descending ? "▼" : "▲";

    private Task SortAsync(LeaderboardColumn column)
    {
        // Numbers start with the highest, names with A; a second press turns it round; the rank is the usual order and says nothing.
        var first = column.Numeric && column.Key != LeaderboardColumn.Rank ? "-" : "";
        var sort = column.Key != Query.SortKey ? first + column.Key : (Query.Descending ? "" : "-") + column.Key;
        return Changed.InvokeAsync(Query with { Sort = sort == LeaderboardColumn.Rank ? null : sort });
    }

    private Task ToggleAsync(LeaderboardColumn column)
    {
        var chosen = _columns.Contains(column) ? _columns.Remove(column) : _columns.Add(column);
        return Changed.InvokeAsync(Query with { Columns = string.Join(',', _all.Where(chosen.Contains).Select(one => one.Key)) });
    }
}
