using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Sweeps;
using MlTr.Dashboard.Shared;
using MudBlazor;

namespace MlTr.Dashboard.Features.Sweeps;

/// <summary>Says on whatever page is open that a sweep has ended, as soon as the platform pushes it.</summary>
public sealed partial class SweepToasts(IMlTrClient client, ISnackbar snackbar, NavigationManager navigation)
{
    private const int Known = 500;

    private readonly Dictionary<string, bool> _ended = new(StringComparer.Ordinal);
    private bool _listed;
    private DateTimeOffset _since; // what ended earlier is no news: a sweep that was deleted until now, for instance

    protected override void OnInitialized() => _since = Time.GetUtcNow();

    protected override Task FollowAsync(CancellationToken cancellationToken) => FollowAsync(client.WatchSweepsAsync, LoadAsync, ApplyAsync, cancellationToken);

    private async Task LoadAsync()
    {
        ShowLoaded(); // so that it tries again by itself, whatever happens
        foreach (var sweep in await client.ListSweepsAsync(take: Known))
        {
            See(sweep, isNews: _listed);
        }

        _listed = true;
    }

    private Task ApplyAsync(SweepSnapshot sweep)
    {
        See(sweep, isNews: true);
        return Task.CompletedTask;
    }

    private void See(SweepSnapshot sweep, bool isNews)
    {
        var hasEnded = sweep.EndedAt is not null;
        var isNew = !_ended.TryGetValue(sweep.Id, out var known);
        if (hasEnded && isNews && sweep.State != SweepState.Deleted && !known && !(isNew && sweep.EndedAt < _since) && !IsOpen(sweep))
        {
            Tell(sweep);
        }

        _ended[sweep.Id] = hasEnded;
    }

    /// <summary>Whether its page, or that of one of its trials, is what the reader looks at: it says so itself.</summary>
    private bool IsOpen(SweepSnapshot sweep) => new Uri(navigation.Uri).AbsolutePath is var path && path.StartsWith(Words.SweepHref(sweep.Id), StringComparison.Ordinal)
        && path.AsSpan(Words.SweepHref(sweep.Id).Length) is "" or ['/', ..];

    private void Tell(SweepSnapshot sweep)
    {
        var metric = MetricInfo.For(sweep.Spec.Objective.Metric);
        var best = sweep.Best is { } trial ? $" Best {metric.Label}: {metric.Show(trial.Objective)}, trial {trial.Id.Number}." : "";
        var (what, severity) = sweep.State switch
        {
            SweepState.Completed => ("has completed", Severity.Success),
            SweepState.Cancelled => ("was cancelled", Severity.Normal),
            _ => ("has ended, with trials that failed", Severity.Warning),
        };
        snackbar.Add($"{sweep.Spec.Name} {what}.{best}", severity, options =>
        {
            options.VisibleStateDuration = 10_000;
            options.Action = "Open";
            options.OnClick = _ =>
            {
                navigation.NavigateTo(Words.SweepHref(sweep.Id));
                return Task.CompletedTask;
            };
        }, key: $"ended {sweep.Id}");
    }
}
