namespace MlTr.Abstractions.Accounts;

/// <summary>What names and passwords must be like.</summary>
public static class AccountRules
{
    /// <summary>A role in a sentence: a viewer, an editor, an admin.</summary>
    public static string Named(UserRole role) => role == UserRole.Viewer ? "a viewer" : role == UserRole.Editor ? "an editor" : "an admin";

    /// <summary>Most letters of a user's or token's name.</summary>
    public const int MaxNameLength = 64;

    /// <summary>Fewest letters of a password.</summary>
    public const int MinPasswordLength = 12;

    /// <summary>Most letters of a password: to hash an endless one would take endlessly long.</summary>
    public const int MaxPasswordLength = 256;

    /// <summary>How every token's secret begins, so that tools that look for leaked secrets can find it.</summary>
    public const string TokenStart = "mltr_";

    /// <summary>A user's name as it is kept, however it was typed.</summary>
    public static string Normalize(string name) => name.Trim().ToLowerInvariant();

    /// <summary>What is wrong with a user's or token's name, in a sentence; null if nothing is.</summary>
    public static string? NameProblem(string name) =>
        Slugs.IsOne(name, MaxNameLength) ? null : $"'{name}' is no name: use 1 to {MaxNameLength} lower-case letters, digits, dots, dashes and underscores.";

    /// <summary>What is wrong with a new password, in a sentence; null if nothing is.</summary>
    public static string? PasswordProblem(string password) => password.Length switch
    {
        < MinPasswordLength => $"The password is too short: use at least {MinPasswordLength} characters.",
        > MaxPasswordLength => $"The password is too long: use at most {MaxPasswordLength} characters.",
        _ => null,
    };

    /// <summary>A role by its name in any case, or null.</summary>
    public static UserRole? ParseRole(string? text) =>
        Enum.TryParse<UserRole>(text, ignoreCase: true, out var role) && Enum.IsDefined(role) && !char.IsAsciiDigit(text![0]) ? role : null;
}
