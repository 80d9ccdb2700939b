using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Net.Http.Headers;
using MlTr.Abstractions.Accounts;
using MlTr.Abstractions.Client;

namespace MlTr.Dashboard.Features.Accounts.Access;

/// <summary>Puts the login into a web host.</summary>
public static class LoginExtensions
{
    private const string CookieOrToken = "CookieOrToken";

    /// <summary>Adds it. Every endpoint that does not allow anonymous requests then asks for a login as soon as there is a user, and <see cref="IMlTrClient"/> for a role.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="client">The client that asks nobody for a role.</param>
    public static IServiceCollection AddMlTrLogin(this IServiceCollection services, Func<IServiceProvider, IMlTrClient> client)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<LoginState>();
        services.AddHostedService<LoginWatch>();
        services.AddKeyedSingleton(AccessKeys.Unguarded, (provider, _) => client(provider));
        services.TryAddScoped<Session>();
        services.AddScoped(provider => GuardedClient.Over(provider.GetRequiredKeyedService<IMlTrClient>(AccessKeys.Unguarded), provider.GetRequiredService<Session>()));
        services.AddScoped<AuthenticationStateProvider, CircuitLogin>();
        services.AddAuthentication(CookieOrToken)
            .AddPolicyScheme(CookieOrToken, null, scheme => scheme.ForwardDefaultSelector = Choose)
            .AddCookie(CookieAuthenticationDefaults.AuthenticationScheme, LoginCookie.Configure)
            .AddScheme<AuthenticationSchemeOptions, TokenHandler>(AccessKeys.Tokens, null);
        services.AddSingleton<IAuthorizationHandler, RoleHandler>();
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(Policy(UserRole.Viewer))
            .SetDefaultPolicy(Policy(UserRole.Viewer))
            .AddPolicy(AccessKeys.Editors, Policy(UserRole.Editor))
            .AddPolicy(AccessKeys.Admins, Policy(UserRole.Admin));
        return services;
    }

    /// <summary>Asks for the login from here on, and tells the request's session who has passed.</summary>
    public static IApplicationBuilder UseMlTrLogin(this IApplicationBuilder app)
    {
        app.UseAuthentication();
        app.UseAuthorization();
        app.Use(static (HttpContext context, RequestDelegate next) =>
        {
            context.RequestServices.GetRequiredService<Session>().Take(context.User.LoggedIn());
            return next(context);
        });
        return app;
    }

    private static string Choose(HttpContext context) => TokenHandler.IsMeant(context.Request.Headers[HeaderNames.Authorization]) ? AccessKeys.Tokens : CookieAuthenticationDefaults.AuthenticationScheme;

    private static AuthorizationPolicy Policy(UserRole role) => new AuthorizationPolicyBuilder().AddRequirements(new RoleRequirement(role)).Build();
}
