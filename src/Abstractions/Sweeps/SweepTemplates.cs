using System.Collections.Immutable;

namespace MlTr.Abstractions.Sweeps;

/// <summary>Specs to start from.</summary>
public static class SweepTemplates
{
    /// <summary>The id of the built-in dataset.</summary>
    public const string BuiltInDataset = "marks";

    /// <summary>
    /// What a new user runs first: MlTr-n on the built-in dataset, 2 x 3 trials, about three minutes on two CPU cores. The paper's recipe is made for 200
    /// passes; this one is for two: small batches, weights that start by their width, a milder loss on the absent classes, and no average of weights that
    /// have just begun to move.
    /// </summary>
    public static SweepSpec FirstSweep { get; } = new(
        "First sweep",
        BuiltInDataset,
        [
            new ChoiceParameter("learning_rate", [ParameterValue.Of(1e-4), ParameterValue.Of(1e-3), ParameterValue.Of(1e-2)]),
            new ChoiceParameter("cross_window", [ParameterValue.Of(true), ParameterValue.Of(false)]),
            new ChoiceParameter("variant", [ParameterValue.Of("mltr-n")]),
            new ChoiceParameter("passes", [ParameterValue.Of(2L)]),
            new ChoiceParameter("batch_size", [ParameterValue.Of(16L)]),
            new ChoiceParameter("weight_decay", [ParameterValue.Of(1e-2)]),
            new ChoiceParameter("ema_decay", [ParameterValue.Of(0.0)]),
            new ChoiceParameter("gamma_negative", [ParameterValue.Of(2.0)]),
            new ChoiceParameter("initialization", [ParameterValue.Of("fan_in")]),
            new ChoiceParameter("augmentation", [ParameterValue.Of("none")]),
        ],
        new SearchSpec(SearchKind.Grid),
        new Objective());

    /// <summary>The six rungs of the paper's Table 5, from fixed windows to the whole network, three seeds each: a mechanism is on only with those before it.</summary>
    public static SweepSpec Ablations { get; } = Small("Ablations (Table 5)")
        .Choice("relative_position_bias", false, true)
        .Choice("shift", false, true)
        .Choice("cross_window", false, true)
        .Choice("arc_sigmoid", false, true)
        .Choice("object_token", false, true)
        .Choice("seed", 0, 1, 2)
        .Require("relative_position_bias or not shift")
        .Require("shift or not cross_window")
        .Require("cross_window or not arc_sigmoid")
        .Require("arc_sigmoid or not object_token")
        .Fixed("learning_rate", 1e-3)
        .Build();

    /// <summary>The scales of the arc sigmoid of the paper's Table 6, three seeds each.</summary>
    public static SweepSpec ArcScale { get; } = Small("Scale of the arc sigmoid (Table 6)").Choice("arc_scale", 4, 8, 16, 32).Choice("seed", 0, 1, 2).Fixed("learning_rate", 1e-3).Build();

    /// <summary>Finds a learning rate and what goes with it: TPE over 20 trials, the worse ones held by ASHA.</summary>
    public static SweepSpec LearningRate { get; } = Small("Learning rate").Tpe(trials: 20, seed: 1)
        .Range("learning_rate", 1e-4, 1e-2, log: true).Range("weight_decay", 1e-4, 1e-1, log: true).StopByAsha(minPasses: 1, reduction: 2).Build();

    /// <summary>What a larger network brings.</summary>
    public static SweepSpec Sizes { get; } = SweepBuilder.Named("Sizes").Grid().Choice("variant", "mltr-n", "mltr-t").Choice("learning_rate", 3e-4, 1e-3).Recipe().Build();

    /// <summary>All, by the name that addresses use.</summary>
    public static ImmutableArray<(string Key, string Title, SweepSpec Spec)> All { get; } =
    [
        ("first-sweep", "First sweep", FirstSweep),
        ("ablations", "Ablations (Table 5)", Ablations),
        ("arc-scale", "Arc scale (Table 6)", ArcScale),
        ("learning-rate", "Learning rate", LearningRate),
        ("sizes", "Sizes", Sizes),
    ];

    private static SweepBuilder Small(string name) => SweepBuilder.Named(name).Recipe().Fixed("variant", "mltr-n");

    /// <summary>The recipe of the first sweep, for four passes.</summary>
    private static SweepBuilder Recipe(this SweepBuilder sweep) => sweep
        .Fixed("passes", 4).Fixed("batch_size", 16).Fixed("ema_decay", 0.0).Fixed("gamma_negative", 2.0).Fixed("initialization", "fan_in").Fixed("augmentation", "none");
}
