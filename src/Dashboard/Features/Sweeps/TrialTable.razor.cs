using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Sweeps;

/// <summary>The trials of one sweep.</summary>
public sealed partial class TrialTable
{
    private MetricInfo metric = MetricInfo.For(MetricNames.MeanAveragePrecision);

    [Parameter, EditorRequired] public SweepView View { get; set; } = null!;

    [Parameter] public EventCallback<TrialSnapshot> Chosen { get; set; }

    protected override void OnParametersSet() => metric = MetricInfo.For(View.Sweep?.Spec.Objective.Metric ?? MetricNames.MeanAveragePrecision);

    internal static double Share(TrialSnapshot trial) => trial.State == TrialState.Completed ? 1 : trial.TotalSteps > 0 ? (double)trial.Step / trial.TotalSteps : 0;

    private static string Steps(TrialSnapshot trial) => trial.TotalSteps > 0 ? $"step {trial.Step} of {trial.TotalSteps}" : "not started";
}
