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

    protected override async Task FollowAsync(CancellationToken cancellationToken)
    {
        await foreach (var model in client.WatchModelAsync(Name, cancellationToken))
        {
            _model = model;
            ShowLoaded();
        }
    }

    private Task SetStageAsync(ModelVersion version, ModelStage stage) => DoAsync(() => snackbar.TryAsync(
        $"Version {version.Number} has its old stage", () => client.SetModelStageAsync(Name, version.Number, stage, "Changed on the dashboard.", SweepActions.By)));

    private Task DeleteAsync(ModelVersion version) => DoAsync(() => ModelActions.DeleteAsync(client, snackbar, Name, version));

    private Task RestoreAsync(ModelVersion version) => DoAsync(() => ModelActions.RestoreAsync(client, snackbar, Name, version));

    private Task PurgeAsync(ModelVersion version) => DoAsync(() => ModelActions.PurgeAsync(client, dialogs, snackbar, Name, version));

    private async Task DoAsync(Func<Task> act)
    {
        _busy = true;
        await act();
        _busy = false;
    }
}
