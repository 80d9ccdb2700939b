using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using MlTr.Model;
using MlTr.Model.Inspection;
using MlTr.Model.Losses;
using MlTr.Model.Metrics;
using MlTr.Model.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MlTr.Bench.GoldenFiles;

/// <summary>A part of a golden folder that is compared on its own.</summary>
internal sealed record GoldenPart(string Name, Func<IReadOnlyList<GoldenResult>> Compare)
{
    /// <summary>Compares, or says why that is not possible: other parts may still be compared.</summary>
    public IReadOnlyList<GoldenResult> TryCompare(out string? problem)
    {
        try
        {
            var results = Compare();
            problem = results.Count == 0 ? "nothing is recorded to compare with" : null;
            return results;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or ArgumentException or ExternalException or InvalidOperationException
            or FormatException or KeyNotFoundException or NullReferenceException or IndexOutOfRangeException)
        {
            problem = e is NullReferenceException or IndexOutOfRangeException ? "golden.json lacks a part of what belongs to it" : e.Message.Split('\n')[0].Trim();
            return [];
        }
    }
}

/// <summary>Compares the library with everything a golden folder records.</summary>
internal static class GoldenComparison
{
    /// <summary>The folder's parts, in the order in which they build on each other.</summary>
    public static IEnumerable<GoldenPart> PartsOf(GoldenFolder golden)
    {
        var json = golden.Json;
        if (json["macs"] is not null)
        {
            yield return new GoldenPart("macs", () => Macs(golden));
        }

        foreach (var name in golden.Cases)
        {
            yield return new GoldenPart($"forward {name}", () => InScope(() => Forward(golden, name)));
        }

        foreach (var name in golden.Cases.Where(name => golden.Case(name)["loss"] is not null))
        {
            yield return new GoldenPart($"backward {name}", () => InScope(() => Backward(golden, name)));
        }

        var others = new (string Key, Func<IEnumerable<GoldenResult>> Compare)[]
        {
            ("adamw", () => Steps(golden)), ("losses", () => Losses(json["losses"]!)), ("metrics", () => Metrics(json["metrics"]!)),
            ("one_cycle", () => Rates(json["one_cycle"]!)), ("retrieval", () => Neighbourhoods(json["retrieval"]!)),
        };
        foreach (var (key, compare) in others.Where(other => json[other.Key] is not null))
        {
            yield return new GoldenPart(key, () => InScope(compare));
        }

        string[] known = ["seed", "config", "parameters", "macs", "cases", .. others.Select(other => other.Key)];
        foreach (var (key, _) in json.AsObject().Where(pair => !known.Contains(pair.Key)))
        {
            yield return new GoldenPart(key, () => [Unknown(key)]);
        }
    }

    private static List<GoldenResult> InScope(Func<IEnumerable<GoldenResult>> compare)
    {
        using var scope = NewDisposeScope();
        return [.. compare()];
    }

    /// <summary>Something recorded that nothing here compares: an error, so that it is never taken for compared.</summary>
    private static GoldenResult Unknown(string key) => new($"{key}, which this version does not know", double.PositiveInfinity);

    private static List<GoldenResult> Macs(GoldenFolder golden)
    {
        var (cost, macs) = (MlTrCost.Of(golden.Config("full")), golden.Json["macs"]!);
        var ours = new (string Name, long Value)[]
        {
            ("embed", cost.Embed), ("pixel", cost.Pixel), ("cross", cost.Cross), ("mlp", cost.Mlp),
            ("downsample", cost.Downsample), ("head", cost.Head), ("total", cost.Total),
        };
        return [.. ours.Select(part => GoldenResult.Of(part.Name, (double)macs[part.Name]!, part.Value, tolerance: 0))];
    }

    private static IEnumerable<GoldenResult> Forward(GoldenFolder golden, string name)
    {
        using var noGradient = no_grad();
        using var network = golden.Network(name);
        var seen = new Dictionary<string, Tensor>();
        network.Observer = (key, value) => seen[key] = value.clone().MoveToOuterDisposeScope();

        var output = network.call(golden.Input(name));

        seen["logits"] = output.Logits;
        seen["features"] = output.Features;
        seen["feature_map"] = output.FeatureMap;
        if (output.CountLogits is not null)
        {
            seen["count_logits"] = output.CountLogits;
        }

        yield return GoldenResult.Of("parameters", (double)golden.Case(name)["parameters"]!, network.ParameterCount, tolerance: 0);
        foreach (var (key, recorded) in golden.Io.Tensors.Where(pair => pair.Key.StartsWith(name + ".", StringComparison.Ordinal)))
        {
            var what = key[(name.Length + 1)..];
            if (what == "heatmap")
            {
                var channel = (int)golden.Case(name)["heatmap_channel"]!;
                yield return GoldenResult.Of(what, recorded, HeatMaps.OfChannel(output.FeatureMap[0], channel, (int)recorded.shape[0], (int)recorded.shape[1]));
            }
            else if (!what.StartsWith("grad.", StringComparison.Ordinal))
            {
                yield return GoldenResult.Of(what, recorded, seen.GetValueOrDefault(what));
            }
        }
    }

