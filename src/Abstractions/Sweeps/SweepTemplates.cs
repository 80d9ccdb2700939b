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
}
