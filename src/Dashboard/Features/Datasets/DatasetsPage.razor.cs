using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Datasets;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Datasets;

/// <summary>All datasets, and the form for another one.</summary>
public sealed partial class DatasetsPage(IMlTrClient client, NavigationManager navigation)
{
    private ImmutableSortedDictionary<string, DatasetSnapshot> _datasets = ImmutableSortedDictionary.Create<string, DatasetSnapshot>(StringComparer.Ordinal);

    /// <summary>Anything: the form is open.</summary>
    [SupplyParameterFromQuery] public string? Register { get; set; }

    protected override async Task FollowAsync(CancellationToken cancellationToken)
    {
        await foreach (var changed in client.WatchDatasetsAsync(cancellationToken))
        {
            _datasets = _datasets.SetItems(changed.Select(dataset => KeyValuePair.Create(dataset.Id, dataset)));
            ShowLoaded();
        }
    }

    private static string Images(DatasetSnapshot dataset, string split) =>
        dataset.Splits.FirstOrDefault(one => one.Name == split)?.Images.ToString("N0", CultureInfo.InvariantCulture) ?? Format.None;
}
