using System.Diagnostics.CodeAnalysis;
using System.Web;

namespace MlTr.Silo.Artifacts;

/// <summary>A bucket, as <c>s3://bucket/prefix?endpoint=http://host:9000&amp;region=us-east-1</c>.</summary>
/// <param name="Bucket">Its name.</param>
/// <param name="Prefix">What every name in it begins with: empty, or ending in a slash.</param>
/// <param name="Endpoint">The server; null for Amazon's own.</param>
/// <param name="Region">The region that requests are signed for.</param>
internal sealed record S3Address(string Bucket, string Prefix, Uri? Endpoint, string Region)
{
    public const string Scheme = "s3://";

    private const string Example = "s3://bucket/prefix?endpoint=http://host:9000";

    /// <summary>What is wrong with an address, in one line that says what to do, or null.</summary>
    public static string? Check(string text) => TryParse(text, out _, out var problem) ? null : $"{problem}; use a folder, or one such as {Example}.";

    /// <exception cref="FormatException">It is none.</exception>
    public static S3Address Parse(string text) => TryParse(text, out var address, out var problem) ? address : throw new FormatException(problem);

    private static bool TryParse(string text, [NotNullWhen(true)] out S3Address? address, out string problem)
    {
        address = null;
        if (!text.StartsWith(Scheme, StringComparison.Ordinal) || !Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            problem = $"'{text}' names no bucket";
            return false;
        }

        var query = HttpUtility.ParseQueryString(uri.Query);
        if (query.AllKeys.FirstOrDefault(key => key is not ("endpoint" or "region")) is { } unknown)
        {
            problem = $"'{unknown}' is no part of an address";
            return false;
        }

        Uri? endpoint = null;
        if (query["endpoint"] is { } named && !(Uri.TryCreate(named, UriKind.Absolute, out endpoint) && endpoint.Scheme is "http" or "https"))
        {
            problem = $"the endpoint '{named}' is no http address";
            return false;
        }

        var prefix = Uri.UnescapeDataString(uri.AbsolutePath).Trim('/');
        address = new S3Address(uri.Host, prefix.Length > 0 ? prefix + "/" : "", endpoint, query["region"] ?? "us-east-1");
        problem = "";
        return true;
    }
}
