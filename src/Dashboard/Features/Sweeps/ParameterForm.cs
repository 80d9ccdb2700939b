using System.Collections.Immutable;
using System.Globalization;
using MlTr.Abstractions.Sweeps;

namespace MlTr.Dashboard.Features.Sweeps;

/// <summary>How a parameter gets its values.</summary>
public enum ParameterMode
{
    /// <summary>One value for all trials.</summary>
    Fixed,

    /// <summary>Each of the listed values.</summary>
    List,

    /// <summary>From a lowest to a highest number.</summary>
    Range,
}

/// <summary>One axis of a sweep while it is typed.</summary>
public sealed class ParameterForm(HyperParameter known)
{
    public HyperParameter Known { get; } = known;

    public string Name => Known.Name;

    public string Field => $"parameters.{Name}";

    public ParameterMode Mode { get; set; }

    /// <summary>The values as typed, parted by commas; in <see cref="ParameterMode.Fixed"/> the one value.</summary>
    public string Values { get; set; } = known.Default.ToString();

    public string Min { get; set; } = "";

    public string Max { get; set; } = "";

    public bool Log { get; set; }

    public string GridPoints { get; set; } = "3";

    /// <summary>Where it is active, as <c>cross_window = true</c>; empty for everywhere.</summary>
    public string When { get; set; } = "";

    public bool IsNumber => Known.Type is ParameterType.Float or ParameterType.Int;

    /// <summary>What a truth or a name can be chosen from.</summary>
    public ImmutableArray<string> Options => Known.Type == ParameterType.Bool ? ["true", "false"] : Known.Options;

    public ImmutableArray<string> Chosen => [.. Values.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    public static ParameterForm FromSpec(ParameterSpec spec)
    {
        var known = HyperParameters.Find(spec.Name) ?? new HyperParameter(spec.Name, ParameterType.Text, ParameterValue.Of(""), 0, 0, [], "Unknown.");
        var form = spec switch
        {
            FloatParameter axis => Range(known, axis.Min, axis.Max, axis.Log, axis.GridPoints),
            IntParameter axis => Range(known, axis.Min, axis.Max, axis.Log, axis.GridPoints),
            _ => new ParameterForm(known)
            {
                Mode = spec.GridValues.Length == 1 ? ParameterMode.Fixed : ParameterMode.List,
                Values = string.Join(", ", spec.GridValues),
            },
        };
        form.When = spec.When is { } when ? $"{when.Name} = {string.Join(", ", when.Values)}" : "";
        return form;
    }

    /// <summary>Another mode, starting from what the one before said.</summary>
    public void SwitchTo(ParameterMode mode)
    {
        if (mode == ParameterMode.Fixed && Chosen.Length != 1)
        {
            Values = Chosen.FirstOrDefault() ?? Known.Default.ToString();
        }

        if (mode == ParameterMode.Range && Min.Length == 0)
        {
            var numbers = Chosen.Select(text => ParameterValue.TryParse(text, Known.Type, out var value) ? value : Known.Default).Order().ToList();
            (Min, Max, Log) = numbers.Count switch
            {
                0 => ("", "", Log),
                1 => Around(numbers[0]),
                _ => (numbers[0].ToString(), numbers[^1].ToString(), Log || IsFarApart(numbers[0], numbers[^1])),
            };
        }

        Mode = mode;
    }

    /// <summary>Values a hundredfold apart were meant by their order of magnitude.</summary>
    private bool IsFarApart(ParameterValue lowest, ParameterValue highest) =>
        Known.Type == ParameterType.Float && lowest.AsFloat > 0 && highest.AsFloat / lowest.AsFloat >= 100;

    /// <summary>A first idea of a range about one value: a tenth to tenfold of it; all that is allowed about 0.</summary>
    private (string Min, string Max, bool Log) Around(ParameterValue value)
    {
        var number = Known.Type == ParameterType.Int ? value.AsInt : value.AsFloat;
        return number > 0
            ? (Text(Math.Max(number / 10, Known.Min)), Text(Math.Min(number * 10, Known.Max)), true)
            : (Text(Known.Min), Text(Known.Max), false);

        string Text(double end) => (Known.Type == ParameterType.Int ? ParameterValue.Of((long)Math.Ceiling(end)) : ParameterValue.Of(Math.Round(end, 12))).ToString();
    }

    public void Toggle(string option)
    {
        var kept = Chosen.Remove(option);
        Values = string.Join(", ", kept.Length == Chosen.Length ? kept.Add(option) : kept);
    }

    public ParameterSpec Build(List<SpecError> errors) => BuildAxis(errors) with { When = BuildCondition(errors) };

    private ParameterCondition? BuildCondition(List<SpecError> errors)
    {
        if (When.Trim().Length == 0)
        {
            return null;
        }

        if (When.Split('=', 2, StringSplitOptions.TrimEntries) is not [var name, var values] || HyperParameters.Find(name) is not { } parent)
        {
            errors.Add(new(Field, $"'{When.Trim()}' is no condition: name another listed parameter and its values, as in cross_window = true."));
            return null;
        }

        var read = new ParameterForm(parent);
        return new ParameterCondition(name, [.. values.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(text => read.Read(text, errors, Field)).OfType<ParameterValue>()]);
    }

    private ParameterSpec BuildAxis(List<SpecError> errors)
    {
        if (Mode != ParameterMode.Range || !IsNumber)
        {
            var texts = Mode == ParameterMode.Fixed ? [Values] : Chosen; // a fixed 1,5 is a slip, not two values
            return new ChoiceParameter(Name, [.. texts.Select(text => Read(text, errors, Field)).OfType<ParameterValue>()]);
        }

        var (min, max) = (Read(Min, errors, Field, "the lowest value"), Read(Max, errors, Field, "the highest value"));
        var points = GridPoints.Trim().Length == 0 ? 0 : ReadPoints(errors);
        return Known.Type == ParameterType.Int
            ? new IntParameter(Name, min?.AsInt ?? 0, max?.AsInt ?? 0, Log, points)
            : new FloatParameter(Name, min?.AsFloat ?? 0, max?.AsFloat ?? 0, Log, points);
    }

    private static ParameterForm Range(HyperParameter known, double min, double max, bool log, int points) => new(known)
    {
        Mode = ParameterMode.Range,
        Values = "",
        Min = ParameterValue.Of(min).ToString(),
        Max = ParameterValue.Of(max).ToString(),
        Log = log,
        GridPoints = points == 0 ? "" : points.ToString(CultureInfo.InvariantCulture),
    };

    private ParameterValue? Read(string text, List<SpecError> errors, string field, string? what = null)
    {
        if (ParameterValue.TryParse(text, Known.Type, out var value))
        {
            return value;
        }

        var wanted = Known.Type switch
        {
            ParameterType.Float => "a number",
            ParameterType.Int => "a whole number",
            ParameterType.Bool => "true or false",
            _ => "a name",
        };
        errors.Add(new(field, text.Trim().Length == 0 ? $"Type {what ?? wanted} of {Name}." : $"'{text.Trim()}' is not {wanted}."));
        return null;
    }

    private int ReadPoints(List<SpecError> errors)
    {
        if (ParameterValue.TryParse(GridPoints, ParameterType.Int, out var value) && value.AsInt is >= 0 and <= int.MaxValue)
        {
            return (int)value.AsInt;
        }

        errors.Add(new(Field, $"'{GridPoints.Trim()}' is not a number of grid points."));
        return 0;
    }
}
