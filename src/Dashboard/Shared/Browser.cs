using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace MlTr.Dashboard.Shared;

/// <summary>What pages ask of the browser beyond drawing.</summary>
internal sealed class Browser(IJSRuntime script)
{
    public Task<bool> CopyAsync(string text) => TryAsync("mltr.copy", text);

    /// <summary>Gives the reader a file.</summary>
    public Task<bool> DownloadAsync(string name, string type, string text) => TryAsync("mltr.download", name, type, text);

    /// <summary>Keeps a text in this browser.</summary>
    public Task<bool> WriteAsync(string key, string text) => TryAsync("mltr.write", key, text);

    /// <summary>Keeps a text for as long as this tab is open; null forgets it.</summary>
    public Task<bool> KeepDraftAsync(string key, string? text) => TryAsync("mltr.keepDraft", key, text);

    /// <summary>What <see cref="KeepDraftAsync"/> kept.</summary>
    public Task<string?> ReadDraftAsync(string key) => ReadAsync("mltr.draft", key);

    /// <summary>What <see cref="WriteAsync"/> kept.</summary>
    public Task<string?> ReadAsync(string key) => ReadAsync("mltr.read", key);

    private async Task<string?> ReadAsync(string what, string key)
    {
        try
        {
            return await script.InvokeAsync<string?>(what, key);
        }
        catch (Exception failure) when (failure is JSException or JSDisconnectedException or TaskCanceledException)
        {
            return null;
        }
    }

    /// <summary>Keeps a chart as wide as its place.</summary>
    /// <param name="element">What holds the chart.</param>
    /// <param name="reference">Whom a zoom is told; null for a chart of its own.</param>
    public async Task ChartAsync(ElementReference element, object? reference = null)
    {
        try
        {
            await script.InvokeVoidAsync("mltr.chart", element, reference);
        }
        catch (Exception failure) when (failure is JSException or JSDisconnectedException or TaskCanceledException or ObjectDisposedException)
        {
            // Only comfort: the chart stands.
        }
    }

    public async Task ScrollToEndAsync(ElementReference element)
    {
        try
        {
            await script.InvokeVoidAsync("mltr.scrollToEnd", element);
        }
        catch (Exception failure) when (failure is JSException or JSDisconnectedException or TaskCanceledException)
        {
            // Only comfort: the reader can scroll.
        }
    }

    private async Task<bool> TryAsync(string what, params object?[] arguments)
    {
        try
        {
            return await script.InvokeAsync<bool>(what, arguments);
        }
        catch (Exception failure) when (failure is JSException or JSDisconnectedException)
        {
            return false;
        }
    }
}
