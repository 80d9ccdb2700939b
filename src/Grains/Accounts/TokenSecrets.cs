using System.Security.Cryptography;
using System.Text;
using MlTr.Abstractions.Accounts;

namespace MlTr.Grains.Accounts;

/// <summary>The secrets of tokens: 256 random bits, of which only a checksum is kept.</summary>
internal static class TokenSecrets
{
    private const int ShownLetters = 6;

    public static string New() => AccountRules.TokenStart + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>What may be shown of a secret.</summary>
    public static string PrefixOf(string secret) => secret[..(AccountRules.TokenStart.Length + ShownLetters)];

    public static string Sha256(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