    private static IEnumerable<GoldenResult> Backward(GoldenFolder golden, string name)
    {
        using var network = golden.Network(name);
        var recorded = golden.Case(name);
        var (loss, asl, otl) = Loss(network, golden, name);
        loss.backward();

        yield return GoldenResult.Of("loss", (double)recorded["loss"]!, loss.ToDouble());
        foreach (var (key, ours) in new[] { ("asl", Numbers(asl)), ("otl", Numbers(otl)) }.Where(pair => recorded.AsObject().ContainsKey(pair.Item1)))
        {
            yield return GoldenResult.Of(key, Numbers(recorded[key]), ours);
        }

        var weights = network.NamedWeights().ToDictionary(weight => weight.Name, weight => weight.Value.grad);
        foreach (var (weight, norm) in recorded["grad_norm"]?.AsObject() ?? [])
        {
            yield return GoldenResult.Of($"norm of the gradient of {weight}", (double?)norm, weights.GetValueOrDefault(weight)?.norm().ToDouble());
        }

        var prefix = $"{name}.grad.";
        foreach (var (key, gradient) in golden.Io.Tensors.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            yield return GoldenResult.Of($"gradient of {key[prefix.Length..]}", gradient, weights.GetValueOrDefault(key[prefix.Length..]));
        }
    }

    private static IEnumerable<GoldenResult> Steps(GoldenFolder golden)
    {
        var recorded = golden.Json["adamw"]!;
        using var network = golden.Network("full");
        using var optimizer = new AdamW(network.NamedWeights(), (double)recorded["weight_decay"]!, (double)recorded["betas"]![1]!, (double)recorded["eps"]!);
        var step = 0;
        foreach (var expected in recorded["loss_before_step"]!.AsArray())
        {
            network.zero_grad();
            var loss = Loss(network, golden, "full").Loss;
            yield return GoldenResult.Of($"loss before step {step}", (double)expected!, loss.ToDouble(), tolerance: step++ == 0 ? GoldenResult.SinglePrecision : 1e-3);
            loss.backward();
            optimizer.Step((double)recorded["lr"]!, (double)recorded["betas"]![0]!);
        }
    }

    private static IEnumerable<GoldenResult> Losses(JsonNode recorded)
    {
        var kinds = new (string Name, string Logits, Func<Tensor, Tensor, Tensor> Loss)[]
        {
            ("asl", "logits", (x, y) => MultiLabelLosses.Asymmetric(x, y)),
            ("asl_focus_not_detached", "logits", (x, y) => MultiLabelLosses.Asymmetric(x, y, detachFocus: false)),
            ("asl_gamma_pos_1", "logits", (x, y) => MultiLabelLosses.Asymmetric(x, y, gammaPos: 1, detachFocus: false)),
            ("focal", "logits", (x, y) => MultiLabelLosses.Focal(x, y)),
            ("bce", "logits", (x, y) => MultiLabelLosses.BinaryCrossEntropy(x, y)),
            ("otl", "count_logits", MultiLabelLosses.ObjectToken),
        };
        string[] inputs = ["logits", "targets", "count_logits"];
        foreach (var (key, _) in recorded.AsObject().Where(pair => !inputs.Contains(pair.Key) && kinds.All(kind => kind.Name != pair.Key)))
        {
            yield return Unknown(key);
        }

        foreach (var (name, logits, loss) in kinds.Where(kind => recorded[kind.Name] is not null))
        {
            var x = Matrix(recorded[logits]!).requires_grad_();
            var perImage = loss(x, Matrix(recorded["targets"]!));
            perImage.mean().backward();
            yield return GoldenResult.Of($"{name} per image", Numbers(recorded[name]!["per_image"]), Numbers(perImage));
            yield return GoldenResult.Of($"{name} gradient", Matrix(recorded[name]!["grad_of_mean"]!), x.grad);
        }
    }

    private static IEnumerable<GoldenResult> Metrics(JsonNode recorded)
    {
        var cases = new (string Name, bool Strict, Func<double, double> Score, Func<int, int> Label)[]
        {
            ("evaluate", false, score => score, label => label),
            ("evaluate_missing_as_zero", true, score => score, label => label),
            ("nothing_positive", false, score => score, _ => 0),
            ("nothing_predicted", false, score => score * 0.4, label => Math.Abs(label)), // unknowns are taken as present
        };
        string[] others = ["scores", "labels", "sizes", "count_logits", "sizes_metrics", "count", "size_of"];
        foreach (var (key, _) in recorded.AsObject().Where(pair => !others.Contains(pair.Key) && cases.All(one => one.Name != pair.Key)))
        {
            yield return Unknown(key);
        }

        foreach (var (name, strict, score, label) in cases.Where(one => recorded[one.Name] is not null))
        {
            foreach (var result in Figures(name, recorded[name]!, Collect(recorded, score, label).Evaluate(strict)))
            {
                yield return result;
            }
        }

        if (recorded["sizes_metrics"] is { } sizes)
        {
            var report = Collect(recorded, score => score, label => label).EvaluateSizes();
            yield return GoldenResult.Of(
                "AP by size", [(double?)sizes["ap_s"], (double?)sizes["ap_m"], (double?)sizes["ap_l"]], [report.Small, report.Medium, report.Large]);
            yield return GoldenResult.Of(
                "classes of AP by size",
                [(double?)sizes["ap_s_classes"], (double?)sizes["ap_m_classes"], (double?)sizes["ap_l_classes"]],
                [report.SmallClasses, report.MediumClasses, report.LargeClasses]);
        }

        if (recorded["count"] is { } count)
        {
            var report = Counts(recorded).Evaluate();
            yield return GoldenResult.Of(
                "counting", [(double?)count["count_accuracy"], (double?)count["count_mae"]], [report?.Accuracy, report?.MeanAbsoluteError]);
        }

        foreach (var (area, size) in recorded["size_of"]?.AsObject() ?? [])
        {
            yield return GoldenResult.Of($"size of {area}", (double)size!, MultiLabelMetrics.SizeOf(double.Parse(area, CultureInfo.InvariantCulture)), tolerance: 0);
        }
    }

