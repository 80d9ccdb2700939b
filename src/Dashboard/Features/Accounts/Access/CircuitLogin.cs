using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MlTr.Abstractions.Client;

namespace MlTr.Dashboard.Features.Accounts.Access;

/// <summary>
/// Tells a page's session who has connected, and ends it when that user is gone or has another password or role: at once when the platform tells of
/// a change, and otherwise at the next look. A token opens no connection: it cannot be looked at again.
/// </summary>
internal sealed class CircuitLogin : RevalidatingServerAuthenticationStateProvider
{
    private readonly IMlTrClient _client;
    private readonly LoginState _login;
    private readonly Session _session;

    public CircuitLogin(ILoggerFactory loggers, [FromKeyedServices(AccessKeys.Unguarded)] IMlTrClient client, LoginState login, Session session)
        : base(loggers)
    {
        (_client, _login, _session) = (client, login, session);
        AuthenticationStateChanged += OnStateChanged;
        _login.Changed += OnAccountsChanged;
    }

    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(30);

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        try
        {
            return authenticationState.User.LoggedIn() is not { } known || await _client.CheckSessionAsync(known.User, known.Stamp) is not null;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return true; // whoever cannot be asked about cannot ask for anything either; the next look decides
        }
    }

    protected override void Dispose(bool disposing)
    {
        AuthenticationStateChanged -= OnStateChanged;
        _login.Changed -= OnAccountsChanged;
        base.Dispose(disposing);
    }

    private void OnStateChanged(Task<AuthenticationState> state) => _ = TakeAsync(state);

    private async Task TakeAsync(Task<AuthenticationState> state)
    {
        var identity = (await state).User.LoggedIn();
        _session.Take(identity is { Stamp.Length: > 0 } ? identity : null);
    }

    private void OnAccountsChanged() => _ = LookAgainAsync();

    private async Task LookAgainAsync()
    {
        if (_session.Identity is { } known && !await ValidateAuthenticationStateAsync(new(Principals.Of(known, nameof(CircuitLogin))), CancellationToken.None))
        {
            SetAuthenticationState(Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity()))));
        }
    }
}
