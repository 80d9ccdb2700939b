using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using MlTr.Abstractions.Accounts;
using MlTr.Grains.Placement;
using MlTr.Grains.Storage;

namespace MlTr.Grains.Accounts;

/// <summary>
/// Owns users and tokens. Nothing is kept in memory but the failures of log-ins: each check asks the store, so that nobody is let in by what an
/// activation remembers from before a change.
/// </summary>
[ControlSilo]
internal sealed partial class AccountsGrain(IExperimentStore store, TimeProvider clock, ILogger<AccountsGrain> logger) : Grain, IAccountsGrain, IDisposable
{
    private readonly LiveHub<bool> _hub = new();
    private readonly Passwords _passwords = new();
    private readonly FailedLogIns _failed = new(clock);

    public async Task<bool> HasUsersAsync() => !(await store.ListUsersAsync()).IsEmpty;

    public async Task<ImmutableArray<UserSnapshot>> ListUsersAsync() => [.. (await store.ListUsersAsync()).Select(row => row.User)];

    public async Task<UserSnapshot> AddUserAsync(string name, UserRole role, string password, string by)
    {
        name = AccountRules.Normalize(name);
        Require(AccountRules.NameProblem(name) ?? AccountRules.PasswordProblem(password));
        Require(await store.LoadUserAsync(name) is null ? null : $"There is a user {name} already: choose another name, or give that one another role or password.");
        var user = new UserSnapshot(name, role, clock.GetUtcNow());
        await SaveAsync(new UserRow(user, await _passwords.HashAsync(password), NewStamp(), 0), $"The first user must be an admin: add {name} with the role admin.");
        LogAdded(name, role, by);
        return user;
    }

    public async Task<bool> AddFirstAdminAsync(string name, string password, string by)
    {
        if (await HasUsersAsync())
        {
            return false;
        }

        await AddUserAsync(name, UserRole.Admin, password, by);
        return true;
    }

    public async Task<UserSnapshot> SetRoleAsync(string name, UserRole role, string by)
    {
        var row = await NeedAsync(name);
        if (row.User.Role == role)
        {
            return row.User; // asked twice
        }

        var user = row.User with { Role = role };
        await SaveAsync(row with { User = user, Stamp = NewStamp() }, LastAdmin(user.Name));
        LogRole(user.Name, role, by);
        return user;
    }

    public async Task SetPasswordAsync(string name, string password, string by)
    {
        Require(AccountRules.PasswordProblem(password));
        var row = await NeedAsync(name);
        await SaveAsync(row with { PasswordHash = await _passwords.HashAsync(password), Stamp = NewStamp() }, LastAdmin(row.User.Name));
        _failed.Clear(row.User.Name);
        LogPassword(row.User.Name, by);
    }

    public async Task ChangePasswordAsync(string name, string current, string password)
    {
        Require(AccountRules.PasswordProblem(password));
        Require(await VerifyAsync(name, current) is null ? "The present password is another one." : null);
        await SetPasswordAsync(name, password, AccountRules.Normalize(name));
    }

    public async Task RemoveUserAsync(string name, string by)
    {
        var row = await NeedAsync(name);
        try
        {
            await store.RemoveUserAsync(row.User.Name);
        }
        catch (NoAdminException)
        {
            throw new AccountsException(LastAdmin(row.User.Name));
        }

        _hub.Publish(true);
        LogRemoved(row.User.Name, by);
    }

    public async Task<ImmutableArray<TokenSnapshot>> ListTokensAsync(string? user) =>
        [.. (await store.ListTokensAsync(user is null ? null : AccountRules.Normalize(user))).Select(row => row.Token)];

    public async Task<NewToken> AddTokenAsync(string user, string name, UserRole? role, int? days, string by)
    {
        Require(AccountRules.NameProblem(name));
        Require(days is < 1 or > 3650 ? "A token lasts for 1 to 3650 days, or without days for ever." : null);
        var owner = (await NeedAsync(user)).User;
        Require(role > owner.Role ? $"{owner.Name} is {AccountRules.Named(owner.Role)}: the token cannot be {AccountRules.Named(role.Value)}." : null);
        var (now, secret) = (clock.GetUtcNow(), TokenSecrets.New());
        var token = new TokenSnapshot(
            Guid.NewGuid().ToString("N")[..12], owner.Name, name, TokenSecrets.PrefixOf(secret), role ?? owner.Role, now, null, days is { } some ? now.AddDays(some) : null, null);
        await store.SaveTokenAsync(new TokenRow(token, TokenSecrets.Sha256(secret)));
        LogTokenAdded(token.Id, owner.Name, token.Role, by);
        return new NewToken(token, secret);
    }

