using Microsoft.AspNetCore.Identity;
using MlTr.Abstractions.Accounts;

namespace MlTr.Grains.Accounts;

/// <summary>Hashes passwords as ASP.NET Core Identity does; away from the caller's thread, since that takes long on purpose.</summary>
internal sealed class Passwords : IDisposable
{
    // Hashing is slow on purpose: strangers who try passwords must not take all cores from the rest of the process.
    private const int AtOnce = 2, MostWaiting = 50;

    private readonly SemaphoreSlim _turns = new(AtOnce);
    private int _waiting;

    private readonly PasswordHasher<object> _hasher = new();
    private readonly object _anybody = new();
    private readonly Lazy<string> _nobody;

    public Passwords() => _nobody = new(() => _hasher.HashPassword(_anybody, Guid.NewGuid().ToString()));

    /// <exception cref="AccountsException">Too many passwords wait to be checked.</exception>
    public Task<string> HashAsync(string password) => InTurnAsync(() => _hasher.HashPassword(_anybody, password));

    /// <summary>Whether a password is the hashed one. Without a hash it is not, which takes as long to find out.</summary>
    /// <exception cref="AccountsException">Too many passwords wait to be checked.</exception>
    public Task<bool> IsRightAsync(string? hash, string password) => InTurnAsync(() =>
        _hasher.VerifyHashedPassword(_anybody, hash ?? _nobody.Value, password) != PasswordVerificationResult.Failed && hash is not null);

    public void Dispose() => _turns.Dispose();

    private async Task<T> InTurnAsync<T>(Func<T> work)
    {
        if (Interlocked.Increment(ref _waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            throw new AccountsException("Too many log-ins at this moment: try again in a minute.");
        }

        await _turns.WaitAsync();
        try
        {
            return await Task.Run(work);
        }
        finally
        {
            _turns.Release();
            Interlocked.Decrement(ref _waiting);
        }
    }
}
