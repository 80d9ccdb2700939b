using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Sweeps;

/// <summary>One sweep, live through a single subscription.</summary>
public sealed partial class SweepPage(IMlTrClient client, NavigationManager navigation)
{
    private static readonly ImmutableArray<(string Key, string Text)> Tabs =
    [
        ("trials", "Trials"), ("leaderboard", "Leaderboard"), ("curves", "Curves"), ("parallel", "Parallel coordinates"), ("importance", "Importance"), ("slices", "Slices"),
        ("grid", "Grid"), ("timeline", "Timeline"), ("events", "Events"),
    ];

    private SweepView _view = new();
    private Task? _curves;

    [Parameter] public string SweepId { get; set; } = "";

    [SupplyParameterFromQuery] public string? Tab { get; set; }

    /// <summary>How far curves are smoothed, 0..1.</summary>
    [SupplyParameterFromQuery] public double? Smooth { get; set; }

    /// <summary>Which axes of the curves are logarithmic: x, y or xy.</summary>
    [SupplyParameterFromQuery] public string? Log { get; set; }

    /// <summary>The parameter that colours the curves.</summary>
    [SupplyParameterFromQuery] public string? Colour { get; set; }

    private CurveShape Shape => new(Math.Clamp(Smooth ?? 0, 0, 0.99), Log?.Contains('x', StringComparison.Ordinal) == true, Log?.Contains('y', StringComparison.Ordinal) == true);

    protected override object FollowedKey => SweepId;

    private string Shown => Tabs.Any(tab => tab.Key == Tab) ? Tab! : "trials";

    /// <summary>Points of each curve: more than a chart draws, so that smoothing has something to go on.</summary>
    private static readonly CurveWindow Window = new(400);

    protected override void Reset() => (_view, _curves) = (new SweepView(), null);

    protected override async Task OnParametersSetAsync()
    {
        await base.OnParametersSetAsync();
        if (EnsureCurves() is { } loading)
        {
            _ = RestartIfItFailsAsync(loading);
        }
    }

    protected override Task FollowAsync(CancellationToken cancellationToken) =>
        FollowAsync(token => client.WatchSweepChangesAsync(SweepId, token), LoadAsync, ApplyAsync, cancellationToken);

    private async Task LoadAsync()
    {
        var view = _view;
        var (sweep, trials) = (client.GetSweepAsync(SweepId), client.GetTrialsAsync(SweepId));
        view.Load(await sweep, await trials);
        ShowLoaded();
        _curves = null; // after an interruption they have grown without this page
        if (EnsureCurves() is { } curves)
        {
            await curves; // its failure is the page's
        }
    }

    /// <summary>Curves are read when somebody looks at them.</summary>
    /// <returns>The reading that has begun; null if there is nothing to read.</returns>
    private Task? EnsureCurves() => _curves is null && Shown == "curves" && _view.Sweep is not null ? _curves = LoadCurvesAsync(_view) : null;

    private async Task LoadCurvesAsync(SweepView view)
    {
        view.ExpectCurves();
        var drawn = view.Drawn();
        var metrics = view.Metrics;
        var curves = await Task.WhenAll(metrics.Select(metric => client.GetSweepCurvesAsync(SweepId, metric, drawn, Window)));
        foreach (var (metric, loaded) in metrics.Zip(curves))
        {
            view.LoadCurves(metric, loaded);
        }

        view.CurvesAreLoaded();
        RenderAtOnce();
    }

    private async Task<IReadOnlyList<CurveLine>> DetailAsync(string metric, CurveWindow window) =>
        _view.Lines(metric, await client.GetSweepCurvesAsync(SweepId, metric, _view.Drawn(metric), window), Colour);

    private Task ApplyAsync(SweepEvent happened)
    {
        _view.Apply(happened);
        RequestRender();
        return Task.CompletedTask;
    }
}
