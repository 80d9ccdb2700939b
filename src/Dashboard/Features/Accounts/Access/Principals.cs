using System.Security.Claims;
using MlTr.Abstractions.Accounts;

namespace MlTr.Dashboard.Features.Accounts.Access;

/// <summary>An <see cref="Identity"/> as ASP.NET Core carries it, and back.</summary>
internal static class Principals
{
    /// <param name="identity">Who it is.</param>
    /// <param name="scheme">How it was proved.</param>
    /// <param name="login">An id by which this login can be ended; null for none.</param>
    public static ClaimsPrincipal Of(Identity identity, string scheme, string? login = null)
    {
        var claims = new ClaimsIdentity([new(ClaimTypes.Name, identity.User), new(ClaimTypes.Role, identity.Role.ToString()), new(AccessKeys.Stamp, identity.Stamp)], scheme);
        if (login is not null)
        {
            claims.AddClaim(new Claim(AccessKeys.Login, login));
        }

        return new ClaimsPrincipal(claims);
    }

    /// <summary>Null for somebody who has not logged in.</summary>
    public static Identity? LoggedIn(this ClaimsPrincipal principal) =>
        principal.Identity is { IsAuthenticated: true, Name: { } name } && AccountRules.ParseRole(principal.FindFirstValue(ClaimTypes.Role)) is { } role
            ? new Identity(name, role, principal.FindFirstValue(AccessKeys.Stamp) ?? "")
            : null;
}
