using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using MlTr.Dashboard.Features.Accounts;
using MlTr.Dashboard.Features.Accounts.Access;
using MlTr.Dashboard.Features.Datasets;
using MlTr.Dashboard.Features.Leaderboards;
using MlTr.Dashboard.Features.Models;
using MlTr.Dashboard.Features.Trials;
using MlTr.Dashboard.Shared;
using MudBlazor;
using MudBlazor.Services;

namespace MlTr.Dashboard;

/// <summary>Puts the dashboard into a web host. The host also needs <c>UseMlTrLogin()</c>, <c>UseAntiforgery()</c> and <c>AddMlTrLogin()</c>, which brings the <c>IMlTrClient</c>.</summary>
public static class DashboardExtensions
{
    /// <summary>Adds what the pages need.</summary>
    public static IServiceCollection AddMlTrDashboard(this IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddAntiforgery();
        services.AddSingleton<FirstVisit>().AddHostedService(provider => provider.GetRequiredService<FirstVisit>());
        return services.AddPages();
    }

    /// <summary>What the pages ask for, wherever they are rendered.</summary>
    internal static IServiceCollection AddPages(this IServiceCollection services)
    {
        services.AddMudServices(mud =>
        {
            mud.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomLeft;
            mud.SnackbarConfiguration.VisibleStateDuration = 4_000;
        });
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<BoardFeed>();
        services.AddMemoryCache();
        services.TryAddSingleton<LoginState>();
        services.TryAddScoped<Session>();
        services.AddScoped<PageClock>();
        services.AddScoped<Browser>();
        return services;
    }

    /// <summary>Maps the pages and their static files.</summary>
    public static IEndpointRouteBuilder MapMlTrDashboard(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapStaticAssets().AllowAnonymous(); // the page that asks for a login needs them too
        endpoints.MapLogout();
        endpoints.MapPictures();
        endpoints.MapPackages();
        endpoints.MapCheckpoints();
        endpoints.MapRazorComponents<App>().AddInteractiveServerRenderMode();
        return endpoints;
    }
}
