using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.WebUtilities;

namespace MlTr.Dashboard.Shared;

/// <summary>
/// A part of a page that reads the address by itself. Pages have <see cref="SupplyParameterFromQueryAttribute"/> for that; a part that comes or goes
/// with the address cannot: the framework's list of listeners breaks if it changes while the listeners are told.
/// </summary>
public abstract class AddressedComponent : ComponentBase, IDisposable
{
    private string? read;
    private bool disposed;

    /// <summary>Whether it is no longer shown: what it waited for has nowhere to go.</summary>
    protected bool IsGone => disposed;

    [Inject] protected NavigationManager Navigation { get; set; } = null!;

    /// <summary>Takes new parameters or a new address.</summary>
    protected abstract void OnAddressSet();

    /// <summary>A part of the query; null if it is not there.</summary>
    protected string? FromQuery(string name) => QueryHelpers.ParseQuery(new Uri(Navigation.Uri).Query).TryGetValue(name, out var value) ? value.ToString() : null;

    protected override void OnInitialized() => Navigation.LocationChanged += OnLocationChanged;

    protected sealed override void OnParametersSet()
    {
        read = Navigation.Uri;
        OnAddressSet();
    }

    public void Dispose()
    {
        disposed = true;
        Navigation.LocationChanged -= OnLocationChanged;
        GC.SuppressFinalize(this);
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change) => _ = InvokeAsync(() =>
    {
        if (!disposed && read != Navigation.Uri)
        {
            OnParametersSet();
            StateHasChanged();
        }
    });
}
