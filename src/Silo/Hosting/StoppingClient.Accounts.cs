using System.Collections.Immutable;
using MlTr.Abstractions.Accounts;

namespace MlTr.Silo.Hosting;

internal sealed partial class StoppingClient
{
    public IAsyncEnumerable<bool> WatchAccountsAsync(CancellationToken cancellationToken = default) => UntilStop(client.WatchAccountsAsync, cancellationToken);

    public Task<ImmutableArray<UserSnapshot>> ListUsersAsync() => client.ListUsersAsync();

    public Task<UserSnapshot> AddUserAsync(string name, UserRole role, string password, string by = "client") => client.AddUserAsync(name, role, password, by);

    public Task<UserSnapshot> SetUserRoleAsync(string name, UserRole role, string by = "client") => client.SetUserRoleAsync(name, role, by);

    public Task SetPasswordAsync(string name, string password, string by = "client") => client.SetPasswordAsync(name, password, by);

    public Task ChangePasswordAsync(string name, string current, string password) => client.ChangePasswordAsync(name, current, password);

    public Task RemoveUserAsync(string name, string by = "client") => client.RemoveUserAsync(name, by);

    public Task<ImmutableArray<TokenSnapshot>> ListTokensAsync(string? user = null) => client.ListTokensAsync(user);

    public Task<NewToken> AddTokenAsync(string user, string name, UserRole? role = null, int? days = null, string by = "client") => client.AddTokenAsync(user, name, role, days, by);

    public Task RevokeTokenAsync(string id, string? user = null, string by = "client") => client.RevokeTokenAsync(id, user, by);

    public Task<Identity?> LogInAsync(string name, string password) => client.LogInAsync(name, password);

    public Task<Identity?> CheckSessionAsync(string name, string stamp) => client.CheckSessionAsync(name, stamp);

    public Task<Identity?> CheckTokenAsync(string secret) => client.CheckTokenAsync(secret);
}
