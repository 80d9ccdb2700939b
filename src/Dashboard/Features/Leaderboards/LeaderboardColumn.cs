using System.Collections.Immutable;
using System.Globalization;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Leaderboards;

/// <summary>One column that a leaderboard can show.</summary>
/// <param name="Key">Its name in addresses.</param>
/// <param name="Label">Its name on screens.</param>
/// <param name="Tooltip">What it means.</param>
/// <param name="ByDefault">True if it shows unless the reader chose otherwise.</param>
/// <param name="Numeric">True to align right.</param>
/// <param name="Order">What to sort by and to export; null comes last either way.</param>
/// <param name="Text">What to show.</param>
public sealed record LeaderboardColumn(
    string Key,
    string Label,
    string Tooltip,
    bool ByDefault,
    bool Numeric,
    Func<BoardLine, IComparable?> Order,
    Func<BoardLine, string> Text)
{
    public const string Rank = "rank";
    public const string Trial = "trial";

    private static readonly string[] MainMetrics =
        [MetricNames.MeanAveragePrecision, MetricNames.ClassF1, MetricNames.OverallF1, "val/AP_small", "val/AP_medium", "val/AP_large", "marks/lookalike_confusion"];

    /// <summary>Set for a metric: its mean and deviation over the trials of a line.</summary>
    public Func<BoardLine, Statistic?>? Measured { get; private init; }

    /// <summary>Every column that these rows have something for.</summary>
    /// <param name="board">The trials.</param>
    /// <param name="manySweeps">True to name the sweep of each row.</param>
    /// <param name="query">Whether the best or the last value counts, and whether a line is a trial or a configuration.</param>
    /// <param name="values">Where values at a place of a metric's curve come from.</param>
    public static ImmutableArray<LeaderboardColumn> Of(Leaderboard board, bool manySweeps, LeaderboardQuery query, PickedValues values)
    {
        var rows = board.Rows;
        var columns = ImmutableArray.CreateBuilder<LeaderboardColumn>();
        columns.Add(new(Rank, "Rank", "1 is the best by the objective; without a value there is no rank.", true, true,
            line => line.Rank == 0 ? null : line.Rank, line => line.Rank == 0 ? Format.None : Whole(line.Rank)));
        columns.Add(new(Trial, query.OverSeeds ? "Trials" : "Trial", "The trial's number in its sweep.", true, false,
            line => line.First is not { } row ? null : manySweeps ? row.Trial.Id.ToString() : row.Trial.Id.Number, line => string.Join(", ", line.Rows.Select(row => $"#{row.Trial.Id.Number}"))));
        if (query.OverSeeds)
        {
            columns.Add(new("seeds", "Seeds", "How many trials of this configuration have a value; they differ in the seed alone.", true, true,
                line => Measured(line), line => Whole(Measured(line))));
        }

        // What decides, then whose it is and what differs, then everything else: the first screen answers which setting won, also a narrow one.
        var (metrics, parameters) = (MetricColumns(board, query.Best).ToList(), ParameterColumns(rows, query.OverSeeds).ToList());
        columns.AddRange(metrics.Take(1));
        columns.Add(Named("sweep", "Sweep", "The sweep that proposed the trial.", manySweeps, row => row.SweepName));
        columns.Add(Named("dataset", "Dataset", "What it was trained and measured on.", rows.Select(row => row.Dataset).Distinct().Count() > 1, row => row.Dataset));
        columns.Add(Named("state", "State", "A running trial's values may still change.", rows.Any(row => !row.Trial.HasResult), row => row.Trial.State.ToString().ToLowerInvariant()));
        columns.Add(new("tags", "Tags", "What people marked the trial or its sweep with.", rows.Any(row => row.Tags.Any()), false,
            line => Tags(line).Any() ? string.Join(", ", Tags(line)) : null, line => Tags(line).Any() ? string.Join(", ", Tags(line)) : Format.None));
        columns.AddRange(parameters.Where(column => column.ByDefault));
        columns.AddRange(metrics.Skip(1));
        columns.AddRange(parameters.Where(column => !column.ByDefault));
        columns.AddRange(query.Picks.Select(pick => Picked(pick, values)));
        columns.Add(new("attempts", "Attempts", "How often the trial was started; more than 1 means that it was resumed.", false, true,
            line => line.First is null ? null : line.Rows.Sum(row => row.Trial.Attempts), line => line.First is null ? Format.None : Whole(line.Rows.Sum(row => row.Trial.Attempts))));
        columns.Add(Named("worker", "Worker", "Who ran it last.", false, row => row.Trial.Worker));
        columns.Add(new("duration", "Duration", "From its first start to its end, in seconds where exported; the mean over seeds.", false, true,
            line => Duration(line)?.TotalSeconds, line => Duration(line) is { } span ? Format.Duration(span) : Format.None));
        return columns.ToImmutable();

        int Measured(BoardLine line) => line.Metric(board.Objective.Metric, board.Objective, query.Best)?.Count ?? 0;
    }

    /// <summary>The tags of a line's trials and of their sweeps, each once.</summary>
    internal static IEnumerable<string> Tags(BoardLine line) => line.Rows.SelectMany(row => row.Tags).Distinct(StringComparer.OrdinalIgnoreCase);

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A name, or the different names of a line's trials.</summary>
    private static LeaderboardColumn Named(string key, string label, string tooltip, bool byDefault, Func<LeaderboardRow, string?> read)
    {
        string? Names(BoardLine line) => line.First is null ? null : string.Join(", ", line.Rows.Select(read).OfType<string>().Distinct()) is { Length: > 0 } names ? names : null;
        return new(key, label, tooltip, byDefault, false, Names, line => Names(line) ?? Format.None);
    }

    private static TimeSpan? Duration(BoardLine line) =>
        Statistic.Of(line.Rows.Select(row => (row.Trial.EndedAt - row.Trial.StartedAt)?.TotalSeconds)) is { } seconds ? TimeSpan.FromSeconds(seconds.Mean) : null;

    private static IEnumerable<LeaderboardColumn> MetricColumns(Leaderboard board, bool best) =>
        from name in board.Rows.SelectMany(row => row.Trial.Metrics.Keys).Append(board.Objective.Metric).Distinct()
        let place = Place(name, board.Objective)
        orderby place, name
        let info = MetricInfo.For(name)
        let read = (Func<BoardLine, Statistic?>)(line => line.Metric(name, board.Objective, best))
        select new LeaderboardColumn(name, info.Label, info.Tooltip + (name == board.Objective.Metric && best ? " The best value of the trial: it decides the rank." : " The last value."),
            place < int.MaxValue, true, line => read(line)?.Mean, line => read(line)?.Show(info) ?? Format.None)
        { Measured = read };

    private static LeaderboardColumn Picked(MetricPick pick, PickedValues values)
    {
        var (info, read) = (MetricInfo.For(pick.Metric), values.Of(pick));
        Statistic? Of(BoardLine line) => Statistic.Of(line.Rows.Select(read));
        var (label, where) = pick.Place switch
        {
            MetricPlace.Last => ($"{info.Label}, last", "The last value."),
            MetricPlace.Best => ($"{info.Label} at best", "The value where the trial's objective was best."),
            _ => ($"{info.Label} after pass {Whole(pick.Pass)}", $"The value at the end of training pass {Whole(pick.Pass)}; none for a trial that did not get so far."),
        };
        return new(pick.ToString(), label, $"{info.Tooltip} {where}", false, true, line => Of(line)?.Mean, line => Of(line)?.Show(info) ?? Format.None) { Measured = Of };
    }

    private static int Place(string metric, Objective objective) => Array.IndexOf(MainMetrics, metric) switch
    {
        _ when metric == objective.Metric => -1,
        >= 0 and var index => index,
        _ when metric.StartsWith("marks/trap_", StringComparison.Ordinal) => MainMetrics.Length,
        _ => int.MaxValue,
    };

    private static IEnumerable<LeaderboardColumn> ParameterColumns(ImmutableArray<LeaderboardRow> rows, bool overSeeds) =>
        from name in rows.SelectMany(row => row.Trial.Parameters.Keys).Distinct()
        where !overSeeds || name != "seed"
        let known = HyperParameters.Find(name)
        let varies = rows.Select(row => Parameter(row, name)).Distinct().Count() > 1
        orderby varies descending, known is null ? int.MaxValue : HyperParameters.All.IndexOf(known), name
        select new LeaderboardColumn("p." + name, name, known?.Description ?? "A hyper-parameter.", varies, known?.Type is ParameterType.Float or ParameterType.Int,
            line => Comparable(Parameter(line.First, name)), line => Parameter(line.First, name) is { } value ? Format.Value(name, value) : Format.None);

    private static IComparable? Comparable(ParameterValue? value) => value switch
    {
        null => null,
        { Type: ParameterType.Float or ParameterType.Int } number => number.AsFloat,
        { } other => other.ToString(),
    };

    private static ParameterValue? Parameter(LeaderboardRow? row, string name) =>
        row is null ? null : row.Trial.Parameters.TryGetValue(name, out var value) ? value : HyperParameters.Find(name)?.Default;
}
