using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MlTr.Abstractions.Client;

namespace MlTr.Dashboard.Features.Accounts.Access;

/// <summary>
/// Tells a page's session who has connected, and ends it when its browser has logged out, or that user is gone or has another password or role: at once when the platform tells of
/// a change, and otherwise at the next look. A token opens no connection: it cannot be looked at again.
/// </summary>
internal sealed class CircuitLogin : RevalidatingServerAuthenticationStateProvider
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly IMlTrClient _client;
    private readonly LoginState _login;
    private readonly Session _session;
    private readonly TimeProvider _clock;
    private string? _id;
    private bool _isDisposed;

    public CircuitLogin(ILoggerFactory loggers, [FromKeyedServices(AccessKeys.Unguarded)] IMlTrClient client, LoginState login, Session session, TimeProvider clock)
        : base(loggers)
    {
        (_client, _login, _session, _clock) = (client, login, session, clock);
        AuthenticationStateChanged += OnStateChanged;
        _login.Changed += OnAccountsChanged;
        _login.LoggedOut += OnLoggedOut;
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
        _login.LoggedOut -= OnLoggedOut;
        _isDisposed = true;
        base.Dispose(disposing);
    }

    private void OnStateChanged(Task<AuthenticationState> state) => _ = TakeAsync(state);

    private async Task TakeAsync(Task<AuthenticationState> state)
    {
        var user = (await state).User;
        var identity = user.LoggedIn();
        _id = user.FindFirstValue(AccessKeys.Login);
        if (_login.HasEnded(_id))
        {
            End();
            return;
        }

        _session.Take(identity is { Stamp.Length: > 0 } ? identity : null);
    }

    private void OnAccountsChanged() => _ = LookAgainAsync();

    private async Task LookAgainAsync()
    {
        if (_session.Identity is { } known && !await ValidateAuthenticationStateAsync(new(Principals.Of(known, nameof(CircuitLogin))), CancellationToken.None))
        {
            End();
        }
    }

    private void OnLoggedOut(string login)
    {
        if (login == _id)
        {
            _ = EndSoonAsync();
        }
    }

    /// <summary>The tab in which somebody logs out is on its way to the login: it is not led there a second time.</summary>
    private async Task EndSoonAsync()
    {
        await Task.Delay(Grace, _clock);
        if (!_isDisposed)
        {
            End();
        }
    }

    private void End() => SetAuthenticationState(Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity()))));
}
