using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MlTr.Abstractions.Sweeps.Files;

/// <summary>A spec as C#.</summary>
internal static class SweepCode
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(SweepSpec spec)
    {
        var code = new StringBuilder($"var spec = SweepBuilder.Named({Quote(spec.Name)}).On({Quote(spec.Dataset)})");
        Line(spec.Search.Kind == SearchKind.Grid ? "Grid()" : Text($"{spec.Search.Kind}(trials: {spec.Search.TrialBudget}, seed: {spec.Search.Seed})"));
        foreach (var axis in spec.Parameters)
        {
            Line(axis switch
            {
                FloatParameter range => Range(axis.Name, ParameterValue.Of(range.Min), ParameterValue.Of(range.Max), range.Log, range.GridPoints),
                IntParameter range => Range(axis.Name, ParameterValue.Of(range.Min), ParameterValue.Of(range.Max), range.Log, range.GridPoints),
                { GridValues: [var value] } => $"Fixed({Quote(axis.Name)}, {Value(value)})",
                _ => $"Choice({Quote(axis.Name)}, {string.Join(", ", axis.GridValues.Select(Value))})",
            });
            if (axis.When is { } when)
            {
                code.Append($".OnlyWhen({Quote(when.Name)}, {string.Join(", ", when.Values.Select(Value))})");
            }
        }

        foreach (var constraint in spec.Constraints)
        {
            Line($"Require({Quote(constraint)})");
        }

        if (spec.Objective != new Objective())
        {
            Line($"{(spec.Objective.Maximize ? "Maximize" : "Minimize")}({Quote(spec.Objective.Metric)})");
        }

        switch (spec.Stopping)
        {
            case { Halves: true } stopping:
                Line(Text($"StopBy{stopping.Kind}(minPasses: {stopping.MinPasses}, reduction: {stopping.Reduction})"));
                break;
            case { Kind: StoppingKind.Median } stopping:
                Line(Text($"StopByMedian(minPasses: {stopping.MinPasses}, minTrials: {stopping.MinTrials})"));
                break;
        }

        if (spec.Retries is { } retries)
        {
            Line(Text($"Retry(max: {retries.Max}, splitBatch: {(retries.SplitBatch ? "true" : "false")})"));
        }

        if (spec.MaxParallelTrials != 0)
        {
            Line(Text($"AtMost({spec.MaxParallelTrials})"));
        }

        if (spec.Priority != 0)
        {
            Line(Text($"Priority({spec.Priority})"));
        }

        if (spec.WorkerLabels.Length > 0)
        {
            Line($"OnWorkers({Quote(spec.WorkerLabels)})");
        }

        Line("Build();");
        return code.Append('\n').ToString();

        void Line(string call) => code.Append("\n    .").Append(call);
    }

    private static string Range(string name, ParameterValue min, ParameterValue max, bool log, int points) =>
        Text($"Range({Quote(name)}, {min}, {max}{(log ? ", log: true" : "")}{(points > 0 ? $", gridPoints: {points}" : "")})");

    private static string Value(ParameterValue value) => value.Type switch
    {
        ParameterType.Text => Quote(value.AsText),
        ParameterType.Float when double.IsInteger(value.AsFloat) && !value.ToString().Contains('E', StringComparison.Ordinal) => value + ".0",
        _ => value.ToString(),
    };

    /// <summary>A JSON string is a C# string.</summary>
    private static string Quote(string text) => JsonSerializer.Serialize(text, Readable);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
