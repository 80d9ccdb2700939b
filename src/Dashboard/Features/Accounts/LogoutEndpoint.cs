using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MlTr.Dashboard.Features.Accounts.Access;

namespace MlTr.Dashboard.Features.Accounts;

/// <summary>Logs out in all tabs of the browser; no page can, because it has no answer to take the cookie back with.</summary>
internal static class LogoutEndpoint
{
    public const string Path = "/logout";

    public static void MapLogout(this IEndpointRouteBuilder endpoints) => endpoints.MapPost(Path, LogOutAsync).AllowAnonymous();

    internal static async Task<IResult> LogOutAsync(HttpContext context, IAntiforgery antiforgery, LoginState login)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
        {
            return Results.Text("This form is too old: go back, load the page again, and log out once more.", statusCode: StatusCodes.Status400BadRequest);
        }

        if (context.User.FindFirstValue(AccessKeys.Login) is { } id)
        {
            context.Response.OnCompleted(() =>
            {
                login.LogOut(id);
                return Task.CompletedTask;
            });
        }

        await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        return Results.LocalRedirect(LoginPage.Path);
    }
}
