namespace MlTr.Abstractions.Sweeps;

/// <summary>Specs to start from.</summary>
public static class SweepTemplates
{
    /// <summary>The id of the built-in dataset.</summary>
    public const string BuiltInDataset = "marks";

    /// <summary>What a new user runs first: MlTr-n on the built-in dataset, 2 x 3 trials, about three minutes on two CPU cores.</summary>
    public static SweepSpec FirstSweep { get; } = new(
        "First sweep",
        BuiltInDataset,
        [
            new ChoiceParameter("learning_rate", [ParameterValue.Of(3e-4), ParameterValue.Of(1e-3), ParameterValue.Of(3e-3)]),
            new ChoiceParameter("cross_window", [ParameterValue.Of(true), ParameterValue.Of(false)]),
            new ChoiceParameter("variant", [ParameterValue.Of("mltr-n")]),
            new ChoiceParameter("passes", [ParameterValue.Of(3L)]),
            new ChoiceParameter("batch_size", [ParameterValue.Of(32L)]),
            new ChoiceParameter("augmentation", [ParameterValue.Of("none")]),
        ],
        new SearchSpec(SearchKind.Grid),
        new Objective());
}
