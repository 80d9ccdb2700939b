using System.Globalization;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Trials;

namespace MlTr.Dashboard.Features.Leaderboards;

/// <summary>A leaderboard as a table of which only the lines in sight are drawn. Pinned columns stay at the left.</summary>
public sealed partial class LeaderboardTable
{
    private const int SelectWidth = 40;

    [Parameter, EditorRequired] public BoardView View { get; set; } = null!;

    [Parameter] public IReadOnlySet<TrialId> Chosen { get; set; } = new HashSet<TrialId>();

    /// <summary>A column's key, with a minus before it for the other direction; null for the usual order.</summary>
    [Parameter] public EventCallback<string?> Sorted { get; set; }

    [Parameter] public EventCallback<LeaderboardRow> RowChosen { get; set; }

    [Parameter] public EventCallback<LeaderboardRow> Copied { get; set; }

    /// <summary>A trial that was measured is to become a version of a model.</summary>
    [Parameter] public EventCallback<LeaderboardRow> Registered { get; set; }

    /// <summary>Trials that are now to be compared, or no longer.</summary>
    [Parameter] public EventCallback<(IEnumerable<TrialId> Trials, bool On)> SelectionChanged { get; set; }

    private Task SelectAsync(BoardLine line, ChangeEventArgs change) => SelectionChanged.InvokeAsync((line.Rows.Select(row => row.Trial.Id), change.Value is true));

    private static string Name(BoardLine line) => "trial " + string.Join(", ", line.Rows.Select(row => row.Trial.Id.Number));

    private string ValueOf(BoardLine line) => line.First is { Trial.Objective: { } value } && line.Rows.Length == 1
        ? value.ToString("R", CultureInfo.InvariantCulture)
        : line.Metric(View.Objective.Metric, View.Objective, true)?.Mean.ToString("R", CultureInfo.InvariantCulture) ?? "";

    private bool IsSelected(BoardLine line) => line.Rows.All(row => Chosen.Contains(row.Trial.Id));

    private static string RowClass(BoardLine line) => line switch
    {
        { Published: not null } => "published",
        { Rank: 1 } => "link winner",
        _ => "link",
    };

    private string Class(LeaderboardColumn column) => (column.Numeric ? "num" : "") + (View.Pinned.Contains(column.Key) ? " pin" : "") + (column.Key == "sweep" ? " cell-name" : "");

    /// <summary>A pinned column has a fixed width, so that the next one knows where to stay.</summary>
    private string? Place(LeaderboardColumn column)
    {
        if (!View.Pinned.Contains(column.Key))
        {
            return null;
        }

        var left = SelectWidth + View.Columns.TakeWhile(one => one != column).Where(one => View.Pinned.Contains(one.Key)).Sum(Width);
        return $"left:{left}px;width:{Width(column)}px;min-width:{Width(column)}px;max-width:{Width(column)}px";
    }

    private int Width(LeaderboardColumn column) => column.Key switch
    {
        LeaderboardColumn.Rank => 64,
        LeaderboardColumn.Trial => View.Wide ? 190 : 74,
        _ => 140,
    };

    private string AriaSort(LeaderboardColumn column) => column.Key != View.Query.SortKey ? "none" : View.Query.Descending ? "descending" : "ascending";

    private string Arrow(LeaderboardColumn column) => column.Key != View.Query.SortKey ? "" : View.Query.Descending ? "▼" : "▲";

    private Task SortAsync(LeaderboardColumn column)
    {
        // Numbers start with the highest, names with A; a second press turns it round; the rank is the usual order and says nothing.
        var first = column.Numeric && column.Key != LeaderboardColumn.Rank ? "-" : "";
        var sort = column.Key != View.Query.SortKey ? first + column.Key : (View.Query.Descending ? "" : "-") + column.Key;
        return Sorted.InvokeAsync(sort == LeaderboardColumn.Rank ? null : sort);
    }

    private Task ChooseAsync(BoardLine line) => line.First is { } row ? RowChosen.InvokeAsync(row) : Task.CompletedTask;
}
