using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Client;
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

    protected override void Reset() => _view = new SweepView();

    protected override Task FollowAsync(CancellationToken cancellationToken) =>
        FollowAsync(token => client.WatchSweepAsync(SweepId, token), LoadAsync, ApplyAsync, cancellationToken);

    private async Task LoadAsync()
    {
        var view = _view;
        view.Load(await client.GetSweepAsync(SweepId), await client.GetTrialsAsync(SweepId));
        ShowLoaded();
        foreach (var metric in view.Metrics)
        {
            view.LoadCurves(metric, await client.GetSweepCurvesAsync(SweepId, metric));
        }

        RequestRender();
    }

    private Task ApplyAsync(SweepEvent happened)
    {
        _view.Apply(happened);
        RequestRender();
        return Task.CompletedTask;
    }
}
