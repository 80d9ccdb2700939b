using System.Collections.Immutable;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Metrics;
using MlTr.Dashboard.Features.Leaderboards.Filters;

namespace MlTr.Dashboard.Features.Leaderboards;

/// <summary>How a leaderboard is looked at: all of it is in the address.</summary>
/// <param name="Filter">Which trials, such as <c>mAP > 0.8 and cross_window = on</c>.</param>
/// <param name="Sort">A column's key, with a minus before it for the other direction.</param>
/// <param name="Columns">The keys of the chosen columns in their order, parted by commas; null for the usual ones.</param>
/// <param name="Pinned">The keys of the columns that stay in sight, parted by commas; null for rank and trial.</param>
/// <param name="Value">"last" to show the objective's last value; null for its best.</param>
/// <param name="Group">"seed" for one line for each configuration, over its seeds.</param>
/// <param name="Published">"show" to mix in published results.</param>
public sealed record LeaderboardQuery(
    string? Filter = null, string? Sort = null, string? Columns = null, string? Pinned = null, string? Value = null, string? Group = null, string? Published = null)
{
    internal bool Best => Value != "last";

    internal bool OverSeeds => Group == "seed";

    internal bool ShowsPublished => Published == "show";

    internal string SortKey => (Sort ?? LeaderboardColumn.Rank).TrimStart('-');

    internal bool Descending => Sort?.StartsWith('-') == true;

    internal IEnumerable<string> PinnedKeys => Keys(Pinned ?? $"{LeaderboardColumn.Rank},{LeaderboardColumn.Trial}");

    /// <summary>The columns of the address that are a metric at a place of its curve, such as <c>at(val/mAP,5)</c>.</summary>
    internal IEnumerable<MetricPick> Picks => Keys(Columns ?? "").Append(SortKey).Select(MetricPick.TryParse).OfType<MetricPick>().Distinct();

    /// <summary>The chosen columns: those pinned first, each part in the reader's order. Rank and trial are always there.</summary>
    internal ImmutableArray<LeaderboardColumn> Choose(ImmutableArray<LeaderboardColumn> all)
    {
        var keys = Keys(Columns ?? "");
        var chosen = keys.Length == 0
            ? all.Where(column => column.ByDefault)
            : new[] { LeaderboardColumn.Rank, LeaderboardColumn.Trial }.Except(keys).Concat(keys.Distinct()).Select(key => all.FirstOrDefault(column => column.Key == key)).OfType<LeaderboardColumn>();
        var pinned = PinnedKeys.ToHashSet();
        return [.. chosen.OrderBy(column => pinned.Contains(column.Key) ? 0 : 1)];
    }

    /// <summary>The lines to show.</summary>
    /// <exception cref="FilterException">The filter cannot be understood.</exception>
    internal ImmutableArray<BoardLine> Apply(Leaderboard board, ImmutableArray<FilterField> fields, ImmutableArray<LeaderboardColumn> all, ImmutableArray<PublishedResult> published)
    {
        var passes = Filters.Filter.Parse(Filter, fields);
        var lines = BoardLine.Of(board.Rows.Where(passes), board.Objective, OverSeeds).ToList();
        if (ShowsPublished)
        {
            lines.AddRange(published.Select(result => new BoardLine(0, [], result)));
        }

        // Published results have no rank: beside ranks, they stand where their value puts them.
        var mixed = ShowsPublished && SortKey == LeaderboardColumn.Rank;
        var key = mixed ? board.Objective.Metric : SortKey;
        return all.FirstOrDefault(column => column.Key == key) is { } by ? Sorted(lines, by, mixed ? board.Objective.Maximize ^ Descending : Descending) : [.. lines];
    }

    private static ImmutableArray<BoardLine> Sorted(List<BoardLine> lines, LeaderboardColumn by, bool down)
    {
        var valued = lines.Select(line => (Line: line, Value: by.Order(line))).ToLookup(pair => pair.Value is not null);
        var sorted = down ? valued[true].OrderByDescending(pair => pair.Value) : valued[true].OrderBy(pair => pair.Value);
        return [.. sorted.Select(pair => pair.Line), .. valued[false].Select(pair => pair.Line)];
    }

    /// <summary>Parted by commas, but not by those in parentheses.</summary>
    private static string[] Keys(string list)
    {
        var (keys, start, depth) = (new List<string>(), 0, 0);
        for (var at = 0; at <= list.Length; at++)
        {
            if (at == list.Length || (list[at] == ',' && depth == 0))
            {
                keys.Add(list[start..at].Trim());
                start = at + 1;
            }
            else
            {
                depth += list[at] == '(' ? 1 : list[at] == ')' && depth > 0 ? -1 : 0;
            }
        }

        return [.. keys.Where(key => key.Length > 0)];
    }
}