    public async Task RevokeTokenAsync(string id, string? user, string by)
    {
        var row = (await store.ListTokensAsync(user is null ? null : AccountRules.Normalize(user))).FirstOrDefault(row => row.Token.Id == id)
            ?? throw new AccountsException($"There is no token '{id}'.");
        if (row.Token.RevokedAt is null)
        {
            await store.SaveTokenAsync(row with { Token = row.Token with { RevokedAt = clock.GetUtcNow() } });
            LogTokenRevoked(id, row.Token.User, by);
        }
    }

    public async Task<Identity?> LogInAsync(string name, string password)
    {
        var row = await VerifyAsync(name, password);
        if (row is not null)
        {
            LogLoggedIn(row.User.Name);
        }

        return row is null ? null : IdentityOf(row);
    }

    public async Task<Identity?> CheckSessionAsync(string name, string stamp) =>
        await store.LoadUserAsync(name) is { } row && row.Stamp == stamp ? IdentityOf(row) : null;

    public async Task<Identity?> CheckTokenAsync(string secret)
    {
        var now = clock.GetUtcNow();
        if (!secret.StartsWith(AccountRules.TokenStart, StringComparison.Ordinal)
            || await store.FindTokenAsync(TokenSecrets.Sha256(secret)) is not { } found || !found.Token.IsActive(now)
            || await store.LoadUserAsync(found.Token.User) is not { } owner)
        {
            return null;
        }

        if (!(now - found.Token.LastUsedAt < TimeSpan.FromMinutes(1)))
        {
            await store.SaveTokenUseAsync(found.Token.Id, now);
        }

        return IdentityOf(owner) with { Role = found.Token.Role < owner.User.Role ? found.Token.Role : owner.User.Role };
    }

    public async IAsyncEnumerable<bool> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var _ in _hub.WatchAsync([true], cancellationToken))
        {
            yield return await HasUsersAsync(); // asked after the watcher is known, so that no change falls between
        }
    }

    public void Dispose() => _passwords.Dispose();

    private async Task<UserRow?> VerifyAsync(string name, string password)
    {
        name = AccountRules.Normalize(name);
        if (AccountRules.NameProblem(name) is not null || password.Length > AccountRules.MaxPasswordLength)
        {
            LogFailed("?"); // what was typed may be a password in the wrong field: it does not belong into a log
            return null;
        }

        if (_failed.IsLocked(name))
        {
            LogLocked(name);
            throw new AccountsException("Too many failed log-ins for this name: try again in a minute.");
        }

        _failed.Add(name); // before the check, so that many at once are counted too
        var row = await store.LoadUserAsync(name);
        if (!await _passwords.IsRightAsync(row?.PasswordHash, password))
        {
            LogFailed(name);
            return null;
        }

        _failed.Clear(name);
        return row;
    }

    private async Task<UserRow> NeedAsync(string name) =>
        await store.LoadUserAsync(AccountRules.Normalize(name)) ?? throw new AccountsException($"There is no user '{AccountRules.Normalize(name)}': list them with user list.");

    private async Task SaveAsync(UserRow row, string withoutAdmin)
    {
        try
        {
            await store.SaveUserAsync(row);
        }
        catch (NoAdminException)
        {
            throw new AccountsException(withoutAdmin);
        }
        catch (StaleVersionException)
        {
            throw new AccountsException($"{row.User.Name} was changed by somebody else at this moment: look, and try again.");
        }

        _hub.Publish(true);
    }

    private static Identity IdentityOf(UserRow row) => new(row.User.Name, row.User.Role, row.Stamp);

    private static string NewStamp() => Guid.NewGuid().ToString("N");

    private static string LastAdmin(string name) => $"{name} is the last admin: make somebody else an admin first.";

    private static void Require(string? problem)
    {
        if (problem is not null)
        {
            throw new AccountsException(problem);
        }
    }

    [LoggerMessage(LogLevel.Information, "User {User} was added as {Role} by {By}")]
    private partial void LogAdded(string user, UserRole role, string by);

    [LoggerMessage(LogLevel.Information, "User {User} is {Role} now, by {By}")]
    private partial void LogRole(string user, UserRole role, string by);

    [LoggerMessage(LogLevel.Information, "User {User} has a new password, by {By}")]
    private partial void LogPassword(string user, string by);

    [LoggerMessage(LogLevel.Information, "User {User} was removed by {By}")]
    private partial void LogRemoved(string user, string by);

    [LoggerMessage(LogLevel.Information, "Token {Token} of {User} was made as {Role} by {By}")]
    private partial void LogTokenAdded(string token, string user, UserRole role, string by);

    [LoggerMessage(LogLevel.Information, "Token {Token} of {User} was revoked by {By}")]
    private partial void LogTokenRevoked(string token, string user, string by);

    [LoggerMessage(LogLevel.Information, "{User} logged in")]
    private partial void LogLoggedIn(string user);

    [LoggerMessage(LogLevel.Warning, "A log-in as {User} failed")]
    private partial void LogFailed(string user);

    [LoggerMessage(LogLevel.Warning, "A log-in as {User} was refused: too many have failed")]
    private partial void LogLocked(string user);
}
