using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MlTr.Silo.Notifications;

/// <summary>
/// How a receiver knows a notice: <c>sha256=</c> and the HMAC-SHA256, in lower-case hexadecimal, of the timestamp's digits, a dot and the body's bytes.
/// The timestamp is part of it, so that an old notice cannot be sent again by somebody who has seen it.
/// </summary>
internal static class WebhookSignature
{
    public const string Header = "MlTr-Signature", Timestamp = "MlTr-Timestamp", Delivery = "MlTr-Delivery";

    public static string Of(string secret, long timestamp, byte[] body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{timestamp}.")), .. body];
        return "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed));
    }
}