    private static IEnumerable<GoldenResult> Figures(string name, JsonNode recorded, MultiLabelReport report)
    {
        var ours = new (string Key, double? Value)[]
        {
            ("map", report.Map), ("cp", report.Cp), ("cr", report.Cr), ("cf1", report.Cf1), ("cf1_class_mean", report.Cf1ClassMean),
            ("op", report.Op), ("or", report.Or), ("of1", report.Of1), ("classes", report.Classes),
        };
        yield return GoldenResult.Of($"{name} AP", Numbers(recorded["ap"]), report.ClassAp);
        foreach (var (key, value) in ours)
        {
            yield return GoldenResult.Of($"{name} {key}", (double?)recorded[key], value);
        }
    }

    private static MultiLabelMetrics Collect(JsonNode recorded, Func<double, double> score, Func<int, int> label)
    {
        var (scores, labels, sizes) = (Rows<double>(recorded["scores"]), Rows<int>(recorded["labels"]), Rows<byte>(recorded["sizes"]));
        var metrics = new MultiLabelMetrics(scores[0].Length);
        for (var i = 0; i < scores.Length; i++)
        {
            metrics.Append([.. scores[i].Select(score)], [.. labels[i].Select(one => (sbyte)label(one))], sizes[i]);
        }

        return metrics;
    }

    private static CountMetrics Counts(JsonNode recorded)
    {
        var counting = new CountMetrics();
        foreach (var (logits, labels) in Rows<double>(recorded["count_logits"]).Zip(Rows<int>(recorded["labels"])))
        {
            counting.Append(Array.IndexOf(logits, logits.Max()), labels.Count(label => label == 1));
        }

        return counting;
    }

    private static IEnumerable<GoldenResult> Rates(JsonNode recorded)
    {
        var (steps, peak, share) = ((int)recorded["total_steps"]!, (double)recorded["max_lr"]!, (double)recorded["pct_start"]!);
        foreach (var (expected, step) in Rows<double>(recorded["lr_and_beta1"]).Select((expected, step) => (expected, step)))
        {
            var (rate, beta1) = OneCycle.At(step, steps, peak, share);
            yield return GoldenResult.Of($"step {step}", [expected[0] / peak, expected[1]], [rate / peak, beta1]);
        }
    }

    private static IEnumerable<GoldenResult> Neighbourhoods(JsonNode recorded)
    {
        var features = Matrix(recorded["features"]!);
        foreach (var (query, expected) in recorded["neighbours"]!.AsObject())
        {
            var found = Neighbours.Of(features, int.Parse(query, CultureInfo.InvariantCulture), (int)recorded["k"]!);
            yield return GoldenResult.Of($"neighbours of {query}", Numbers(expected!["index"]), [.. found.Select(one => (double?)one.Index)]);
            yield return GoldenResult.Of($"cosines of {query}", Numbers(expected["cosine"]), [.. found.Select(one => (double?)one.Cosine)]);
        }
    }

    private static (Tensor Loss, Tensor Asl, Tensor? Otl) Loss(MlTrClassifier network, GoldenFolder golden, string name)
    {
        var output = network.call(golden.Input(name));
        var asl = MultiLabelLosses.Asymmetric(output.Logits, golden.Io["targets"]);
        var otl = output.CountLogits is null ? null : MultiLabelLosses.ObjectToken(output.CountLogits, golden.Io["targets"]);
        return ((otl is null ? asl : asl.add(otl)).mean(), asl, otl);
    }

    private static double?[] Numbers(JsonNode? list) => list?.Deserialize<double?[]>() ?? [];

    private static double?[] Numbers(Tensor? values) => values is null ? [] : [.. values.detach().to(ScalarType.Float64).data<double>().Select(value => (double?)value)];

    private static T[][] Rows<T>(JsonNode? rows) => rows!.AsArray().Select(row => row!.AsArray().Select(value => value!.GetValue<T>()).ToArray()).ToArray();

    private static Tensor Matrix(JsonNode rows)
    {
        var values = Rows<float>(rows);
        return tensor(values.SelectMany(row => row).ToArray()).view(values.Length, values[0].Length);
    }
}
