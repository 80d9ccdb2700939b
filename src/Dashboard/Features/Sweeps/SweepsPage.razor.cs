using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Sweeps;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Sweeps;

/// <summary>All sweeps, live.</summary>
public sealed partial class SweepsPage(IMlTrClient client, NavigationManager navigation)
{
    private const int Page = 500;
    private readonly SweepList _sweeps = new();

    /// <summary>The search.</summary>
    [SupplyParameterFromQuery] public string? Q { get; set; }

    /// <summary>Only sweeps in this state.</summary>
    [SupplyParameterFromQuery] public string? State { get; set; }

    private IEnumerable<SweepSnapshot> Shown => _sweeps.All.Where(sweep =>
        (State is null || sweep.State.ToString().Equals(State, StringComparison.OrdinalIgnoreCase)) && Words.Matches(Q, sweep.Spec.Name, sweep.Spec.Dataset, sweep.Id));

    protected override void Reset() => _sweeps.Clear();

    protected override Task FollowAsync(CancellationToken cancellationToken) => FollowAsync(client.WatchSweepsAsync, LoadAsync, ApplyAsync, cancellationToken);

    private async Task LoadAsync()
    {
        foreach (var sweep in await client.ListSweepsAsync(0, Page))
        {
            _sweeps.Put(sweep);
        }

        ShowLoaded();
    }

    private Task ApplyAsync(SweepSnapshot sweep)
    {
        _sweeps.Put(sweep);
        RequestRender();
        return Task.CompletedTask;
    }
}
