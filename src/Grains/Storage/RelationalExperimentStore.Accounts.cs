using System.Collections.Immutable;
using Microsoft.EntityFrameworkCore;
using MlTr.Abstractions.Accounts;

namespace MlTr.Grains.Storage;

internal abstract partial class RelationalExperimentStore
{
    public Task<ImmutableArray<UserRow>> ListUsersAsync(CancellationToken cancellationToken = default) =>
        ReadAsync<ImmutableArray<UserRow>>(reader => [.. reader.Context.Users.AsNoTracking().OrderBy(row => row.Name).AsEnumerable().Select(row => row.ToRow())], cancellationToken);

    public Task<UserRow?> LoadUserAsync(string name, CancellationToken cancellationToken = default) =>
        ReadAsync(reader => reader.Context.Users.AsNoTracking().SingleOrDefault(row => row.Name == name)?.ToRow(), cancellationToken);

    public Task SaveUserAsync(UserRow user, CancellationToken cancellationToken = default) => WriteAsync(session =>
    {
        var users = session.Context.Users;
        if (user.User.Role != UserRole.Admin)
        {
            RequireAnotherAdmin(session.Context, user.User.Name);
        }

        var row = users.Find(user.User.Name);
        if ((row?.Version ?? 0) != user.Version)
        {
            throw new StaleVersionException($"User {user.User.Name}");
        }

        row ??= users.Add(new() { Name = user.User.Name }).Entity;
        (row.Role, row.CreatedAt, row.PasswordHash, row.SecurityStamp, row.Version) = (user.User.Role, user.User.CreatedAt, user.PasswordHash, user.Stamp, user.Version + 1);
        Save(session.Context, $"User {user.User.Name}");
    }, cancellationToken);

    public Task RemoveUserAsync(string name, CancellationToken cancellationToken = default) => WriteAsync(session =>
    {
        if (session.Context.Users.Any(row => row.Name == name))
        {
            RequireAnotherAdmin(session.Context, name);
            session.Context.Users.Where(row => row.Name == name).ExecuteDelete();
        }
    }, cancellationToken);

    public Task<ImmutableArray<TokenRow>> ListTokensAsync(string? user, CancellationToken cancellationToken = default) =>
        ReadAsync<ImmutableArray<TokenRow>>(
            reader =>
            [
                .. reader.Context.ApiTokens.AsNoTracking().Where(row => user == null || row.UserName == user)
                    .OrderByDescending(row => row.CreatedAt).ThenBy(row => row.Id).AsEnumerable().Select(row => row.ToRow()),
            ],
            cancellationToken);

    public Task<TokenRow?> FindTokenAsync(string sha256, CancellationToken cancellationToken = default) =>
        ReadAsync(reader => reader.Context.ApiTokens.AsNoTracking().SingleOrDefault(row => row.Sha256 == sha256)?.ToRow(), cancellationToken);

    public Task SaveTokenAsync(TokenRow token, CancellationToken cancellationToken = default) => WriteAsync(session =>
    {
        var context = session.Context;
        if (!context.Users.Any(row => row.Name == token.Token.User))
        {
            throw new StaleVersionException($"User {token.Token.User}");
        }

        (context.ApiTokens.Find(token.Token.Id) ?? context.ApiTokens.Add(new() { Id = token.Token.Id }).Entity).Take(token);
        context.SaveChanges();
    }, cancellationToken);

    public Task SaveTokenUseAsync(string id, DateTimeOffset time, CancellationToken cancellationToken = default) => WriteAsync(
        session => session.Context.ApiTokens.Where(row => row.Id == id).ExecuteUpdate(row => row.SetProperty(token => token.LastUsedAt, time)), cancellationToken);

    /// <summary>Writes the admins' rows as they are, which keeps other writers off them: two of them cannot each count on the other's admin.</summary>
    private static void RequireAnotherAdmin(StoreContext context, string name)
    {
        var others = context.Users.Where(row => row.Role == UserRole.Admin).ExecuteUpdate(row => row.SetProperty(user => user.Version, user => user.Version)) > 0
            && context.Users.Any(row => row.Role == UserRole.Admin && row.Name != name);
        if (!others)
        {
            throw new NoAdminException();
        }
    }
}
