using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Plotly.Blazor;
using Plotly.Blazor.Interop;
using Plotly.Blazor.LayoutLib;

namespace MlTr.Dashboard.Shared;

/// <summary>A chart of any kind; draws anew when it gets other traces, another layout or another theme.</summary>
public sealed partial class Plot : IDisposable
{
    private readonly Config _config = new() { Responsive = true, DisplayLogo = false, DisplayModeBar = Plotly.Blazor.ConfigLib.DisplayModeBarEnum.False };
    private IList<ITrace> _data = [];
    private Layout _layout = new();
    private PlotlyChart? _chart;
    private ElementReference _place;
    private (object Traces, bool Dark)? _shown;
    private bool _redraw;
    private bool _disposed;

    [Inject] internal Browser Browser { get; set; } = null!;

    [CascadingParameter(Name = "Dark")] public bool Dark { get; set; }

    /// <summary>What a person who cannot see the chart is told.</summary>
    [Parameter, EditorRequired] public string Label { get; set; } = "";

    /// <summary>A list that is replaced when it changes.</summary>
    [Parameter, EditorRequired] public IReadOnlyList<ITrace> Traces { get; set; } = [];

    /// <summary>Puts in what is special to the chart: axes and margins.</summary>
    [Parameter] public Action<Layout>? Shape { get; set; }

    [Parameter] public int Height { get; set; } = 300;

    /// <summary>True for kinds that the small script does not know.</summary>
    [Parameter] public bool Full { get; set; }

    /// <summary>The chart stands: its script is there.</summary>
    [Parameter] public EventCallback Drawn { get; set; }

    /// <summary>What a reader changed in the traces, such as a brush.</summary>
    [Parameter] public EventCallback<IDictionary<string, JsonElement>> Restyled { get; set; }

    public void Dispose() => _disposed = true;

    protected override void OnParametersSet()
    {
        if (_shown is { } shown && ReferenceEquals(shown.Traces, Traces) && shown.Dark == Dark)
        {
            return;
        }

        _shown = (Traces, Dark);
        _data = [.. Traces];
        _layout = MakeLayout();
        Shape?.Invoke(_layout);
        _redraw = true;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await Browser.ChartAsync(_place);
        }

        if (_redraw && _chart is not null && !firstRender && !_disposed)
        {
            _redraw = false;
            try
            {
                await _chart.React();
            }
            catch (Exception gone) when (gone is JSDisconnectedException or TaskCanceledException or ObjectDisposedException)
            {
                // The reader has left.
            }
        }
    }

    private Layout MakeLayout()
    {
        var (text, grid) = Palette.Ink(Dark);
        return new Layout
        {
            AutoSize = true,
            Height = Height,
            PaperBgColor = "rgba(0,0,0,0)",
            PlotBgColor = "rgba(0,0,0,0)",
            ShowLegend = false,
            UiRevision = "keep",
            Margin = new Margin { L = 56, R = 12, T = 8, B = 44 },
            Font = new Font { Color = text, Size = 12, Family = "system-ui, 'Segoe UI', 'Liberation Sans', sans-serif" },
            XAxis = [new XAxis { GridColor = grid, LineColor = grid, ZeroLine = false, AutoMargin = Plotly.Blazor.LayoutLib.XAxisLib.AutoMarginFlag.True }],
            YAxis = [new YAxis { GridColor = grid, LineColor = grid, ZeroLine = false, AutoMargin = Plotly.Blazor.LayoutLib.YAxisLib.AutoMarginFlag.True }],
        };
    }

    private async Task FirstDrawnAsync()
    {
        if (Restyled.HasDelegate && _chart is not null)
        {
            await _chart.SubscribeRestyleEvent();
        }

        await InvokeAsync(Drawn.InvokeAsync);
    }

    private void OnRestyle(RestyleEventData change) => _ = InvokeAsync(() => Restyled.InvokeAsync(change.Changes));
}
