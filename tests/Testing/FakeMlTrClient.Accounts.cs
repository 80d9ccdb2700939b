using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using MlTr.Abstractions.Accounts;

namespace MlTr.Testing;

public sealed partial class FakeMlTrClient
{
    private readonly Channel<bool> _accounts = Channel.CreateUnbounded<bool>();

    /// <summary>The users with their passwords and stamps, by name.</summary>
    public ConcurrentDictionary<string, (UserSnapshot User, string Password, string Stamp)> Users { get; } = [];

    /// <summary>The tokens with their secrets, by id.</summary>
    public ConcurrentDictionary<string, NewToken> Tokens { get; } = [];

    public Task<ImmutableArray<UserSnapshot>> ListUsersAsync()
    {
        ThrowIfFailing();
        return Task.FromResult(Users.Values.Select(known => known.User).OrderBy(user => user.Name, StringComparer.Ordinal).ToImmutableArray());
    }

    public async Task<UserSnapshot> AddUserAsync(string name, UserRole role, string password, string by = "client")
    {
        await Ask($"add {name} {role}");
        if ((AccountRules.NameProblem(name) ?? AccountRules.PasswordProblem(password)) is { } problem)
        {
            throw new AccountsException(problem);
        }

        var user = new UserSnapshot(name, role, DateTimeOffset.UnixEpoch);
        Put(name, (user, password, $"{name}-1"));
        return user;
    }

    public async Task<UserSnapshot> SetUserRoleAsync(string name, UserRole role, string by = "client")
    {
        await Ask($"role {name} {role}");
        var known = Users[name];
        Put(name, (known.User with { Role = role }, known.Password, known.Stamp + "r"));
        return Users[name].User;
    }

    public async Task SetPasswordAsync(string name, string password, string by = "client")
    {
        await Ask($"password {name}");
        if (AccountRules.PasswordProblem(password) is { } problem)
        {
            throw new AccountsException(problem);
        }

        Put(name, (Users[name].User, password, Users[name].Stamp + "p"));
    }

    public Task ChangePasswordAsync(string name, string current, string password) =>
        Users[name].Password == current ? SetPasswordAsync(name, password) : throw new AccountsException("The present password is another one.");

    public async Task RemoveUserAsync(string name, string by = "client")
    {
        await Ask($"remove {name}");
        if (Users[name].User.Role == UserRole.Admin && Users.Values.Count(known => known.User.Role == UserRole.Admin) == 1)
        {
            throw new AccountsException($"{name} is the last admin: make somebody else an admin first.");
        }

        Users.TryRemove(name, out _);
        _accounts.Writer.TryWrite(true);
    }

    public Task<ImmutableArray<TokenSnapshot>> ListTokensAsync(string? user = null)
    {
        ThrowIfFailing();
        return Task.FromResult(Tokens.Values.Select(made => made.Token).Where(token => user is null || token.User == user).OrderBy(token => token.Id, StringComparer.Ordinal).ToImmutableArray());
    }

    public async Task<NewToken> AddTokenAsync(string user, string name, UserRole? role = null, int? days = null, string by = "client")
    {
        await Ask($"token {user} {name} {role} {days}");
        if (AccountRules.NameProblem(name) is { } problem)
        {
            throw new AccountsException(problem);
        }

        var secret = $"mltr_{name}-secret";
        var made = new NewToken(
            new TokenSnapshot($"t{Tokens.Count + 1}", user, name, secret[..11], role ?? UserRole.Viewer, DateTimeOffset.UnixEpoch, null, days is null ? null : DateTimeOffset.MaxValue, null), secret);
        return Tokens[made.Token.Id] = made;
    }

    public async Task RevokeTokenAsync(string id, string? user = null, string by = "client")
    {
        await Ask($"revoke {id} {user}");
        var made = Tokens[id];
        Tokens[id] = made with { Token = made.Token with { RevokedAt = DateTimeOffset.UnixEpoch } };
    }

    public Task<Identity?> LogInAsync(string name, string password) => Task.FromResult(
        Users.TryGetValue(name, out var known) && known.Password == password ? new Identity(name, known.User.Role, known.Stamp) : null);

    public Task<Identity?> CheckSessionAsync(string name, string stamp) => Task.FromResult(
        Users.TryGetValue(name, out var known) && known.Stamp == stamp ? new Identity(name, known.User.Role, known.Stamp) : null);

    public Task<Identity?> CheckTokenAsync(string secret) => Task.FromResult(
        Tokens.Values.FirstOrDefault(made => made.Secret == secret && made.Token.RevokedAt is null) is { } found ? new Identity(found.Token.User, found.Token.Role, "") : null);

    public async IAsyncEnumerable<bool> WatchAccountsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        yield return !Users.IsEmpty;
        await foreach (var change in _accounts.Reader.ReadAllAsync(cancellationToken))
        {
            yield return change;
        }
    }

    private void Put(string name, (UserSnapshot User, string Password, string Stamp) known)
    {
        Users[name] = known;
        _accounts.Writer.TryWrite(true);
    }
}
