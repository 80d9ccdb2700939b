using System.Text.Json;
using System.Text.Json.Nodes;
using MlTr.Model;
using MlTr.Model.Checkpoints;
using static TorchSharp.torch;

namespace MlTr.Bench.GoldenFiles;

/// <summary>
/// Numbers recorded from an independent implementation in double precision: golden.json, weights.safetensors (by name) and io.safetensors
/// (inputs and results). <see cref="InvalidDataException"/> says what is missing.
/// </summary>
internal sealed class GoldenFolder : IDisposable
{
    public GoldenFolder(string folder)
    {
        var json = Path.Combine(folder, "golden.json");
        foreach (var file in new[] { json, Path.Combine(folder, "weights.safetensors"), Path.Combine(folder, "io.safetensors") })
        {
            if (!File.Exists(file))
            {
                throw new InvalidDataException($"{file} is missing: a folder of golden files holds golden.json, weights.safetensors and io.safetensors.");
            }
        }

        try
        {
            Json = JsonNode.Parse(File.ReadAllText(json)) ?? throw new InvalidDataException($"{json} is empty.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{json} is no valid JSON: {e.Message}", e);
        }

        Weights = Safetensors.Load(Path.Combine(folder, "weights.safetensors"));
        Io = Safetensors.Load(Path.Combine(folder, "io.safetensors"));
    }

    public JsonNode Json { get; }

    public TensorFile Weights { get; }

    public TensorFile Io { get; }

    public IEnumerable<string> Cases => Json["cases"]?.AsObject().Select(one => one.Key) ?? [];

    public JsonNode Case(string name) => Json["cases"]![name]!;

    /// <summary>The images that a case is computed from.</summary>
    public Tensor Input(string name) => (string?)Case(name)["input"] is { } input && Io.Tensors.TryGetValue(input, out var images)
        ? images
        : throw new InvalidDataException($"io.safetensors lacks the input of the case {name}: {Case(name)["input"]?.ToJsonString() ?? "it names none"}.");

    /// <summary>The configuration of a case: the folder's, with the case's switches put over it.</summary>
    public MlTrConfig Config(string name)
    {
        var config = new MlTrConfig();
        foreach (var (key, value) in Json["config"]!.AsObject().Concat(Case(name)["switches"]!.AsObject()))
        {
            config = With(config, key, value!);
        }

        return config;
    }

    /// <summary>The network of a case with the recorded weights, ready to answer; the caller disposes it.</summary>
    public MlTrClassifier Network(string name)
    {
        var network = new MlTrClassifier(Config(name));
        network.LoadWeights(Weights);
        network.eval();
        return network;
    }

    public void Dispose()
    {
        Weights.Dispose();
        Io.Dispose();
    }

    private static MlTrConfig With(MlTrConfig config, string key, JsonNode value) => key switch
    {
        "image_size" => config with { ImageHeight = (int)value[0]!, ImageWidth = (int)value[1]! },
        "patch_size" => config with { PatchSize = (int)value },
        "embed_dim" => config with { EmbedDim = (int)value },
        "window_size" => config with { WindowSize = (int)value },
        "depths" => config with { Depths = [.. value.AsArray().Select(depth => (int)depth!)] },
        "heads" => config with { Heads = [.. value.AsArray().Select(heads => (int)heads!)] },
        "num_classes" => config with { NumClasses = (int)value },
        "mlp_ratio" when double.IsInteger((double)value) => config with { MlpRatio = (int)(double)value },
        "drop_path_rate" => config with { DropPathRate = (double)value },
        "layer_norm_eps" => config with { LayerNormEps = (double)value },
        "arc_scale" => config with { ArcScale = (double)value },
        "relative_position_bias" => config with { RelativePositionBias = (bool)value },
        "shift" => config with { Shift = (bool)value },
        "cross_window" => config with { CrossWindow = (bool)value },
        "arc_sigmoid" => config with { ArcSigmoid = (bool)value },
        "object_token" => config with { ObjectToken = (bool)value },
        "cross_window_position" => config with { CrossWindowPosition = Enum.Parse<CrossWindowPosition>((string)value!, ignoreCase: true) },
        "in_channels" when (int)value == 3 => config,
        _ => throw new InvalidDataException($"golden.json sets {key} to {value}, which this network does not have."),
    };
}
