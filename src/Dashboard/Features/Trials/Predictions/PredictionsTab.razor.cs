using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Predictions;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Shared;
using MudBlazor;

namespace MlTr.Dashboard.Features.Trials.Predictions;

/// <summary>A page within the trial's page: has predictions computed, and follows how far they are.</summary>
public sealed partial class PredictionsTab(IMlTrClient client, ISnackbar snackbar)
{
    private PredictionsSnapshot? _state;

    /// <summary>Whether the trial has a checkpoint to look with.</summary>
    [Parameter] public bool HasCheckpoint { get; set; } = true;

    [Parameter, EditorRequired] public TrialId Id { get; set; }

    /// <summary>Whether the trial can no longer change.</summary>
    [Parameter] public bool Final { get; set; }

    protected override object FollowedKey => Id;

    protected override void Reset() => _state = null;

    protected override async Task FollowAsync(CancellationToken cancellationToken)
    {
        await foreach (var now in client.WatchPredictionsAsync(Id, cancellationToken))
        {
            _state = now;
            ShowLoaded();
        }
    }

    private async Task StartAsync() => await snackbar.TryAsync("The predictions were not computed", () => client.StartPredictionsAsync(Id));
}
