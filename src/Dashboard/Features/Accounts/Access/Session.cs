using MlTr.Abstractions.Accounts;

namespace MlTr.Dashboard.Features.Accounts.Access;

/// <summary>Whoever asks, for the length of a request or of a page's connection. Where nobody needs to log in, everybody may do everything.</summary>
public sealed class Session : IDisposable
{
    private readonly LoginState _login;
    private readonly CancellationTokenSource _ended = new();

    /// <summary>Of somebody who has not logged in yet.</summary>
    public Session(LoginState login)
    {
        _login = login;
        Ended = _ended.Token;
        _login.Changed += OnChanged;
    }

    /// <summary>Somebody else, another role, or a login is asked for now.</summary>
    public event Action? Changed;

    /// <summary>Whether a login is asked for.</summary>
    public bool IsLoginOn => _login.IsOn;

    /// <summary>Who has logged in; null for nobody.</summary>
    public Identity? Identity { get; private set; }

    /// <summary>The name for the record; null where nobody has logged in.</summary>
    public string? User => Identity?.User;

    /// <summary>What may be done; null for nothing before a login.</summary>
    public UserRole? Role => IsLoginOn ? Identity?.Role : UserRole.Admin;

    /// <summary>Asked for when the login that streams were opened under is over.</summary>
    public CancellationToken Ended { get; }

    /// <summary>Whether a role's deeds are allowed.</summary>
    public bool May(UserRole role) => Role >= role;

    /// <summary>Says who it is from now on.</summary>
    public void Take(Identity? identity)
    {
        var before = Identity;
        Identity = identity;
        if (before is not null && identity is null)
        {
            _ended.Cancel();
        }

        if (before != identity)
        {
            Changed?.Invoke();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _login.Changed -= OnChanged;
        _ended.Dispose();
    }

    private void OnChanged() => Changed?.Invoke();
}
