using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MlTr.Abstractions.Metrics;
using Plotly.Blazor;
using Plotly.Blazor.LayoutLib;
using Plotly.Blazor.LayoutLib.LegendLib;
using Plotly.Blazor.Traces;
using Plotly.Blazor.Traces.ScatterLib;
using Line = Plotly.Blazor.Traces.ScatterLib.Line;
using Marker = Plotly.Blazor.Traces.ScatterLib.Marker;

namespace MlTr.Dashboard.Shared;

/// <summary>
/// Lines over optimiser steps. Redraws when it gets other lines or another theme, at most ten times a second. A line of many points is drawn by the
/// lowest and highest of each stretch; of a stretch that the reader zooms into, the points themselves are asked for.
/// </summary>
public sealed partial class CurveChart : IDisposable
{
    private const int PointsPerLine = 400, PointsInStretch = 2_000;

    /// <summary>A slow browser gets more time: a redraw takes at most a fifth of it.</summary>
    private const int RestShare = 4;
    private static readonly TimeSpan RedrawEvery = TimeSpan.FromMilliseconds(100);

    private readonly Config _config = new() { Responsive = true, DisplayLogo = false, DisplayModeBar = Plotly.Blazor.ConfigLib.DisplayModeBarEnum.False };
    private IList<ITrace> _data = [];
    private Layout _layout = new();
    private PlotlyChart? _chart;
    private (IReadOnlyList<CurveLine> Lines, bool Dark, CurveShape Shape)? _shown;
    private int _drawn;
    private int _height;
    private bool _redraw;
    private bool _drawing;
    private bool _disposed;
    private bool _connected;
    private ElementReference _place;
    private DotNetObjectReference<CurveChart>? _self;
    private (long From, long To)? _stretch;
    private IReadOnlyList<CurveLine> _detail = [];

    [Inject] internal TimeProvider Time { get; set; } = null!;

    [Inject] internal Browser Browser { get; set; } = null!;

    [CascadingParameter(Name = "Dark")] public bool Dark { get; set; }

    [Parameter, EditorRequired] public string Title { get; set; } = "";

    [Parameter] public string? Explanation { get; set; }

    [Parameter] public string? Metric { get; set; }

    /// <summary>A list that is replaced when it changes.</summary>
    [Parameter, EditorRequired] public IReadOnlyList<CurveLine> Lines { get; set; } = [];

    /// <summary>Reads a stretch of the same lines, by their names; null if the lines hold all of their points.</summary>
    [Parameter] public Func<CurveWindow, Task<IReadOnlyList<CurveLine>>>? Detail { get; set; }

    [Parameter] public bool Percent { get; set; }

    /// <summary>True until it is known whether there are points.</summary>
    [Parameter] public bool Loading { get; set; }

    /// <summary>What the values count, written along their axis; not needed where ticks carry a percent sign.</summary>
    [Parameter] public string? Unit { get; set; }

    [Parameter] public bool ShowLegend { get; set; } = true;

    [Parameter] public CurveShape Shape { get; set; } = new();

    /// <summary>True where differences count beside the whole: cores or memory in use.</summary>
    [Parameter] public bool FromZero { get; set; }

    /// <summary>The last step of all charts of the page, so that a step stands at the same place in each; 0 where each goes its own way.</summary>
    [Parameter] public long Steps { get; set; }

    protected override void OnParametersSet()
    {
        var lines = Lines;
        if (_shown is { } shown && ReferenceEquals(lines, shown.Lines) && Dark == shown.Dark && Shape == shown.Shape)
        {
            return;
        }

        _shown = (lines, Dark, Shape);
        Draw();
    }

    /// <summary>The reader zoomed: the browser says which steps are in sight, or nothing for all of them.</summary>
    [JSInvokable]
    public Task ShowStretchAsync(double? from, double? to) => InvokeAsync(async () =>
    {
        _stretch = from is { } first && to is { } last && double.IsFinite(first) && double.IsFinite(last) ? (StepAt(Math.Floor(first)), StepAt(Math.Ceiling(last))) : null;
        if (Detail is null || _disposed)
        {
            return;
        }

        var asked = _stretch;
        var detail = asked is var (start, end) ? await Detail(new CurveWindow(PointsInStretch, start, end)) : [];
        if (asked == _stretch && !_disposed)
        {
            _detail = detail;
            Draw();
            StateHasChanged();
        }
    });

    private static long StepAt(double place) => (long)Math.Clamp(place, 0, 1e15);

    private void Draw()
    {
        var lines = Lines;
        _data = [.. lines.Select(Trace)];
        var legend = ShowLegend ? LegendHeight(lines.Where(line => !line.Faint).Select(line => line.Name.Length).ToList()) : 0;
        _height = 290 + legend;
        _layout = MakeLayout(legend, lines.SelectMany(line => line.Points).Select(point => point.Step).Distinct().Take(2).Count() < 2);
        _drawn = _data.Cast<Scatter>().Sum(trace => trace.X.Count);
        _redraw = true;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_chart is not null && !_connected)
        {
            _connected = true;
            _self = DotNetObjectReference.Create(this);
            await Browser.ChartAsync(_place, _self);
        }

        if (_drawing)
        {
            return;
        }

        _drawing = true;
        while (_redraw && _chart is not null && !_disposed)
        {
            _redraw = false;
            var started = Time.GetTimestamp();
            try
            {
                await _chart.React();
            }
            catch (Exception gone) when (gone is JSDisconnectedException or TaskCanceledException or ObjectDisposedException)
            {
                return;
            }

            var rest = RestShare * Time.GetElapsedTime(started);
            await Task.Delay(rest > RedrawEvery ? rest : RedrawEvery, Time);
        }

