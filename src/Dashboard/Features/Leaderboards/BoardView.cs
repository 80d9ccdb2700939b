using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Dashboard.Features.Leaderboards.Filters;

namespace MlTr.Dashboard.Features.Leaderboards;

/// <summary>A leaderboard as somebody looks at it: the lines and columns to show, and what could be shown.</summary>
public sealed record BoardView(
    LeaderboardQuery Query, Objective Objective, int Total, ImmutableArray<LeaderboardColumn> All, ImmutableArray<LeaderboardColumn> Columns, ImmutableArray<BoardLine> Lines, ImmutableArray<FilterField> Fields, bool HasPublished)
{
    // Each keystroke in a filter is a view of its own, and a finished sweep's board stays as it is.
    private const int MostViews = 16;

    // By board: a view goes with the board that it shows.
    private static readonly ConditionalWeakTable<Leaderboard, ConcurrentDictionary<(LeaderboardQuery Query, bool ManySweeps), Lazy<BoardView>>> Views = [];

    public HashSet<string> Pinned { get; } = [.. Query.PinnedKeys];

    /// <summary>The metrics of which a column at a place of the curve can be made.</summary>
    public ImmutableArray<string> Metrics { get; private init; } = [];

    /// <summary>The values at places of curves that columns and filter need.</summary>
    public ImmutableArray<MetricPick> Picks { get; private init; } = [];

    /// <summary>True if the trial's column must hold more than a number.</summary>
    public bool Wide { get; } = Query.OverSeeds || Lines.Any(line => line.Published is not null);

    /// <summary>Trials that pass the filter.</summary>
    public int Passing { get; } = Lines.Sum(line => line.Rows.Length);

    /// <summary>The same view for all who look at the same board in the same way, as most do: to filter and sort 10,000 rows takes longer than to draw those in sight.</summary>
    /// <returns>Null for a view with values of its own reader's.</returns>
    public static BoardView? Shared(Leaderboard board, LeaderboardQuery query, bool manySweeps)
    {
        var views = Views.GetOrCreateValue(board);
        if (views.Count >= MostViews && !views.ContainsKey((query, manySweeps)))
        {
            views.Clear();
        }

        var view = views.GetOrAdd((query, manySweeps), key => new(() => Of(board, key.Query, key.ManySweeps))).Value;
        return view.Picks.IsEmpty ? view : null;
    }

    /// <summary>A filter that cannot be understood lets all pass; whoever shows the view says what is wrong with it.</summary>
    /// <param name="board">The trials.</param>
    /// <param name="query">How they are looked at.</param>
    /// <param name="manySweeps">True to name the sweep of each row.</param>
    /// <param name="values">What is known of values at places of curves; what more is needed it is asked for.</param>
    public static BoardView Of(Leaderboard board, LeaderboardQuery query, bool manySweeps, PickedValues? values = null)
    {
        values ??= new();
        values.Begin();
        var all = LeaderboardColumn.Of(board, manySweeps, query, values);
        var published = PublishedResult.On(board.Rows.Select(row => row.Dataset));
        var fields = FilterField.Of(board, query.Best, values);
        return new(query, board.Objective, board.Rows.Length, all, query.Choose(all), Lines(), fields, !published.IsEmpty)
        {
            Metrics = BoardLine.MetricNamesOf(board),
            Picks = values.Asked,
        };

        ImmutableArray<BoardLine> Lines()
        {
            try
            {
                return query.Apply(board, fields, all, published);
            }
            catch (FilterException)
            {
                return (query with { Filter = null }).Apply(board, fields, all, published);
            }
        }
    }
}
