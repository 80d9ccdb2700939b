using System.Collections.Immutable;
using static MlTr.Abstractions.Sweeps.ParameterType;

namespace MlTr.Abstractions.Sweeps;

/// <summary>What is known of one hyper-parameter of MlTr.</summary>
/// <param name="Name">Its name in specs, stores and screens.</param>
/// <param name="Type">Its type.</param>
/// <param name="Default">The value where a sweep says nothing: the paper's, where the paper gives one.</param>
/// <param name="Min">The lowest allowed number.</param>
/// <param name="Max">The highest allowed number.</param>
/// <param name="Options">The allowed names of a text.</param>
/// <param name="Description">What it does, in a sentence, with its unit.</param>
public sealed record HyperParameter(
    string Name,
    ParameterType Type,
    ParameterValue Default,
    double Min,
    double Max,
    ImmutableArray<string> Options,
    string Description)
{
    /// <summary>Null if the value may be used, else the reason in a sentence.</summary>
    public string? Check(ParameterValue value)
    {
        if (value.Type != Type && !(Type == ParameterType.Float && value.Type == Int))
        {
            return $"{Name} takes {Article(Type)}, not '{value}'.";
        }

        return Type switch
        {
            Text when !Options.Contains(value.AsText) => $"{Name} is one of {string.Join(", ", Options)}, not '{value}'.",
            ParameterType.Float or Int when !(value.AsFloat >= Min && value.AsFloat <= Max) =>
                $"{Name} lies between {ParameterValue.Of(Min)} and {ParameterValue.Of(Max)}, not at {value}.",
            _ => null,
        };
    }

    private static string Article(ParameterType type) => type switch
    {
        ParameterType.Float => "a number",
        Int => "a whole number",
        Bool => "true or false",
        _ => "a name",
    };
}

/// <summary>Every hyper-parameter that a sweep can set, with default and range.</summary>
public static class HyperParameters
{
    /// <summary>The name of the hyper-parameter that says how long a trial is trained.</summary>
    public const string Passes = "passes";

