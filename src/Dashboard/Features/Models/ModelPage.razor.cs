using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Models;
using MlTr.Dashboard.Features.Sweeps;
using MlTr.Dashboard.Shared;
using MudBlazor;

namespace MlTr.Dashboard.Features.Models;

/// <summary>One registered model with its versions.</summary>
public sealed partial class ModelPage(IMlTrClient client, IDialogService dialogs, ISnackbar snackbar)
{
    private ModelSnapshot? _model;
    private bool _busy;

    [Parameter] public string Name { get; set; } = "";

    protected override object FollowedKey => Name;

    protected override void Reset() => _model = null;

    /// <summary>A model changes rarely and has no stream.</summary>
    protected override async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await LoadAsync();
            await Task.Delay(ModelsPage.Poll, Time, cancellationToken);
        }
    }

    private async Task LoadAsync()
    {
        _model = await client.GetModelAsync(Name);
        ShowLoaded();
    }

    private Task SetStageAsync(ModelVersion version, ModelStage stage) =>
        DoAsync($"Version {version.Number} has its old stage", () => client.SetModelStageAsync(Name, version.Number, stage, "Changed on the dashboard.", SweepActions.By));

    private async Task DeleteAsync(ModelVersion version)
    {
        var sure = await dialogs.ShowMessageBoxAsync(
            $"Delete version {version.Number}?",
            $"Its weights ({Format.Bytes(version.Bytes)}) are removed from the disk. This cannot be undone; the trial that it comes from is not touched.",
            yesText: "Delete for ever",
            noText: "Keep it");
        if (sure == true)
        {
            await DoAsync($"Version {version.Number} was not deleted", () => client.DeleteModelVersionAsync(Name, version.Number, "Deleted on the dashboard.", SweepActions.By));
        }
    }

    private async Task DoAsync(string otherwise, Func<Task> act)
    {
        _busy = true;
        await snackbar.TryAsync(otherwise, async () =>
        {
            await act();
            await LoadAsync();
        });
        _busy = false;
    }
}
