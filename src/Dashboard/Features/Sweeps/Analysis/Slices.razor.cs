using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Trials;
using MlTr.Dashboard.Shared;
using Plotly.Blazor;
using Plotly.Blazor.LayoutLib;
using Plotly.Blazor.Traces;
using Plotly.Blazor.Traces.ScatterLib;
using Marker = Plotly.Blazor.Traces.ScatterLib.Marker;

namespace MlTr.Dashboard.Features.Sweeps.Analysis;

/// <summary>The objective against each parameter that varies, and over two of them.</summary>
public sealed partial class Slices
{
    private const int Raster = 40, Most = 1_000;

    private ImmutableArray<(TrialAxis Axis, IReadOnlyList<ITrace> Traces)> _slices = [];
    private IReadOnlyList<ITrace> _contour = [];
    private string? _seen;
    private int _drawn;
    private int _of;
    private bool _scriptIsThere;

    [Parameter, EditorRequired] public SweepView View { get; set; } = null!;

    [CascadingParameter(Name = "Dark")] public bool Dark { get; set; }

    private MetricInfo Info => MetricInfo.For(View.Sweep!.Spec.Objective.Metric);

    private ImmutableArray<TrialAxis> Numeric => [.. _slices.Select(slice => slice.Axis).Where(axis => axis.Numeric)];

    private TrialAxis Across => Numeric.FirstOrDefault(axis => axis.Name == FromQuery("x")) ?? Numeric[0];

    private TrialAxis Up => Numeric.FirstOrDefault(axis => axis.Name == FromQuery("y") && axis != Across) ?? Numeric.First(axis => axis != Across);

    private IEnumerable<(string, string)> Names => Numeric.Select(axis => (axis.Name, axis.Name));

    protected override void OnAddressSet()
    {
        (var trials, _of) = TrialSample.Valued(View, Most);
        _drawn = trials.Length;
        var now = $"{FromQuery("x")} {FromQuery("y")} {Dark} {string.Join(';', trials.Select(trial => $"{trial.Id.Number}={trial.Objective:R}"))}";
        if (now == _seen)
        {
            return;
        }

        _seen = now;
        _slices = trials.Length < 2 ? [] : [.. TrialAxis.Of(View.Sweep!.Spec, trials).Select(axis => (axis, (IReadOnlyList<ITrace>)[Dots(trials, axis.Position, trial => trial.Objective!.Value)]))];
        _contour = Numeric.Length < 2 ? [] : [Hills(trials), Dots(trials, Across.Position, Up.Position)];
    }

    private Scatter Dots(ImmutableArray<TrialSnapshot> trials, Func<TrialSnapshot, double> across, Func<TrialSnapshot, double> up) => new()
    {
        Mode = ModeFlag.Markers,
        X = [.. trials.Select(trial => (object)across(trial))],
        Y = [.. trials.Select(trial => (object)up(trial))],
        TextArray = [.. trials.Select(trial => $"trial {trial.Id.Number}: {Info.Show(trial.Objective)}<br>{string.Join("<br>", View.Varying(trial).Select(pair => $"{pair.Key} {Format.Value(pair.Key, pair.Value)}"))}")],
        HoverTemplate = "%{text}<extra></extra>",
        Marker = new Marker { Color = Palette.Curve(0, Dark), Size = 9, Opacity = 0.8m, Line = new Plotly.Blazor.Traces.ScatterLib.MarkerLib.Line { Color = "#ffffff", Width = 1 } },
    };

    private Contour Hills(ImmutableArray<TrialSnapshot> trials)
    {
        var (across, up) = (Across, Up);
        ImmutableArray<(double X, double Y, double)> points = [.. trials.Select(trial => (across.Position(trial), up.Position(trial), trial.Objective!.Value))];
        return new Contour
        {
            X = Places(points.Select(point => point.X)),
            Y = Places(points.Select(point => point.Y)),
            Z = [.. Surface.Interpolate(points, Raster)],
            ColorScale = "Viridis",
            ReverseScale = !View.Sweep!.Spec.Objective.Maximize,
            ColorBar = new Plotly.Blazor.Traces.ContourLib.ColorBar { TickFormat = Info.IsPercent ? ".1%" : "~g", Thickness = 14 },
            HoverTemplate = Info.IsPercent ? "%{z:.1%}<extra>guessed</extra>" : "%{z:.4~g}<extra>guessed</extra>",
        };
    }

    private static List<object> Places(IEnumerable<double> positions)
    {
        var all = positions.ToList();
        return [.. Enumerable.Range(0, Raster).Select(i => (object)(all.Min() + (i / (Raster - 1.0) * (all.Max() - all.Min()))))];
    }

    private void ShapeSlice(Layout layout, TrialAxis axis)
    {
        Write(layout.XAxis[0], axis);
        layout.YAxis[0].TickFormat = Info.IsPercent ? ".0%" : "~g";
        layout.YAxis[0].Title = new() { Text = Info.Label, Standoff = 6 };
    }

    private void ShapeContour(Layout layout)
    {
        Write(layout.XAxis[0], Across);
        (layout.YAxis[0].TickVals, layout.YAxis[0].TickText) = ([.. Up.Ticks.Select(tick => (object)tick.Position)], [.. Up.Ticks.Select(tick => (object)tick.Text)]);
        layout.YAxis[0].Title = new() { Text = Up.Name, Standoff = 6 };
    }

    private static void Write(XAxis drawn, TrialAxis axis)
    {
        (drawn.TickVals, drawn.TickText) = ([.. axis.Ticks.Select(tick => (object)tick.Position)], [.. axis.Ticks.Select(tick => (object)tick.Text)]);
        drawn.Title = new() { Text = axis.Name + (axis.Log ? " (log)" : ""), Standoff = 6 };
    }
}