    /// <summary>In the order in which a form shows them.</summary>
    public static ImmutableArray<HyperParameter> All { get; } =
    [
        Name("variant", "mltr-n", ["mltr-n", "mltr-t", "mltr-s", "mltr-m", "mltr-l"], "Size of the network: n and t for CPUs, s, m and l are the paper's."),
        Number("learning_rate", 1e-4, 1e-7, 1, "Peak of the one-cycle schedule."),
        Whole(Passes, 200, 1, 10_000, "Passes over the training data."),
        Whole("batch_size", 32, 1, 4_096, "Images per optimiser step."),
        Number("weight_decay", 1e-4, 0, 1, "Decoupled decay of matrices; norms, biases and position tables have none."),
        Number("warmup_share", 0.2, 0, 0.9, "Share of the steps in which the learning rate rises."),
        Number("ema_decay", 0.9997, 0, 0.999999, "Decay of the moving average of the weights, evaluated beside the raw weights."),
        Number("gradient_clip", 0, 0, 1_000, "Largest 2-norm of the gradient; 0 for no limit."),
        Name("loss", "asl", ["asl", "bce", "focal"], "Classification loss: asymmetric, binary cross entropy or focal."),
        Number("gamma_negative", 4, 0, 10, "Focusing of the asymmetric loss on negatives (gamma-)."),
        Number("gamma_positive", 0, 0, 10, "Focusing of the asymmetric loss on positives (gamma+)."),
        Number("asl_margin", 0.05, 0, 0.5, "Probability margin m of the asymmetric loss."),
        Number("token_loss_weight", 1, 0, 10, "Weight of the object-aware token's loss."),
        Number("arc_scale", 8, 0.5, 128, "Scale s of the arc sigmoid (Table 6)."),
        Number("drop_path_rate", -1, -1, 0.9, "Stochastic depth of the last block; earlier blocks less. Below 0 for the variant's own: 0.2 for s, m and l, else 0."),
        Truth("relative_position_bias", "Relative position bias in pixel attention (Table 5)."),
        Truth("shift", "Shifted windows in the second pixel layer of a block (Table 5)."),
        Truth("cross_window", "Cross-window attention (Table 5)."),
        Truth("arc_sigmoid", "Classes by cosine instead of a plain linear layer (Table 5)."),
        Truth("object_token", "Object-aware token, which predicts how many classes are present (Table 5)."),
        Name("cross_window_position", "middle", ["middle", "last"], "Where a block has its cross-window layer."),
        Name("initialization", "normal", ["normal", "fan_in"], "Deviation of fresh linear weights: 0.02 (the paper's ancestors), or 1 / sqrt(inputs), which lets narrow networks learn in few passes."),
        Name("augmentation", "cutout+randaugment", ["none", "flip", "cutout", "randaugment", "cutout+randaugment", "flip+cutout+randaugment"], "Random changes of training pictures."),
        Name("precision", "fp32", ["fp32", "bf16", "fp16"], "Arithmetic of the network; weights are always kept in fp32. fp16 scales the loss."),
        Whole("image_size", 0, 0, 4_096, "Side of the square input in pixels; 0 for the variant's own."),
        Whole("accumulation_parts", 1, 1, 4_096, "Parts in which a batch goes through the network, to save memory; at most batch_size."),
        Number("mixup_alpha", 0, 0, 2, "Blends pairs of training pictures with a share from Beta(alpha, alpha); 0 for none."),
        Number("label_smoothing", 0, 0, 0.9, "Share by which a label counts as uncertain; 0 for none."),
        Number("focal_gamma", 2, 0, 10, "Exponent of the focal loss."),
        Truth("detach_focus", "Focusing factors of the asymmetric loss as constants for the gradient."),
        Number("adam_beta2", 0.999, 0, 0.999999, "Decay of Adam's second moment."),
        Number("adam_epsilon", 1e-8, 1e-12, 1e-2, "Adam's epsilon."),
        Number("start_divisor", 25, 1, 1e6, "The learning rate starts at its peak divided by this."),
        Number("end_divisor", 1e4, 1, 1e9, "The learning rate ends at its start divided by this."),
        Number("cutout_size", 0.5, 0, 1, "Sides of the cut-out rectangle as a share of the picture's."),
        Whole("randaugment_operations", 2, 1, 14, "Operations drawn for a picture, each applied with probability one half."),
        Whole("randaugment_level", 9, 1, 10, "Highest level of an operation; levels are drawn from 1 up to it."),
        Whole("keep_last_checkpoints", 2, 1, 1_000, "How many of a trial's newest checkpoints stay on the disk; the best always does."),
        Whole("keep_every_passes", 0, 0, 10_000, "Checkpoints after every so many passes stay on the disk as well; 0 for none."),
        Whole("seed", 1, 0, int.MaxValue, "Seed of weights, order and augmentation."),
    ];

    /// <summary>Finds one by name.</summary>
    public static HyperParameter? Find(string name) => All.FirstOrDefault(known => known.Name == name);

    /// <summary>A full configuration: the defaults with the given values put over them.</summary>
    public static ImmutableSortedDictionary<string, ParameterValue> Complete(ImmutableSortedDictionary<string, ParameterValue> values) =>
        All.ToImmutableSortedDictionary(known => known.Name, known => known.Default, StringComparer.Ordinal).SetItems(values);

    private static HyperParameter Number(string name, double value, double min, double max, string description) =>
        new(name, ParameterType.Float, ParameterValue.Of(value), min, max, [], description);

    private static HyperParameter Whole(string name, long value, long min, long max, string description) =>
        new(name, Int, ParameterValue.Of(value), min, max, [], description);

    private static HyperParameter Truth(string name, string description) => new(name, Bool, ParameterValue.Of(true), 0, 1, [], description);

    private static HyperParameter Name(string name, string value, ImmutableArray<string> options, string description) =>
        new(name, Text, ParameterValue.Of(value), 0, 0, options, description);
}
