using System.Collections.Immutable;
using MlTr.Abstractions.Leaderboards;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Leaderboards;

/// <summary>How a leaderboard is looked at: all of it is in the address.</summary>
/// <param name="Search">Words that a row must have, such as <c>cross_window=on</c>.</param>
/// <param name="Sort">A column's key, with a minus before it for the other direction.</param>
/// <param name="Columns">The keys of the chosen columns, parted by commas; null for the usual ones.</param>
public sealed record LeaderboardQuery(string? Search = null, string? Sort = null, string? Columns = null)
{
    internal string SortKey => (Sort ?? LeaderboardColumn.Rank).TrimStart('-');

    internal bool Descending => Sort?.StartsWith('-') == true;

    internal ImmutableArray<LeaderboardColumn> Choose(ImmutableArray<LeaderboardColumn> all)
    {
        if (Columns is not { Length: > 0 })
        {
            return [.. all.Where(column => column.ByDefault)];
        }

        var keys = Columns.Split(',', StringSplitOptions.TrimEntries).ToHashSet();
        return [.. all.Where(column => keys.Contains(column.Key) || column.Key is LeaderboardColumn.Rank or LeaderboardColumn.Trial)];
    }

    internal ImmutableArray<LeaderboardRow> Apply(Leaderboard board, ImmutableArray<LeaderboardColumn> all)
    {
        var rows = board.Rows.Where(row => Words.Matches(Search, [row.SweepName, row.Dataset, $"#{row.Trial.Id.Number}", row.Trial.Id.ToString(), row.Trial.Worker,
            row.Trial.State.ToString(), .. row.Trial.Parameters.Select(pair => $"{pair.Key}={Format.Value(pair.Value)}")]));
        if (all.FirstOrDefault(column => column.Key == SortKey) is { } by)
        {
            var valued = rows.Where(row => by.Order(row) is not null);
            var sorted = Descending ? valued.OrderByDescending(by.Order) : valued.OrderBy(by.Order);
            return [.. sorted, .. rows.Where(row => by.Order(row) is null)];
        }

        return [.. rows];
    }
}
