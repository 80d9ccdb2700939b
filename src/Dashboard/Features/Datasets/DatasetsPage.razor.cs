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
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(3);

    private ImmutableArray<DatasetSnapshot> _datasets = [];

    /// <summary>Anything: the form is open.</summary>
    [SupplyParameterFromQuery] public string? Register { get; set; }

    /// <summary>Datasets change rarely and have no stream.</summary>
    protected override async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            _datasets = await client.ListDatasetsAsync();
            ShowLoaded();
            await Task.Delay(Poll, Time, cancellationToken);
        }
    }

    private static string Images(DatasetSnapshot dataset, string split) =>
        dataset.Splits.FirstOrDefault(one => one.Name == split)?.Images.ToString("N0", CultureInfo.InvariantCulture) ?? Format.None;
}
