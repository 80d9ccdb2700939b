using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using MlTr.Abstractions.Accounts;
using MlTr.Abstractions.Client;
using MlTr.Dashboard.Features.Accounts.Access;

namespace MlTr.Dashboard.Features.Accounts;

/// <summary>Asks for name and password; rendered by the server alone, because only a plain answer can set a cookie.</summary>
public sealed partial class LoginPage(IMlTrClient client, LoginState login)
{
    /// <summary>The page's address.</summary>
    internal const string Path = "/login";

    private string? _problem;

    [CascadingParameter] public HttpContext? Http { get; set; }

    [SupplyParameterFromForm] public string? Name { get; set; }

    [SupplyParameterFromForm] public string? Password { get; set; }

    [SupplyParameterFromQuery(Name = LoginCookie.ReturnParameter)] public string? Return { get; set; }

    [SupplyParameterFromQuery(Name = "changed")] public string? Changed { get; set; }

    protected override void OnInitialized()
    {
        if (!login.IsOn && HttpMethods.IsGet(Http!.Request.Method))
        {
            Http.Response.Redirect("/"); // nobody needs to log in yet
        }
    }

    private async Task LogInAsync()
    {
        try
        {
            if (await client.LogInAsync(Name ?? "", Password ?? "") is not { } identity)
            {
                _problem = "The name or the password is wrong.";
                return;
            }

            await Http!.SignInAsync(
                CookieAuthenticationDefaults.AuthenticationScheme,
                Principals.Of(identity, CookieAuthenticationDefaults.AuthenticationScheme, Guid.NewGuid().ToString("N")),
                new AuthenticationProperties { IsPersistent = true });
            Http!.Response.Redirect(LoginCookie.Local(Return));
        }
        catch (AccountsException refused)
        {
            _problem = refused.Message;
        }
    }
}
