using MlTr.Abstractions.Accounts;

namespace MlTr.Dashboard.Features.Accounts;

/// <summary>Roles in words.</summary>
internal static class RoleWords
{
    public static readonly (string Value, string Text)[] Options = [.. Enum.GetValues<UserRole>().Select(role => (role.ToString(), Name(role)))];

    public static string Name(UserRole role) => role.ToString().ToLowerInvariant();

    public static string Explain(UserRole role) => role switch
    {
        UserRole.Viewer => "Reads everything and changes nothing.",
        UserRole.Editor => "Also starts and changes sweeps, registers datasets and models, tags and writes notes.",
        _ => "Also removes for good, drains workers, and looks after users.",
    };
}
