using MlTr.Abstractions.Client;
using MlTr.Abstractions.Models;
using MlTr.Dashboard.Features.Sweeps;
using MlTr.Dashboard.Shared;
using MudBlazor;

namespace MlTr.Dashboard.Features.Models;

/// <summary>What becomes of a version; what was done is seen through the page's own stream.</summary>
internal static class ModelActions
{
    /// <summary>Throws a version away, and offers to undo that.</summary>
    public static Task DeleteAsync(IMlTrClient client, ISnackbar snackbar, string model, ModelVersion version) =>
        snackbar.TryAsync($"Version {version.Number} was not deleted", async () =>
        {
            await client.DeleteModelVersionAsync(model, version.Number, "Deleted on the dashboard.", SweepActions.By);
            snackbar.Add($"Version {version.Number} of {model} was deleted.", Severity.Normal, options =>
            {
                options.Action = "Undo";
                options.OnClick = _ => RestoreAsync(client, snackbar, model, version);
            }, key: UndoKey(model, version));
        });

    public static Task RestoreAsync(IMlTrClient client, ISnackbar snackbar, string model, ModelVersion version) =>
        snackbar.TryAsync($"Version {version.Number} was not restored", async () =>
        {
            await client.RestoreModelVersionAsync(model, version.Number, "Restored on the dashboard.", SweepActions.By);
            snackbar.RemoveByKey(UndoKey(model, version));
        });

    /// <summary>Asks a person, and removes a version for good; there is nothing to undo then.</summary>
    public static async Task PurgeAsync(IMlTrClient client, IDialogService dialogs, ISnackbar snackbar, string model, ModelVersion version)
    {
        var sure = await dialogs.ShowMessageBoxAsync(
            $"Delete version {version.Number} for ever?",
            $"Its weights ({Format.Bytes(version.Bytes)}) are removed from the disk. This cannot be undone; the trial that it comes from is not touched.",
            yesText: "Delete for ever",
            noText: "Keep it");
        if (sure == true)
        {
            await snackbar.TryAsync($"Version {version.Number} was not removed", async () =>
            {
                await client.PurgeModelVersionAsync(model, version.Number, SweepActions.By);
                snackbar.RemoveByKey(UndoKey(model, version));
            });
        }
    }

    private static string UndoKey(string model, ModelVersion version) => $"undo {model} {version.Number}";
}
