using System.Collections.Immutable;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Leaderboards;

/// <summary>One metric over the trials of a line.</summary>
/// <param name="Mean">The mean, or the one value.</param>
/// <param name="Deviation">The standard deviation of the sample; null for fewer than two.</param>
/// <param name="Count">How many trials have a value.</param>
public readonly record struct Statistic(double Mean, double? Deviation, int Count)
{
    public static Statistic? Of(IEnumerable<double?> values)
    {
        var known = values.OfType<double>().ToList();
        if (known.Count == 0)
        {
            return null;
        }

        var mean = known.Average();
        return new(mean, known.Count < 2 ? null : Math.Sqrt(known.Sum(value => (value - mean) * (value - mean)) / (known.Count - 1)), known.Count);
    }

    internal string Show(MetricInfo info) => Deviation is { } deviation ? $"{info.Show(Mean)} ± {info.Show(deviation)}" : info.Show(Mean);
}

/// <summary>A line of a leaderboard: a trial, the trials of one configuration over its seeds, or a published result.</summary>
/// <param name="Rank">1 for the best; 0 without a value, and for what is published.</param>
/// <param name="Rows">The trials, best first; none for what is published.</param>
/// <param name="Published">What the line tells instead.</param>
public sealed record BoardLine(int Rank, ImmutableArray<LeaderboardRow> Rows, PublishedResult? Published = null)
{
    private const string Seed = "seed";

    /// <summary>The trial, or the best of them.</summary>
    public LeaderboardRow? First => Rows.FirstOrDefault();

    /// <summary>What tells the line from every other.</summary>
    public string Key => First?.Trial.Id.ToString() ?? Published!.Name;

    public Statistic? Metric(string name, Objective objective, bool best) => Published is { } published
        ? name == MetricNames.MeanAveragePrecision ? new(published.MeanAveragePrecision, null, 1) : null
        : Statistic.Of(Rows.Select(row => Value(row, name, objective, best)));

    /// <summary>The objective has its best value, which decides the rank, and its last one; every other metric is known by its last value only.</summary>
    public static double? Value(LeaderboardRow row, string metric, Objective objective, bool best) =>
        best && metric == objective.Metric ? row.Trial.Objective : row.Trial.Metrics.TryGetValue(metric, out var value) ? value : null;

    /// <summary>The metrics of a board: the objective first.</summary>
    public static ImmutableArray<string> MetricNamesOf(Leaderboard board) =>
    [
        .. board.Rows.SelectMany(row => row.Trial.Metrics.Keys).Append(board.Objective.Metric).Append(MetricNames.MeanAveragePrecision).Distinct()
            .OrderBy(name => name != board.Objective.Metric).ThenBy(name => name, StringComparer.Ordinal),
    ];

    /// <summary>The lines of these trials, in the board's order.</summary>
    public static IEnumerable<BoardLine> Of(IEnumerable<LeaderboardRow> rows, Objective objective, bool overSeeds)
    {
        if (!overSeeds)
        {
            return rows.Select(row => new BoardLine(row.Rank, [row]));
        }

        var sign = objective.Maximize ? -1 : 1;
        return rows.GroupBy(Configuration)
            .Select(same => (Rows: same.ToImmutableArray(), Mean: Statistic.Of(same.Select(row => row.Trial.Objective))?.Mean))
            .OrderBy(group => group.Mean is null).ThenBy(group => sign * group.Mean).ThenBy(group => group.Rows[0].Rank == 0).ThenBy(group => group.Rows[0].Rank)
            .Select((group, i) => new BoardLine(group.Mean is null ? 0 : i + 1, group.Rows))
            .ToList();
    }

    /// <summary>Everything that was set but the seed, and the dataset: what makes two trials repetitions of one another.</summary>
    private static string Configuration(LeaderboardRow row) => row.Dataset + "\n" + string.Join(
        '\n', HyperParameters.Complete(row.Trial.Parameters).Remove(Seed).Select(pair => $"{pair.Key}={pair.Value}"));
}
