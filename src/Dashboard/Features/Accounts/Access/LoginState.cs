using System.Collections.Concurrent;

namespace MlTr.Dashboard.Features.Accounts.Access;

/// <summary>Whether this process asks for a login: as soon as a user exists, which cannot end, since the last admin stays.</summary>
public sealed class LoginState
{
    private readonly ConcurrentDictionary<string, byte> _ended = new(StringComparer.Ordinal); // 32 letters for each time that somebody logs out
    private volatile bool _isOn;

    /// <summary>A user was added, changed or removed.</summary>
    public event Action? Changed;

    /// <summary>Somebody has logged out of the login with this id: its other tabs are to end as well.</summary>
    public event Action<string>? LoggedOut;

    /// <summary>Whether everybody must log in.</summary>
    public bool IsOn => _isOn;

    /// <summary>Ends a login in this process, also for a connection that is only about to open.</summary>
    public void LogOut(string login)
    {
        _ended[login] = 0;
        LoggedOut?.Invoke(login);
    }

    /// <summary>Whether a login was ended here.</summary>
    public bool HasEnded(string? login) => login is not null && _ended.ContainsKey(login);

    /// <summary>Takes over what the platform says, and tells of it.</summary>
    public void Take(bool hasUsers)
    {
        _isOn |= hasUsers;
        Changed?.Invoke();
    }
}
