using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace MlTr.Dashboard.Shared;

/// <summary>What pages ask of the browser beyond drawing.</summary>
internal sealed class Browser(IJSRuntime script)
{
    public async Task<bool> CopyAsync(string text)
    {
        try
        {
            return await script.InvokeAsync<bool>("mltr.copy", text);
        }
        catch (Exception failure) when (failure is JSException or JSDisconnectedException)
        {
            return false;
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
}