        _drawing = false;
    }

    public void Dispose()
    {
        _disposed = true;
        _self?.Dispose();
    }

    /// <summary>What is drawn of a line.</summary>
    internal ImmutableArray<CurvePoint> Drawn(int line) => Points(Lines[line]);

    /// <summary>Inside the stretch in sight its own points; around it, and where nothing is zoomed, the thinned line.</summary>
    private ImmutableArray<CurvePoint> Points(CurveLine line)
    {
        IReadOnlyList<CurvePoint> Shaped(IReadOnlyList<CurvePoint> points) => line.Faint ? points : Shape.Smooth(points);
        if (_stretch is not var (from, _) || _detail.FirstOrDefault(one => one.Name == line.Name && one.Faint == line.Faint) is not { Points: [.., var last] inside })
        {
            return CurveThinning.Thin(Shaped(line.Points), PointsPerLine);
        }

        var all = Shaped([.. line.Points.Where(point => point.Step < from), .. inside, .. line.Points.Where(point => point.Step > last.Step)]);
        return
        [
            .. CurveThinning.Thin([.. all.Where(point => point.Step < from)], PointsPerLine / 2),
            .. all.Where(point => point.Step >= from && point.Step <= last.Step),
            .. CurveThinning.Thin([.. all.Where(point => point.Step > last.Step)], PointsPerLine / 2),
        ];
    }

    private Scatter Trace(CurveLine line)
    {
        var points = Points(line);
        var colour = line.Shade is { } shade ? Palette.Shade(Dark ? 0.25 + (0.75 * shade) : 0.9 * shade) : Palette.Curve(line.Colour, Dark); // the ends of the scale fade into the ground
        return new Scatter
        {
            Name = line.Name,
            Mode = line.Dots || line.Points.Count == 1 ? ModeFlag.Lines | ModeFlag.Markers : ModeFlag.Lines,
            X = [.. points.Select(point => (object)point.Step)],
            Y = [.. points.Select(point => double.IsFinite(point.Value) ? (object)point.Value : null!)],
            Line = new Line { Color = colour, Width = line.Faint ? 1 : 2, Dash = line.Faint ? "dot" : line.Shade is null ? Palette.Dash(line.Colour) : "solid" },
            Marker = new Marker { Color = colour, Size = 7 },
            Opacity = line.Faint ? 0.35m : 1m,
            ShowLegend = !line.Faint,
            HoverTemplate = Percent ? "%{y:.1%}" : "%{y:.5~g}",
        };
    }

    /// <summary>The legend's room under the plot, so that it never lies on the axis: short names share a row; beyond ten rows it scrolls.</summary>
    private static int LegendHeight(List<int> lengths) =>
        lengths.Count == 0 ? 0 : 12 + (19 * Math.Min(10, lengths.Max() > 22 ? lengths.Count : (lengths.Count + 1) / 2));

    /// <summary>A single step has no range to draw: its axes begin at 0.</summary>
    private Layout MakeLayout(int legend, bool single)
    {
        var (text, grid) = Palette.Ink(Dark);
        return new Layout
        {
            AutoSize = true,
            Height = _height,
            PaperBgColor = "rgba(0,0,0,0)",
            PlotBgColor = "rgba(0,0,0,0)",
            HoverMode = HoverModeEnum.X,
            UiRevision = "keep", // zoom and hidden lines survive a redraw
            ShowLegend = ShowLegend,
            Margin = new Margin { L = 52, R = 12, T = 8, B = 46 + legend },
            Font = new Plotly.Blazor.LayoutLib.Font { Color = text, Size = 12, Family = "system-ui, 'Segoe UI', 'Liberation Sans', sans-serif" },
            Legend = [new Legend { Orientation = Plotly.Blazor.LayoutLib.LegendLib.OrientationEnum.H, X = 0, Y = 0, YRef = YRefEnum.Container, YAnchor = YAnchorEnum.Bottom, MaxHeight = Math.Max(legend, 20) }],
            XAxis = [new XAxis { AutoRangeOptions = Steps > 0 && !single && !Shape.LogX ? new() { Include = new[] { 0, Steps } } : null, Type = Shape.LogX ? Plotly.Blazor.LayoutLib.XAxisLib.TypeEnum.Log : Plotly.Blazor.LayoutLib.XAxisLib.TypeEnum.Linear, RangeMode = single ? Plotly.Blazor.LayoutLib.XAxisLib.RangeModeEnum.ToZero : Plotly.Blazor.LayoutLib.XAxisLib.RangeModeEnum.Normal, Title = new() { Text = "step", Standoff = 6 }, GridColor = grid, ZeroLine = false, LineColor = grid }],
            YAxis =
            [
                new YAxis
                {
                    Type = Shape.LogY ? Plotly.Blazor.LayoutLib.YAxisLib.TypeEnum.Log : Plotly.Blazor.LayoutLib.YAxisLib.TypeEnum.Linear,
                    AutoMargin = Plotly.Blazor.LayoutLib.YAxisLib.AutoMarginFlag.True,
                    GridColor = grid,
                    LineColor = grid,
                    RangeMode = single || FromZero ? Plotly.Blazor.LayoutLib.YAxisLib.RangeModeEnum.ToZero : Plotly.Blazor.LayoutLib.YAxisLib.RangeModeEnum.Normal,
                    TickFormat = Percent ? "~%" : "~g",
                    Title = new() { Text = Unit ?? "", Standoff = 6 },
                    ZeroLine = false,
                },
            ],
        };
    }
}
