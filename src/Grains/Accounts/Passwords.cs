using Microsoft.AspNetCore.Identity;

namespace MlTr.Grains.Accounts;

/// <summary>Hashes passwords as ASP.NET Core Identity does; away from the caller's thread, since that takes long on purpose.</summary>
internal sealed class Passwords
{
    private readonly PasswordHasher<object> _hasher = new();
    private readonly object _anybody = new();
    private readonly Lazy<string> _nobody;

    public Passwords() => _nobody = new(() => _hasher.HashPassword(_anybody, Guid.NewGuid().ToString()));

    public Task<string> HashAsync(string password) => Task.Run(() => _hasher.HashPassword(_anybody, password));

    /// <summary>Whether a password is the hashed one. Without a hash it is not, which takes as long to find out.</summary>
    public Task<bool> IsRightAsync(string? hash, string password) => Task.Run(() =>
        _hasher.VerifyHashedPassword(_anybody, hash ?? _nobody.Value, password) != PasswordVerificationResult.Failed && hash is not null);
}
