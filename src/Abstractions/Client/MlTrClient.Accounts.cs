using System.Collections.Immutable;
using MlTr.Abstractions.Accounts;

namespace MlTr.Abstractions.Client;

public partial interface IMlTrClient
{
    /// <summary>All users, by name. Without one, everybody may do everything.</summary>
    Task<ImmutableArray<UserSnapshot>> ListUsersAsync();

    /// <summary>Adds a user; the first one must be an admin. From then on the dashboard asks for a login.</summary>
    /// <exception cref="AccountsException">Name, password or role cannot be used; the message says why.</exception>
    Task<UserSnapshot> AddUserAsync(string name, UserRole role, string password, string by = "client");

    /// <summary>Gives a user another role, which ends the user's sessions.</summary>
    /// <exception cref="AccountsException">There is no such user, or it is the last admin.</exception>
    Task<UserSnapshot> SetUserRoleAsync(string name, UserRole role, string by = "client");

    /// <summary>Gives a user another password, which ends the user's sessions.</summary>
    /// <exception cref="AccountsException">There is no such user, or the password is too short.</exception>
    Task SetPasswordAsync(string name, string password, string by = "client");

    /// <summary>Gives oneself another password, which ends one's sessions.</summary>
    /// <exception cref="AccountsException">The present password is another one, or the new one is too short.</exception>
    Task ChangePasswordAsync(string name, string current, string password);

    /// <summary>Removes a user with all tokens.</summary>
    /// <exception cref="AccountsException">There is no such user, or it is the last admin.</exception>
    Task RemoveUserAsync(string name, string by = "client");

    /// <summary>Tokens of a user, or of all; the newest first.</summary>
    Task<ImmutableArray<TokenSnapshot>> ListTokensAsync(string? user = null);

    /// <summary>Makes a token, with its user's role if none is given, for ever if no days are.</summary>
    /// <exception cref="AccountsException">There is no such user, or the token may not be like that; the message says why.</exception>
    Task<NewToken> AddTokenAsync(string user, string name, UserRole? role = null, int? days = null, string by = "client");

    /// <summary>Lets a token in no more.</summary>
    /// <param name="id">Which.</param>
    /// <param name="user">Whose it must be; null for anybody's.</param>
    /// <param name="by">Who asks.</param>
    /// <exception cref="AccountsException">There is no such token.</exception>
    Task RevokeTokenAsync(string id, string? user = null, string by = "client");

    /// <summary>Who has that name and password; null if nobody has.</summary>
    /// <exception cref="AccountsException">There were too many failures for the name a moment ago.</exception>
    Task<Identity?> LogInAsync(string name, string password);

    /// <summary>Who was let in under a stamp, as the user is now; null if no more.</summary>
    Task<Identity?> CheckSessionAsync(string name, string stamp);

    /// <summary>Whose token it is; null if it is nobody's, or no more.</summary>
    Task<Identity?> CheckTokenAsync(string secret);

    /// <summary>Says at once, and after each change of a user, whether a user exists.</summary>
    IAsyncEnumerable<bool> WatchAccountsAsync(CancellationToken cancellationToken = default);
}

public sealed partial class MlTrClient
{
    /// <inheritdoc />
    public Task<ImmutableArray<UserSnapshot>> ListUsersAsync() => Accounts.ListUsersAsync();

    /// <inheritdoc />
    public Task<UserSnapshot> AddUserAsync(string name, UserRole role, string password, string by = "client") => Accounts.AddUserAsync(name, role, password, by);

    /// <inheritdoc />
    public Task<UserSnapshot> SetUserRoleAsync(string name, UserRole role, string by = "client") => Accounts.SetRoleAsync(name, role, by);

    /// <inheritdoc />
    public Task SetPasswordAsync(string name, string password, string by = "client") => Accounts.SetPasswordAsync(name, password, by);

    /// <inheritdoc />
    public Task ChangePasswordAsync(string name, string current, string password) => Accounts.ChangePasswordAsync(name, current, password);

    /// <inheritdoc />
    public Task RemoveUserAsync(string name, string by = "client") => Accounts.RemoveUserAsync(name, by);

    /// <inheritdoc />
    public Task<ImmutableArray<TokenSnapshot>> ListTokensAsync(string? user = null) => Accounts.ListTokensAsync(user);

    /// <inheritdoc />
    public Task<NewToken> AddTokenAsync(string user, string name, UserRole? role = null, int? days = null, string by = "client") => Accounts.AddTokenAsync(user, name, role, days, by);

    /// <inheritdoc />
    public Task RevokeTokenAsync(string id, string? user = null, string by = "client") => Accounts.RevokeTokenAsync(id, user, by);

    /// <inheritdoc />
    public Task<Identity?> LogInAsync(string name, string password) => Accounts.LogInAsync(name, password);

    /// <inheritdoc />
    public Task<Identity?> CheckSessionAsync(string name, string stamp) => Accounts.CheckSessionAsync(name, stamp);

    /// <inheritdoc />
    public Task<Identity?> CheckTokenAsync(string secret) => Accounts.CheckTokenAsync(secret);

    /// <inheritdoc />
    public IAsyncEnumerable<bool> WatchAccountsAsync(CancellationToken cancellationToken = default) => Accounts.WatchAsync(cancellationToken);

    private IAccountsGrain Accounts => grains.GetGrain<IAccountsGrain>(IAccountsGrain.Key);
}
