using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
using MudBlazor;

namespace MlTr.Dashboard.Shared;

/// <summary>The frame around every page: navigation, theme, help, and what a failed page shows.</summary>
public sealed partial class MainLayout(IJSRuntime script, IDialogService dialogs, NavigationManager navigation) : IAsyncDisposable
{
    private readonly string[] _choices = ["system", "light", "dark"];
    private DotNetObjectReference<MainLayout>? _self;
    private ErrorBoundary? _boundary;
    private string _choice = "system";
    private bool _systemDark;
    private bool _dark;
    private bool _drawer = true;
    private bool _helpOpen;

    private string ThemeIcon => _choice switch
    {
        "light" => Icons.Material.Outlined.LightMode,
        "dark" => Icons.Material.Outlined.DarkMode,
        _ => Icons.Material.Outlined.BrightnessAuto,
    };

    private string ThemeText => $"Theme: {_choice}. Press for {_choices[(Array.IndexOf(_choices, _choice) + 1) % _choices.Length]}.";

    protected override void OnInitialized() => navigation.LocationChanged += OnLocationChanged;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _self = DotNetObjectReference.Create(this);
            var theme = await script.InvokeAsync<BrowserTheme?>("mltr.connect", _self);
            (_choice, _systemDark) = (theme?.Choice ?? "system", theme?.SystemDark ?? false);
            Apply();
        }
    }

    /// <summary>The browser's own theme changed.</summary>
    [JSInvokable]
    public Task OnSystemThemeAsync(bool dark) => InvokeAsync(() =>
    {
        _systemDark = dark;
        Apply();
    });

    /// <summary>Shows the help; also the <c>?</c> key.</summary>
    [JSInvokable]
    public Task ShowHelpAsync() => InvokeAsync(async () =>
    {
        if (!_helpOpen)
        {
            _helpOpen = true;
            var dialog = await dialogs.ShowAsync<HelpDialog>("Help");
            await dialog.Result;
            _helpOpen = false;
        }
    });

    public async ValueTask DisposeAsync()
    {
        navigation.LocationChanged -= OnLocationChanged;
        try
        {
            await script.InvokeVoidAsync("mltr.disconnect");
        }
        catch (Exception gone) when (gone is JSDisconnectedException or TaskCanceledException or InvalidOperationException)
        {
            // The browser has left before us.
        }

        _self?.Dispose();
    }

    private async Task NextThemeAsync()
    {
        _choice = _choices[(Array.IndexOf(_choices, _choice) + 1) % _choices.Length];
        Apply();
        await script.InvokeVoidAsync("mltr.setTheme", _choice);
    }

    private void Apply()
    {
        _dark = _choice == "dark" || (_choice == "system" && _systemDark);
        StateHasChanged();
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change) => _boundary?.Recover();

    private sealed record BrowserTheme(string Choice, bool SystemDark);
}
