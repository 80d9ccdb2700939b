using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Sweeps;
using MlTr.Dashboard.Shared;
using MudBlazor;

namespace MlTr.Dashboard.Features.Sweeps;

/// <summary>All sweeps, live.</summary>
public sealed partial class SweepsPage(IMlTrClient client, NavigationManager navigation, IDialogService dialogs, ISnackbar snackbar)
{
    private const int Page = 500, Drawn = 50;
    private readonly SweepList _sweeps = new();
    private int _drawn = Drawn;
    private readonly HashSet<string> _news = new(StringComparer.Ordinal); // what the stream brought while a page of the list was under way
    private int _loaded;
    private bool _hasOlder;
    private bool _isLoading;

    /// <summary>The search.</summary>
    [SupplyParameterFromQuery] public string? Q { get; set; }

    /// <summary>Only sweeps in this state.</summary>
    [SupplyParameterFromQuery] public string? State { get; set; }

    private IEnumerable<SweepSnapshot> Shown => (ShowsDeleted ? _sweeps.Deleted : ShowsArchived ? _sweeps.Archived : _sweeps.Current).Where(sweep =>
        (State is null || ShowsDeleted || ShowsArchived || sweep.State.ToString().Equals(State, StringComparison.OrdinalIgnoreCase)) && Words.Matches(Q, [sweep.Spec.Name, sweep.Spec.Dataset, sweep.Id, sweep.StartedBy, .. sweep.Tags]));

    private bool ShowsDeleted => string.Equals(State, nameof(SweepState.Deleted), StringComparison.OrdinalIgnoreCase);

    private bool ShowsArchived => string.Equals(State, SweepSnapshot.ArchivedTag, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<SweepState> Filters => Enum.GetValues<SweepState>().Where(state => state != SweepState.Deleted);

    protected override void Reset()
    {
        _sweeps.Clear();
        (_drawn, _loaded) = (Drawn, 0);
    }

    protected override Task FollowAsync(CancellationToken cancellationToken) => FollowAsync(client.WatchSweepsAsync, LoadAsync, ApplyAsync, cancellationToken);

    private async Task LoadAsync()
    {
        // Also again after a broken stream: as much as was there, from the newest on.
        var wanted = _loaded;
        _loaded = 0;
        do
        {
            await LoadOlderAsync();
        }
        while (_hasOlder && _loaded < wanted);

        foreach (var sweep in await client.ListSweepsAsync(0, Page, deleted: true))
        {
            _sweeps.Put(sweep);
        }

        ShowLoaded();
    }

    /// <summary>The next page of older sweeps; of those started meanwhile the stream tells.</summary>
    private async Task LoadOlderAsync()
    {
        _news.Clear();
        var page = await client.ListSweepsAsync(_loaded, Page);
        foreach (var sweep in page.Where(sweep => !_news.Contains(sweep.Id)))
        {
            _sweeps.Put(sweep);
        }

        (_loaded, _hasOlder) = (_loaded + page.Length, page.Length == Page);
    }

    private async Task ShowMoreAsync()
    {
        if (_isLoading)
        {
            return;
        }

        _drawn += Drawn;
        if (_hasOlder && _drawn > Shown.Count())
        {
            _isLoading = true;
            await snackbar.TryAsync("Older sweeps were not loaded", LoadOlderAsync);
            _isLoading = false;
        }
    }

    private async Task RestoreAsync(SweepSnapshot sweep) => await snackbar.TryAsync($"{sweep.Spec.Name} was not restored", () => client.RestoreSweepAsync(sweep.Id, "Restored on the dashboard.", SweepActions.By));

    private async Task PurgeAsync(SweepSnapshot sweep)
    {
        if (await SweepActions.PurgeAsync(client, dialogs, snackbar, sweep))
        {
            _sweeps.Remove(sweep.Id);
        }
    }

    private Task ApplyAsync(SweepSnapshot sweep)
    {
        _news.Add(sweep.Id);
        if (sweep.State == SweepState.Deleted && _sweeps.All.Any(known => known.Id == sweep.Id))
        {
            _loaded = Math.Max(0, _loaded - 1); // the list has one less before the place where the next page begins
        }

        _sweeps.Put(sweep);
        RequestRender();
        return Task.CompletedTask;
    }
}
