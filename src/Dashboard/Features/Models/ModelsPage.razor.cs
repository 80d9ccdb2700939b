using System.Collections.Immutable;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Models;
using MudBlazor;

namespace MlTr.Dashboard.Features.Models;

/// <summary>All registered models.</summary>
public sealed partial class ModelsPage(IMlTrClient client, IDialogService dialogs, ISnackbar snackbar)
{
    private ImmutableSortedDictionary<string, ModelSnapshot> _all = ImmutableSortedDictionary.Create<string, ModelSnapshot>(StringComparer.Ordinal);

    /// <summary>Whether there is a trial to register; asked only where the page is empty.</summary>
    private bool _hasResults;

    private ImmutableArray<ModelSnapshot> Models => [.. _all.Values.Where(model => !model.Versions.IsEmpty)];

    private ImmutableArray<(string Model, ModelVersion Version)> Deleted =>
        [.. _all.Values.SelectMany(model => model.Deleted.Select(version => (model.Name, version))).OrderByDescending(one => one.version.DeletedAt)];

    protected override async Task FollowAsync(CancellationToken cancellationToken)
    {
        await foreach (var changed in client.WatchModelsAsync(cancellationToken))
        {
            _all = _all.SetItems(changed.Select(model => KeyValuePair.Create(model.Name, model)));
            _hasResults = !Models.IsEmpty || (await client.GetTopAsync(1)).Rows.Any(row => row.Trial.HasResult);
            ShowLoaded();
        }
    }

    private Task RestoreAsync((string Model, ModelVersion Version) one) => ModelActions.RestoreAsync(client, snackbar, one.Model, one.Version);

    private Task PurgeAsync((string Model, ModelVersion Version) one) => ModelActions.PurgeAsync(client, dialogs, snackbar, one.Model, one.Version);
}
