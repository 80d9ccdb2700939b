using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Compare;

/// <summary>Up to ten trials side by side: what differs, their curves, their classes, their metrics.</summary>
public sealed partial class ComparePage(IMlTrClient client, NavigationManager navigation)
{
    /// <summary>How many trials still can be told apart.</summary>
    public const int Most = 10;

    private const int PointsPerCurve = 1_000;

    private CompareView _view = new();

    /// <summary>Their ids, parted by commas.</summary>
    [SupplyParameterFromQuery] public string? Trials { get; set; }

    [SupplyParameterFromQuery] public string? Metric { get; set; }

    /// <summary>The place, from 1, of the trial that the classes of the others are measured against.</summary>
    [SupplyParameterFromQuery] public int? Against { get; set; }

    /// <summary>The page that compares these trials.</summary>
    public static string Href(IEnumerable<TrialId> trials) => $"/compare?trials={Uri.EscapeDataString(string.Join(',', trials))}";

    protected override object FollowedKey => (Trials, Shown);

    private string Shown => Metric is { Length: > 0 } metric ? metric : MetricNames.MeanAveragePrecision;

    private int Base => Math.Clamp((Against ?? 1) - 1, 0, Math.Max(0, _view.Trials.Length - 1));

    protected override void Reset() => _view = new CompareView();

    protected override async Task FollowAsync(CancellationToken cancellationToken)
    {
        var (view, metric, ids, loaded) = (_view, Shown, Asked(), new TaskCompletionSource());
        using var all = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var streams = ids.Select(id => id.SweepId).Distinct().Select(sweep => FollowAsync(
            token => client.WatchSweepChangesAsync(sweep, token), () => loaded.Task, happened => ApplyAsync(view, metric, happened), all.Token)).ToList();
        try
        {
            await LoadAsync(view, metric, ids); // with every stream open: what happens meanwhile is not missed
            ShowLoaded();
            loaded.SetResult();
            while (streams.Count > 0)
            {
                var ended = await Task.WhenAny(streams); // the first to fail is the reason; an ending one lets the others go on
                streams.Remove(ended);
                await ended;
            }
        }
        finally
        {
            loaded.TrySetCanceled(CancellationToken.None);
            await all.CancelAsync();
        }
    }

    private ImmutableArray<TrialId> Asked() =>
        [.. (Trials ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(TrialId.Parse).Distinct().Take(Most)];

    private async Task LoadAsync(CompareView view, string metric, ImmutableArray<TrialId> ids)
    {
        foreach (var sweep in ids.Select(id => id.SweepId).Distinct())
        {
            view.Specs[sweep] = (await client.GetSweepAsync(sweep)).Spec;
        }

        view.Load(await Task.WhenAll(ids.Select(client.GetTrialAsync)));
        foreach (var (id, curves) in ids.Zip(await Task.WhenAll(ids.Select(id => client.GetCurvesAsync(id, new CurveWindow(PointsPerCurve), metric)))))
        {
            view.LoadCurve(id, curves.FirstOrDefault(curve => curve.Name == metric));
        }
    }

    private async Task<IReadOnlyList<CurveLine>> DetailAsync(CurveWindow window)
    {
        var (view, metric) = (_view, Shown);
        var ids = view.Trials.Select(trial => trial.Trial.Id).ToList();
        var curves = await Task.WhenAll(ids.Select(id => client.GetCurvesAsync(id, window, metric)));
        return view.Lines(metric, ids.Zip(curves, (id, found) => (id, Curve: found.FirstOrDefault())).Where(one => one.Curve is not null).ToDictionary(one => one.id, one => new LiveCurve(one.Curve!)));
    }

    private Task ApplyAsync(CompareView view, string metric, SweepEvent happened)
    {
        if (view.Apply(happened, metric))
        {
            RequestRender();
        }

        return Task.CompletedTask;
    }

    private string Without(TrialDetails trial) => Href(_view.Trials.Where(one => one != trial).Select(one => one.Trial.Id));
}
