using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using MlTr.Abstractions.Client;

namespace MlTr.Dashboard.Features.Accounts.Access;

/// <summary>How the login's cookie behaves. Each request asks whether its user is still who was let in.</summary>
internal static class LoginCookie
{
    public const string ReturnParameter = "return";

    public static readonly TimeSpan Duration = TimeSpan.FromDays(3);

    public static void Configure(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = AccessKeys.Cookie;
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax; // strict would ask for a login at each link from elsewhere
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.ExpireTimeSpan = Duration;
        options.SlidingExpiration = true;
        options.LoginPath = LoginPage.Path;
        options.ReturnUrlParameter = ReturnParameter;
        options.Events.OnValidatePrincipal = ValidateAsync;
        options.Events.OnRedirectToLogin = AskForLoginAsync;
        options.Events.OnRedirectToAccessDenied = RefuseAsync;
    }

    /// <summary>An address on this site, or the home page: a login must not lead elsewhere.</summary>
    public static string Local(string? address) =>
        address is ['/', ..] && address is not ['/', '/' or '\\', ..] && !address.Any(char.IsControl) ? address : "/";

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var client = context.HttpContext.RequestServices.GetRequiredKeyedService<IMlTrClient>(AccessKeys.Unguarded);
        var login = context.HttpContext.RequestServices.GetRequiredService<LoginState>();
        if (context.Principal?.LoggedIn() is not { } known || login.HasEnded(context.Principal.FindFirstValue(AccessKeys.Login)) || await client.CheckSessionAsync(known.User, known.Stamp) is null)
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        }
    }

    /// <summary>A page leads to the login; a program is told by the status.</summary>
    private static Task AskForLoginAsync(RedirectContext<CookieAuthenticationOptions> context)
    {
        var request = context.Request;
        if (HttpMethods.IsGet(request.Method) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Redirect($"{LoginPage.Path}?{ReturnParameter}={Uri.EscapeDataString(request.Path + request.QueryString)}");
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        }

        return Task.CompletedTask;
    }

    private static Task RefuseAsync(RedirectContext<CookieAuthenticationOptions> context)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsync("Your role does not allow this: ask an admin.");
    }
}
