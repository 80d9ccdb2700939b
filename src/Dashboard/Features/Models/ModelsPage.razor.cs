using System.Collections.Immutable;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Models;

namespace MlTr.Dashboard.Features.Models;

/// <summary>All registered models.</summary>
public sealed partial class ModelsPage(IMlTrClient client)
{
    internal static readonly TimeSpan Poll = TimeSpan.FromSeconds(3);

    private ImmutableArray<ModelSnapshot> _models = [];

    /// <summary>Models change rarely and have no stream.</summary>
    protected override async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            _models = await client.ListModelsAsync();
            ShowLoaded();
            await Task.Delay(Poll, Time, cancellationToken);
        }
    }
}
