using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Shared;
using MudBlazor;

namespace MlTr.Dashboard.Features.Sweeps;

/// <summary>The buttons that change a sweep's life; what they did is seen through the page's own stream.</summary>
public sealed partial class SweepActions(IMlTrClient client, IDialogService dialogs, ISnackbar snackbar, NavigationManager navigation)
{
    internal const string By = "dashboard";

    private bool _busy;

    [Parameter, EditorRequired] public SweepSnapshot Sweep { get; set; } = null!;

    private int Failed => Sweep.Counts.GetValueOrDefault(TrialState.Failed);

    private int Cancelled => Sweep.Counts.GetValueOrDefault(TrialState.Cancelled);

    private string RetryText => (Failed + Cancelled, Failed, Cancelled) switch
    {
        (1, var failed, _) => $"Run the {(failed == 1 ? "failed" : "cancelled")} trial again",
        (var all, _, 0) => $"Run the {all} failed trials again",
        (var all, 0, _) => $"Run the {all} cancelled trials again",
        var (all, _, _) => $"Run the {all} failed and cancelled trials again",
    };

    private Task PauseAsync() => DoAsync("paused", () => client.PauseSweepAsync(Sweep.Id, "on its page", By));

    private Task ResumeAsync() => DoAsync("resumed", () => client.ResumeSweepAsync(Sweep.Id, "Resumed on the dashboard.", By));

    private Task RetryAsync() => DoAsync("run again", () => client.RetryTrialsAsync(Sweep.Id, reason: "Asked for on the dashboard.", by: By));

    private async Task CancelAsync()
    {
        var sure = await dialogs.ShowMessageBoxAsync(
            "Cancel this sweep?",
            "Queued trials are dropped at once, running ones stop at their next step. What has been measured is kept, and the missing trials can be run again later.",
            yesText: "Cancel the sweep",
            noText: "Let it run");
        if (sure == true)
        {
            await DoAsync("cancelled", () => client.CancelSweepAsync(Sweep.Id, "on its page", By));
        }
    }

    private Task ArchiveAsync() => BusyAsync(() => ArchiveAsync(client, snackbar, Sweep));

    private Task UnarchiveAsync() => BusyAsync(() => UnarchiveAsync(client, snackbar, Sweep));

    private Task DeleteAsync() => BusyAsync(() => DeleteAsync(client, snackbar, Sweep));

    /// <summary>Sets an ended sweep aside, and offers to undo that.</summary>
    internal static Task<bool> ArchiveAsync(IMlTrClient client, ISnackbar snackbar, SweepSnapshot sweep) => snackbar.TryAsync($"{sweep.Spec.Name} was not archived", async () =>
    {
        await client.SetArchivedAsync(sweep.Id, by: By);
        OfferUndo(snackbar, sweep, "archived", () => client.SetArchivedAsync(sweep.Id, archived: false, By));
    });

    /// <summary>Takes a sweep that was set aside back.</summary>
    internal static Task<bool> UnarchiveAsync(IMlTrClient client, ISnackbar snackbar, SweepSnapshot sweep) => snackbar.TryAsync($"{sweep.Spec.Name} was not unarchived", async () =>
    {
        await client.SetArchivedAsync(sweep.Id, archived: false, By);
        snackbar.RemoveByKey(UndoKey(sweep.Id));
    });

    /// <summary>Throws an ended sweep away, and offers to undo that.</summary>
    internal static Task<bool> DeleteAsync(IMlTrClient client, ISnackbar snackbar, SweepSnapshot sweep) => snackbar.TryAsync($"{sweep.Spec.Name} was not deleted", async () =>
    {
        await client.DeleteSweepAsync(sweep.Id, "Deleted on the dashboard.", By);
        OfferUndo(snackbar, sweep, "deleted", () => client.RestoreSweepAsync(sweep.Id, "Undone on the dashboard.", By));
    });

    private static void OfferUndo(ISnackbar snackbar, SweepSnapshot sweep, string done, Func<Task> undo) => snackbar.Add($"{sweep.Spec.Name} was {done}.", Severity.Normal, options =>
    {
        options.Action = "Undo";
        options.OnClick = _ => snackbar.TryAsync($"{sweep.Spec.Name} is still {done}", undo);
    }, key: UndoKey(sweep.Id));

    private Task RestoreAsync() => DoAsync("restored", () => client.RestoreSweepAsync(Sweep.Id, "Restored on the dashboard.", By));

    private async Task PurgeAsync()
    {
        _busy = true;
        if (await PurgeAsync(client, dialogs, snackbar, Sweep))
        {
            navigation.NavigateTo("/sweeps");
        }

        _busy = false;
    }

    /// <summary>Asks a person, and removes a sweep for good; there is nothing to undo then.</summary>
    /// <returns>Whether it is gone.</returns>
    internal static async Task<bool> PurgeAsync(IMlTrClient client, IDialogService dialogs, ISnackbar snackbar, SweepSnapshot sweep)
    {
        var sure = await dialogs.ShowMessageBoxAsync(
            "Delete this sweep for ever?",
            $"{Format.Count(sweep.TrialCount, "trial")} of {sweep.Spec.Name} with curves, logs and checkpoints are removed from the disk. This cannot be undone.",
            yesText: "Delete for ever",
            noText: "Keep it");
        return sure == true && await snackbar.TryAsync($"{sweep.Spec.Name} was not removed", async () =>
        {
            await client.PurgeSweepAsync(sweep.Id, By);
            snackbar.RemoveByKey(UndoKey(sweep.Id));
            snackbar.Add($"{sweep.Spec.Name} was deleted for ever.");
        });
    }

    private static string UndoKey(string sweepId) => $"undo {sweepId}";

    private Task DoAsync(string what, Func<Task> act) => BusyAsync(() => snackbar.TryAsync($"The sweep was not {what}", act));

    private async Task BusyAsync(Func<Task> act)
    {
        _busy = true;
        await act();
        _busy = false;
    }
}
