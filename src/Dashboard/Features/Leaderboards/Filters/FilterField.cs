using System.Collections.Immutable;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Leaderboards.Filters;

public enum FieldKind
{
    Number,
    Name,
    Truth,

    /// <summary>Any number of names at once.</summary>
    Tags,
}

/// <summary>Something of a trial that a filter may compare.</summary>
/// <param name="Name">What completion offers.</param>
/// <param name="Kind">What it is compared with.</param>
/// <param name="Description">What it means, in a sentence.</param>
/// <param name="Read">A double, a string, a bool, or a sequence of strings for tags; null if the trial has none.</param>
/// <param name="Options">The values that it can have, where they are few.</param>
/// <param name="Other">Other names for the same.</param>
public sealed record FilterField(
    string Name, FieldKind Kind, string Description, Func<LeaderboardRow, object?> Read, ImmutableArray<string> Options = default, ImmutableArray<string> Other = default)
{
    /// <summary>Set for a metric: its own name, and what reads it at a place of its curve.</summary>
    public (string Metric, Func<MetricPick, Func<LeaderboardRow, double?>> Read)? Curve { get; init; }

    /// <summary>Everything that these trials can be filtered by: what they are, what was measured, what was set.</summary>
    /// <param name="board">The trials.</param>
    /// <param name="best">True to read the objective's best value, false for its last one.</param>
    /// <param name="values">Where values at a place of a metric's curve come from.</param>
    public static ImmutableArray<FilterField> Of(Leaderboard board, bool best, PickedValues? values = null) =>
    [
        new("state", FieldKind.Name, "Where the trial is in its life.", row => row.Trial.State.ToString().ToLowerInvariant(), [.. Enum.GetNames<TrialState>().Select(name => name.ToLowerInvariant())]),
        new("sweep", FieldKind.Name, "The name of its sweep.", row => row.SweepName, [.. board.Rows.Select(row => row.SweepName).Distinct().Order(StringComparer.Ordinal).Take(50)]),
        new("tag", FieldKind.Tags, "A tag of the trial or of its sweep.", row => row.Tags, [.. board.Rows.SelectMany(row => row.Tags).Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal).Take(50)], ["tags"]),
        new("trial", FieldKind.Number, "Its number in the sweep.", row => (double)row.Trial.Id.Number),
        .. Metrics(board, best, values ?? new()),
        .. HyperParameters.All.Select(Parameter),
        new("dataset", FieldKind.Name, "What it was trained on.", row => row.Dataset, [.. board.Rows.Select(row => row.Dataset).Distinct().Order(StringComparer.Ordinal)]),
        new("rank", FieldKind.Number, "Its place on the leaderboard.", row => row.Rank == 0 ? null : (double)row.Rank),
        new("attempts", FieldKind.Number, "How often it was started.", row => (double)row.Trial.Attempts),
        new("minutes", FieldKind.Number, "From its first start to its end.", row => (row.Trial.EndedAt - row.Trial.StartedAt)?.TotalMinutes),
        new("worker", FieldKind.Name, "Who ran it last.", row => row.Trial.Worker, [.. board.Rows.Select(row => row.Trial.Worker).OfType<string>().Distinct().Order(StringComparer.Ordinal).Take(50)]),
    ];

    /// <summary>True if a person who writes this means the field; case does not matter.</summary>
    public bool Answers(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase) || (!Other.IsDefault && Other.Contains(name, StringComparer.OrdinalIgnoreCase));

    /// <summary>The metric at a place of its curve, as a field of its own.</summary>
    internal FilterField At(MetricPlace place, int pass = 0)
    {
        var pick = new MetricPick(Curve!.Value.Metric, place, pass);
        var read = Curve.Value.Read(pick);
        return new((pick with { Metric = Name }).ToString(), FieldKind.Number, Description, row => read(row));
    }

    private static IEnumerable<FilterField> Metrics(Leaderboard board, bool best, PickedValues values)
    {
        var names = BoardLine.MetricNamesOf(board);
        var taken = names.Select(Short).GroupBy(name => name).Where(same => same.Count() > 1).Select(same => same.Key)
            .Concat(HyperParameters.All.Select(known => known.Name)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var name in names)
        {
            // val/mAP is mAP, but train/loss stays apart from the hyper-parameter loss.
            var info = MetricInfo.For(name);
            var word = taken.Contains(Short(name)) ? name : Short(name);
            yield return new(word, FieldKind.Number, info.Tooltip, row => BoardLine.Value(row, name, board.Objective, best), [], [name]) { Curve = (name, values.Of) };
        }
    }

    private static string Short(string metric) => metric[(metric.LastIndexOf('/') + 1)..];

    private static FilterField Parameter(HyperParameter known) => new(
        known.Name,
        known.Type switch
        {
            ParameterType.Bool => FieldKind.Truth,
            ParameterType.Text => FieldKind.Name,
            _ => FieldKind.Number,
        },
        known.Description,
        row => Plain(row.Trial.Parameters.TryGetValue(known.Name, out var value) ? value : known.Default),
        known.Type == ParameterType.Bool ? ["on", "off"] : known.Options,
        known.Name == "learning_rate" ? ["lr"] : []);

    private static object Plain(ParameterValue value) => value.Type switch
    {
        ParameterType.Bool => value.AsBool,
        ParameterType.Text => value.AsText,
        _ => value.AsFloat,
    };
}
