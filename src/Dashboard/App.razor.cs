using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard;

/// <summary>The document around every page.</summary>
public sealed partial class App
{
    // Not prerendered: a page would ask the cluster for everything twice, and the theme is known only to the browser.
    private static readonly IComponentRenderMode Interactive = new InteractiveServerRenderMode(prerender: false);

    // None for a page that the server renders alone.
    private IComponentRenderMode? Mode => Http?.AcceptsInteractiveRouting() == false ? null : Interactive;

    [CascadingParameter] public HttpContext? Http { get; set; }

    protected override void OnInitialized()
    {
        if (Http?.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>()?.Type == typeof(NotFoundPage))
        {
            // At the last moment: set earlier, the renderer would leave the body to a status page middleware.
            Http.Response.OnStarting(() =>
            {
                Http.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            });
        }
    }
}
