using System.Collections.Immutable;
using Orleans.Concurrency;

namespace MlTr.Abstractions.Accounts;

/// <summary>Owns users and tokens. One grain, keyed <see cref="Key"/>. What cannot be done is an <see cref="AccountsException"/> whose message says what to do.</summary>
[Alias("mltr.IAccountsGrain")]
public interface IAccountsGrain : IGrainWithStringKey
{
    /// <summary>The only key.</summary>
    const string Key = "all";

    /// <summary>Whether a user exists; then everybody must log in. An admin is among them always.</summary>
    [Alias("HasUsers"), AlwaysInterleave]
    Task<bool> HasUsersAsync();

    /// <summary>All users, by name.</summary>
    [Alias("ListUsers"), AlwaysInterleave]
    Task<ImmutableArray<UserSnapshot>> ListUsersAsync();

    /// <summary>Adds a user. The first one must be an admin.</summary>
    [Alias("AddUser")]
    Task<UserSnapshot> AddUserAsync(string name, UserRole role, string password, string by);

    /// <summary>Adds an admin if there is no user at all.</summary>
    /// <returns>Whether it was added.</returns>
    [Alias("AddFirstAdmin")]
    Task<bool> AddFirstAdminAsync(string name, string password, string by);

    /// <summary>Gives a user another role, which ends the user's sessions. The last admin keeps it.</summary>
    [Alias("SetRole")]
    Task<UserSnapshot> SetRoleAsync(string name, UserRole role, string by);

    /// <summary>Gives a user another password, which ends the user's sessions.</summary>
    [Alias("SetPassword")]
    Task SetPasswordAsync(string name, string password, string by);

    /// <summary>As <see cref="SetPasswordAsync"/>, for somebody who knows the present one.</summary>
    [Alias("ChangePassword")]
    Task ChangePasswordAsync(string name, string current, string password);

    /// <summary>Removes a user with all tokens. The last admin stays.</summary>
    [Alias("RemoveUser")]
    Task RemoveUserAsync(string name, string by);

    /// <summary>A user's tokens, or all if null; the newest first.</summary>
    [Alias("ListTokens"), AlwaysInterleave]
    Task<ImmutableArray<TokenSnapshot>> ListTokensAsync(string? user);

    /// <summary>Makes a token.</summary>
    /// <param name="user">Whose it is.</param>
    /// <param name="name">What it is for.</param>
    /// <param name="role">What it may do, at most what its user may; null for that.</param>
    /// <param name="days">For how many days; null for ever.</param>
    /// <param name="by">Who asks.</param>
    [Alias("AddToken")]
    Task<NewToken> AddTokenAsync(string user, string name, UserRole? role, int? days, string by);

    /// <summary>Lets a token in no more; one that was revoked stays so.</summary>
    /// <param name="id">Which.</param>
    /// <param name="user">Whose it must be; null for anybody's.</param>
    /// <param name="by">Who asks.</param>
    [Alias("RevokeToken")]
    Task RevokeTokenAsync(string id, string? user, string by);

    /// <summary>Who has that name and password; null if nobody has.</summary>
    /// <exception cref="AccountsException">There were too many failures for the name a moment ago.</exception>
    [Alias("LogIn"), AlwaysInterleave]
    Task<Identity?> LogInAsync(string name, string password);

    /// <summary>Who was let in under a stamp, as the user is now; null if no more.</summary>
    [Alias("CheckSession"), AlwaysInterleave]
    Task<Identity?> CheckSessionAsync(string name, string stamp);

    /// <summary>Whose token it is; null if it is nobody's, or no more.</summary>
    [Alias("CheckToken"), AlwaysInterleave]
    Task<Identity?> CheckTokenAsync(string secret);

    /// <summary>Says at once, and after each change of a user, whether a user exists.</summary>
    [Alias("Watch"), AlwaysInterleave]
    IAsyncEnumerable<bool> WatchAsync(CancellationToken cancellationToken = default);
}
