using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Sweeps.Analysis;

/// <summary>A hyper-parameter as the axis of a chart: where each trial stands on it.</summary>
/// <param name="Name">The hyper-parameter.</param>
/// <param name="Values">The values that trials have, in order.</param>
/// <param name="Numeric">False for names and switches: their place is their number in the order.</param>
/// <param name="Log">True to space numbers by their logarithm.</param>
public sealed record TrialAxis(string Name, ImmutableArray<ParameterValue> Values, bool Numeric, bool Log)
{
    private const int MostTicks = 12;
    private const double WideRatio = 30;

    /// <summary>Trials stand at most so far apart from a value that is theirs: arithmetic.</summary>
    private const double Slack = 1e-9;

    /// <summary>The axes on which these trials differ, in the form's order.</summary>
    public static ImmutableArray<TrialAxis> Of(SweepSpec spec, IReadOnlyCollection<TrialSnapshot> trials) =>
    [
        .. SweepGrid.Varying(spec).Select(name => Of(spec.Parameters.First(axis => axis.Name == name), trials)).Where(axis => axis.Values.Length > 1),
    ];

    /// <summary>Where a trial stands.</summary>
    public double Position(TrialSnapshot trial) => Position(ValueOf(Name, trial));

    public double Position(ParameterValue value) => !Numeric ? Values.IndexOf(value) : Log ? Math.Log10(value.AsFloat) : value.AsFloat;

    /// <summary>What is written where.</summary>
    public ImmutableArray<(double Position, string Text)> Ticks => Values.Length <= MostTicks || !Numeric
        ? [.. Values.Select(value => (Position(value), Format.Value(Name, value)))]
        : [.. (Log ? LogMarks() : Marks()).Select(place => (place, Format.Number(Log ? Math.Pow(10, place) : place)))];

    /// <summary>The filter that lets just the trials in these stretches of the axis pass; null if there is none.</summary>
    public string? Filter(IEnumerable<(double From, double To)> stretches)
    {
        var parts = stretches.Select(Filter).ToList();
        return parts.Count switch
        {
            0 => null,
            1 => parts[0],
            _ => $"({string.Join(" or ", parts)})",
        };
    }

    /// <summary>Reads the stretches that a brush marks: one pair of numbers, or a list of pairs.</summary>
    public static ImmutableArray<(double From, double To)> Stretches(JsonElement marked)
    {
        if (marked.ValueKind != JsonValueKind.Array || marked.GetArrayLength() == 0)
        {
            return [];
        }

        return marked[0].ValueKind == JsonValueKind.Array
            ? [.. marked.EnumerateArray().SelectMany(one => Stretches(one))]
            : marked.GetArrayLength() == 2 && marked[0].ValueKind == JsonValueKind.Number ? [(marked[0].GetDouble(), marked[1].GetDouble())] : [];
    }

    public static ParameterValue ValueOf(string name, TrialSnapshot trial) => trial.Parameters.TryGetValue(name, out var value) ? value : HyperParameters.Find(name)?.Default ?? default;

    private static TrialAxis Of(ParameterSpec spec, IEnumerable<TrialSnapshot> trials)
    {
        ImmutableArray<ParameterValue> values = [.. trials.Select(trial => ValueOf(spec.Name, trial)).Distinct().Order()];
        var numeric = values.All(value => value.Type is ParameterType.Float or ParameterType.Int);
        var positive = numeric && !values.IsEmpty && values[0].AsFloat > 0;
        return new(spec.Name, values, numeric, positive && (spec is FloatParameter { Log: true } or IntParameter { Log: true } || values[^1].AsFloat / values[0].AsFloat >= WideRatio));
    }

    /// <summary>Round numbers between the lowest and the highest.</summary>
    private IEnumerable<double> Marks()
    {
        var (low, high) = (Position(Values[0]), Position(Values[^1]));
        var rough = (high - low) / 5;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        var first = Math.Ceiling(low / step);
        return Enumerable.Range(0, (int)(Math.Floor(high / step) - first) + 1).Select(i => (first + i) * step);
    }

    /// <summary>Powers of ten, with twos and fives where there is room.</summary>
    private IEnumerable<double> LogMarks()
    {
        var (low, high) = (Position(Values[0]), Position(Values[^1]));
        int[] digits = high - low < 3 ? [1, 2, 5] : [1];
        return Enumerable.Range((int)Math.Floor(low), (int)(Math.Ceiling(high) - Math.Floor(low)) + 1)
            .SelectMany(power => digits.Select(digit => power + Math.Log10(digit))).Where(place => place >= low - Slack && place <= high + Slack);
    }

    private string Filter((double From, double To) stretch)
    {
        if (Numeric)
        {
            var (low, high) = Log ? (Math.Pow(10, stretch.From), Math.Pow(10, stretch.To)) : stretch;
            return string.Create(CultureInfo.InvariantCulture, $"{Name} >= {low:G4} and {Name} <= {high:G4}");
        }

        var inside = Values.Where(value => Position(value) >= stretch.From - Slack && Position(value) <= stretch.To + Slack).Select(value => $"{Name} = {Format.Value(value)}").ToList();
        return inside.Count switch
        {
            0 => "trial < 1", // no trial lies there
            1 => inside[0],
            _ => $"({string.Join(" or ", inside)})",
        };
    }
}
