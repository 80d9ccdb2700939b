using MlTr.Abstractions.Accounts;

namespace MlTr.Silo.Hosting;

/// <summary>The password of the admin that the settings name.</summary>
internal static class FirstAdmin
{
    /// <exception cref="PlatformException">There is none that can be used.</exception>
    public static async Task<string> ReadPasswordAsync(PlatformOptions options, CancellationToken cancellationToken)
    {
        try
        {
            using var file = File.OpenText(options.FirstAdminPasswordFile);
            var password = await file.ReadLineAsync(cancellationToken) ?? "";
            return AccountRules.PasswordProblem(password) is { } problem ? throw new PlatformException($"Platform:FirstAdminPasswordFile: {problem}") : password;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PlatformException($"Platform:FirstAdminPasswordFile: {options.FirstAdminPasswordFile} cannot be read: name a file that has the password in its first line.", error);
        }
    }
}
