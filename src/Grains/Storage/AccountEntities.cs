using MlTr.Abstractions.Accounts;

namespace MlTr.Grains.Storage;

internal sealed class UserEntity
{
    public required string Name { get; init; }

    public string PasswordHash { get; set; } = "";

    public UserRole Role { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public string SecurityStamp { get; set; } = "";

    public long Version { get; set; }

    public UserRow ToRow() => new(new(Name, Role, CreatedAt), PasswordHash, SecurityStamp, Version);
}

internal sealed class ApiTokenEntity
{
    public required string Id { get; init; }

    public string UserName { get; set; } = "";

    public string Name { get; set; } = "";

    public string Sha256 { get; set; } = "";

    public string Prefix { get; set; } = "";

    public UserRole Role { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? LastUsedAt { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }

    public void Take(TokenRow row)
    {
        var token = row.Token;
        (UserName, Name, Sha256, Prefix, Role) = (token.User, token.Name, row.Sha256, token.Prefix, token.Role);
        (CreatedAt, LastUsedAt, ExpiresAt, RevokedAt) = (token.CreatedAt, token.LastUsedAt, token.ExpiresAt, token.RevokedAt);
    }

    public TokenRow ToRow() => new(new(Id, UserName, Name, Prefix, Role, CreatedAt, LastUsedAt, ExpiresAt, RevokedAt), Sha256);
}
