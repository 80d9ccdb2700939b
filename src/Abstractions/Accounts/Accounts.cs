namespace MlTr.Abstractions.Accounts;

/// <summary>What somebody may do. Each role may all that the ones before it may.</summary>
public enum UserRole
{
    /// <summary>Reads everything.</summary>
    Viewer,

    /// <summary>Also starts and changes sweeps, registers, tags and writes.</summary>
    Editor,

    /// <summary>Also removes for good, drains workers, and looks after users.</summary>
    Admin,
}

/// <summary>Somebody who can log in.</summary>
/// <param name="Name">Unique, in lower case.</param>
/// <param name="Role">What the user may do.</param>
/// <param name="CreatedAt">When the user was added.</param>
[GenerateSerializer, Immutable, Alias("mltr.UserSnapshot")]
public sealed record UserSnapshot(
    [property: Id(0)] string Name,
    [property: Id(1)] UserRole Role,
    [property: Id(2)] DateTimeOffset CreatedAt);

/// <summary>A key for programs, in the place of a password. Its secret is shown once, when it is made, and is not kept.</summary>
/// <param name="Id">Its key.</param>
/// <param name="User">Whose it is; it ends with the user.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Prefix">How its secret begins, to tell it from others.</param>
/// <param name="Role">What it may do; never more than its user may at the time.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="LastUsedAt">When it was used last, to the minute; null if never.</param>
/// <param name="ExpiresAt">From when on it is refused; null for never.</param>
/// <param name="RevokedAt">When it was revoked; null if it was not.</param>
[GenerateSerializer, Immutable, Alias("mltr.TokenSnapshot")]
public sealed record TokenSnapshot(
    [property: Id(0)] string Id,
    [property: Id(1)] string User,
    [property: Id(2)] string Name,
    [property: Id(3)] string Prefix,
    [property: Id(4)] UserRole Role,
    [property: Id(5)] DateTimeOffset CreatedAt,
    [property: Id(6)] DateTimeOffset? LastUsedAt,
    [property: Id(7)] DateTimeOffset? ExpiresAt,
    [property: Id(8)] DateTimeOffset? RevokedAt)
{
    /// <summary>Whether it is accepted at a time.</summary>
    public bool IsActive(DateTimeOffset now) => RevokedAt is null && !(ExpiresAt <= now);
}

/// <summary>A token that was just made.</summary>
/// <param name="Token">What is kept of it.</param>
/// <param name="Secret">What a program sends as <c>Authorization: Bearer SECRET</c>; it cannot be shown again.</param>
[GenerateSerializer, Immutable, Alias("mltr.NewToken")]
public sealed record NewToken([property: Id(0)] TokenSnapshot Token, [property: Id(1)] string Secret);

/// <summary>Who somebody has proved to be.</summary>
/// <param name="User">The user's name.</param>
/// <param name="Role">What may be done.</param>
/// <param name="Stamp">Changes with password and role: what was let in under another stamp is let in no more.</param>
[GenerateSerializer, Immutable, Alias("mltr.Identity")]
public sealed record Identity([property: Id(0)] string User, [property: Id(1)] UserRole Role, [property: Id(2)] string Stamp);

/// <summary>What was asked about users or tokens cannot be done; the message says why and what to do.</summary>
[GenerateSerializer, Alias("mltr.AccountsException")]
public sealed class AccountsException(string message) : Exception(message);

/// <summary>The role of whoever asks does not allow it.</summary>
[GenerateSerializer, Alias("mltr.NotAllowedException")]
public sealed class NotAllowedException(string message) : Exception(message);
