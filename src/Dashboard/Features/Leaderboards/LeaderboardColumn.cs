using System.Collections.Immutable;
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
/// <param name="Order">What to sort by; null comes last either way.</param>
/// <param name="Text">What to show.</param>
internal sealed record LeaderboardColumn(
    string Key,
    string Label,
    string Tooltip,
    bool ByDefault,
    bool Numeric,
    Func<LeaderboardRow, IComparable?> Order,
    Func<LeaderboardRow, string> Text)
{
    public const string Rank = "rank";
    public const string Trial = "trial";

    private static readonly string[] MainMetrics =
        [MetricNames.MeanAveragePrecision, MetricNames.ClassF1, MetricNames.OverallF1, "val/AP_small", "val/AP_medium", "val/AP_large", "marks/lookalike_confusion"];

    /// <summary>Every column that these rows have something for.</summary>
    public static ImmutableArray<LeaderboardColumn> Of(Leaderboard board, bool manySweeps)
    {
        var rows = board.Rows;
        var columns = ImmutableArray.CreateBuilder<LeaderboardColumn>();
        columns.Add(new(Rank, "Rank", "1 is the best by the objective; a trial without a value has no rank.", true, true,
            row => row.Rank == 0 ? null : row.Rank, row => row.Rank == 0 ? Format.None : row.Rank.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        columns.Add(new(Trial, "Trial", "The trial's number in its sweep.", true, false, row => manySweeps ? row.Trial.Id.ToString() : row.Trial.Id.Number, row => $"#{row.Trial.Id.Number}"));
        columns.Add(new("sweep", "Sweep", "The sweep that proposed the trial.", manySweeps, false, row => row.SweepName, row => row.SweepName));
        columns.Add(new("dataset", "Dataset", "What it was trained and measured on.", rows.Select(row => row.Dataset).Distinct().Count() > 1, false, row => row.Dataset, row => row.Dataset));
        columns.Add(new("state", "State", "A running trial's values may still change.", rows.Any(row => !row.Trial.HasResult), false,
            row => row.Trial.State.ToString(), row => row.Trial.State.ToString().ToLowerInvariant()));
        // What decides, then what differs, then everything else: the first screen answers which setting won.
        var (metrics, parameters) = (MetricColumns(board).ToList(), ParameterColumns(rows).ToList());
        columns.AddRange(metrics.Take(1));
        columns.AddRange(parameters.Where(column => column.ByDefault));
        columns.AddRange(metrics.Skip(1));
        columns.AddRange(parameters.Where(column => !column.ByDefault));
        columns.Add(new("attempts", "Attempts", "How often the trial was started; more than 1 means that it was resumed.", false, true, row => row.Trial.Attempts, row => row.Trial.Attempts.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        columns.Add(new("worker", "Worker", "Who ran it last.", false, false, row => row.Trial.Worker, row => row.Trial.Worker ?? Format.None));
        columns.Add(new("duration", "Duration", "From its first start to its end.", false, true, row => Duration(row)?.Ticks, row => Duration(row) is { } span ? Format.Duration(span) : Format.None));
        return columns.ToImmutable();
    }

    private static TimeSpan? Duration(LeaderboardRow row) => row.Trial.EndedAt - row.Trial.StartedAt;

    private static IEnumerable<LeaderboardColumn> MetricColumns(Leaderboard board) =>
        from name in board.Rows.SelectMany(row => row.Trial.Metrics.Keys).Append(board.Objective.Metric).Distinct()
        let place = Place(name, board.Objective)
        orderby place, name
        let info = MetricInfo.For(name)
        select new LeaderboardColumn(name, info.Label, info.Tooltip + (name == board.Objective.Metric ? " The best value of the trial: it decides the rank." : " The last value."),
            place < int.MaxValue, true, row => Value(row, name, board.Objective), row => info.Show(Value(row, name, board.Objective)));

    /// <summary>The objective shows the best value, as the rank does; every other metric its last one.</summary>
    private static double? Value(LeaderboardRow row, string metric, Objective objective) =>
        metric == objective.Metric ? row.Trial.Objective : row.Trial.Metrics.TryGetValue(metric, out var value) ? value : null;

    private static int Place(string metric, Objective objective) => Array.IndexOf(MainMetrics, metric) switch
    {
        _ when metric == objective.Metric => -1,
        >= 0 and var index => index,
        _ when metric.StartsWith("marks/trap_", StringComparison.Ordinal) => MainMetrics.Length,
        _ => int.MaxValue,
    };

    private static IEnumerable<LeaderboardColumn> ParameterColumns(ImmutableArray<LeaderboardRow> rows) =>
        from name in rows.SelectMany(row => row.Trial.Parameters.Keys).Distinct()
        let known = HyperParameters.Find(name)
        let varies = rows.Select(row => Parameter(row, name)).Distinct().Count() > 1
        orderby varies descending, known is null ? int.MaxValue : HyperParameters.All.IndexOf(known), name
        select new LeaderboardColumn("p." + name, name, known?.Description ?? "A hyper-parameter.", varies, known?.Type is ParameterType.Float or ParameterType.Int,
            row => Comparable(Parameter(row, name)), row => Parameter(row, name) is { } value ? Format.Value(value) : Format.None);

    private static IComparable? Comparable(ParameterValue? value) => value switch
    {
        null => null,
        { Type: ParameterType.Float or ParameterType.Int } number => number.AsFloat,
        { } other => other.ToString(),
    };

    private static ParameterValue? Parameter(LeaderboardRow row, string name) =>
        row.Trial.Parameters.TryGetValue(name, out var value) ? value : HyperParameters.Find(name)?.Default;
}
