using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using MlTr.Abstractions.Client;

namespace MlTr.Dashboard.Features.Accounts.Access;

/// <summary>Lets programs in with <c>Authorization: Bearer TOKEN</c>.</summary>
internal sealed class TokenHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, [FromKeyedServices(AccessKeys.Unguarded)] IMlTrClient client)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    private const string Start = "Bearer ";

    public static bool IsMeant(string? authorization) => authorization?.StartsWith(Start, StringComparison.OrdinalIgnoreCase) == true;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers[HeaderNames.Authorization].ToString();
        if (!IsMeant(header))
        {
            return AuthenticateResult.NoResult();
        }

        return await client.CheckTokenAsync(header[Start.Length..].Trim()) is { } identity
            ? AuthenticateResult.Success(new AuthenticationTicket(Principals.Of(identity with { Stamp = "" }, Scheme.Name), Scheme.Name))
            : AuthenticateResult.Fail("The token is unknown, expired or revoked.");
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return base.HandleChallengeAsync(properties);
    }
}
