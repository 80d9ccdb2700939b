using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace MlTr.Abstractions.Sweeps.Files;

/// <summary>Writes a sweep file; what has its default is left out.</summary>
internal static class SweepFileWriter
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Json(SweepFile file) => Tree(file).ToJsonString(Indented) + "\n";

    public static string Yaml(SweepFile file)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(text, new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, Tree(file), depth: 0);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static JsonObject Tree(SweepFile file)
    {
        var spec = file.Spec;
        var tree = new JsonObject { ["name"] = spec.Name };
        if (!file.Datasets.IsEmpty)
        {
            tree["datasets"] = new JsonArray([.. file.Datasets.Select(one => Map(("id", one.Id), ("folder", one.Folder), ("format", one.Format), ("description", one.Description.Length > 0 ? one.Description : null)))]);
        }

        tree["dataset"] = spec.Dataset;
        tree["objective"] = spec.Objective.Maximize ? spec.Objective.Metric : Map(("metric", spec.Objective.Metric), ("maximize", false));
        tree["search"] = spec.Search.Kind == SearchKind.Grid ? "grid" : Map(("kind", Word(spec.Search.Kind)), ("trials", spec.Search.TrialBudget), ("seed", spec.Search.Seed));
        tree["parameters"] = Map([.. spec.Parameters.Select(axis => (axis.Name, (JsonNode?)Axis(axis)))]);
        if (!spec.Constraints.IsEmpty)
        {
            tree["constraints"] = new JsonArray([.. spec.Constraints.Select(text => JsonValue.Create(text))]);
        }

        if (spec.Stopping is { } stopping)
        {
            tree["stopping"] = stopping.Kind switch
            {
                StoppingKind.Asha or StoppingKind.Hyperband => Map(("rule", Word(stopping.Kind)), ("min_passes", stopping.MinPasses), ("reduction", stopping.Reduction)),
                StoppingKind.Median => Map(("rule", "median"), ("min_passes", stopping.MinPasses), ("min_trials", stopping.MinTrials)),
                var other => Word(other),
            };
        }

        if (spec.Retries is { } retries)
        {
            tree["retries"] = Map(("max", retries.Max), ("split_batch", retries.SplitBatch));
        }

        if (spec.MaxParallelTrials != 0)
        {
            tree["max_parallel_trials"] = spec.MaxParallelTrials;
        }

        if (spec.Priority != 0)
        {
            tree["priority"] = spec.Priority;
        }

        if (spec.WorkerLabels.Length > 0)
        {
            tree["worker_labels"] = spec.WorkerLabels;
        }

        return tree;
    }

    private static JsonNode Axis(ParameterSpec axis)
    {
        var node = axis switch
        {
            FloatParameter range => Range(ParameterValue.Of(range.Min), ParameterValue.Of(range.Max), range.Log, range.GridPoints),
            IntParameter range => Range(ParameterValue.Of(range.Min), ParameterValue.Of(range.Max), range.Log, range.GridPoints),
            _ => Values(axis.GridValues),
        };
        if (axis.When is not { } when)
        {
            return node;
        }

        var map = node as JsonObject ?? Map(("values", node));
        map["when"] = Map((when.Name, Values(when.Values)));
        return map;
    }

    private static JsonObject Range(ParameterValue min, ParameterValue max, bool log, int points)
    {
        var map = Map(("min", Value(min)), ("max", Value(max)));
        if (log)
        {
            map["log"] = true;
        }

        if (points > 0)
        {
            map["points"] = points;
        }

        return map;
    }

    private static JsonNode Values(IReadOnlyList<ParameterValue> values) => values is [var one] ? Value(one) : new JsonArray([.. values.Select(Value)]);

    private static JsonNode Value(ParameterValue value) => JsonSerializer.SerializeToNode(value)!;

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static JsonObject Map(params (string Key, JsonNode? Value)[] pairs) => new(pairs.Where(pair => pair.Value is not null).Select(pair => KeyValuePair.Create(pair.Key, pair.Value)));

    /// <summary>Block style down to the parameters, flow style within one.</summary>
    private static void Emit(Emitter emitter, JsonNode? node, int depth)
    {
        switch (node)
        {
            case JsonObject map:
                emitter.Emit(new MappingStart(null, null, isImplicit: true, depth < 2 && (depth == 0 || map.Count > 3 || map.Any(pair => pair.Value is JsonObject or JsonArray)) ? MappingStyle.Block : MappingStyle.Flow));
                foreach (var (key, value) in map)
                {
                    emitter.Emit(new Scalar(key));
                    Emit(emitter, value, depth + 1);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray list:
                emitter.Emit(new SequenceStart(null, null, isImplicit: true, list.All(item => item is JsonValue) && depth > 1 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in list)
                {
                    Emit(emitter, item, depth + 1);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                emitter.Emit(new Scalar(null, null, value.GetValue<string>(), ScalarStyle.Any, isPlainImplicit: true, isQuotedImplicit: true));
                break;
            default:
                emitter.Emit(new Scalar(node?.ToJsonString() ?? "null"));
                break;
        }
    }
}
