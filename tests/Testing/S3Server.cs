using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Xml.Linq;

namespace MlTr.Testing;

/// <summary>
/// A server that speaks as much of S3 as a store of files asks for: put, get and delete an object, list by prefix in pages. It lets in whoever names the
/// right key (it does not check signatures), and takes bodies in one piece only, as the simpler servers do.
/// </summary>
public sealed class S3Server : IAsyncDisposable
{
    /// <summary>The one bucket.</summary>
    public const string Bucket = "mltr";

    /// <summary>The key that is let in.</summary>
    public const string Key = "key";

    private const int PageSize = 3; // small, so that every list needs several

    private static readonly XNamespace Xml = "http://s3.amazonaws.com/doc/2006-03-01/";

    private readonly HttpListener _listener = new();
    private readonly Task _serving;

    /// <summary>Starts one.</summary>
    public S3Server()
    {
        Endpoint = $"http://127.0.0.1:{FreePort.Next().ToString(CultureInfo.InvariantCulture)}/";
        _listener.Prefixes.Add(Endpoint);
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Where it listens.</summary>
    public string Endpoint { get; }

    /// <summary>What it keeps, by name.</summary>
    public ConcurrentDictionary<string, byte[]> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether it answers every request with an error of its own.</summary>
    public bool IsBroken { get; set; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Close();
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            _ = Task.Run(() => AnswerAsync(context));
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var (request, response) = (context.Request, context.Response);
        try
        {
            using var received = new MemoryStream();
            await request.InputStream.CopyToAsync(received);
            var (status, body) = Answer(request, received.ToArray(), response);
            response.StatusCode = (int)status;
            response.ContentLength64 = body.Length;
            await response.OutputStream.WriteAsync(body);
            response.Close();
        }
        catch (Exception error) when (error is HttpListenerException or IOException or ObjectDisposedException)
        {
            // the client is gone
        }
    }

    private (HttpStatusCode Status, byte[] Body) Answer(HttpListenerRequest request, byte[] received, HttpListenerResponse response)
    {
        var path = Uri.UnescapeDataString(request.Url!.AbsolutePath).TrimStart('/').Split('/', 2);
        var name = path.ElementAtOrDefault(1) ?? "";
        var signed = request.Headers["Authorization"] ?? "";
        return (request.HttpMethod, name) switch
        {
            _ when IsBroken => Error(HttpStatusCode.InternalServerError, "InternalError"),
            _ when !signed.Contains($"Credential={Key}/", StringComparison.Ordinal) => Error(HttpStatusCode.Forbidden, "InvalidAccessKeyId"),
            _ when path[0] != Bucket => Error(HttpStatusCode.NotFound, "NoSuchBucket"),
            _ when request.Headers["x-amz-content-sha256"]?.StartsWith("STREAMING", StringComparison.Ordinal) == true => Error(HttpStatusCode.NotImplemented, "NotImplemented"),
            ("GET", "") => (HttpStatusCode.OK, List(request)),
            ("PUT", { Length: > 0 }) => Put(name, received, response),
            ("GET", _) => Objects.TryGetValue(name, out var found) ? (HttpStatusCode.OK, found) : Error(HttpStatusCode.NotFound, "NoSuchKey"),
            ("DELETE", { Length: > 0 }) => Delete(name),
            _ => Error(HttpStatusCode.NotImplemented, "NotImplemented"),
        };
    }

    private (HttpStatusCode Status, byte[] Body) Put(string name, byte[] content, HttpListenerResponse response)
    {
        Objects[name] = content;
        response.Headers["ETag"] = $"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..32]}\"";
        return (HttpStatusCode.OK, []);
    }

    private (HttpStatusCode Status, byte[] Body) Delete(string name)
    {
        Objects.TryRemove(name, out _);
        return (HttpStatusCode.NoContent, []);
    }

    private byte[] List(HttpListenerRequest request)
    {
        var (prefix, after) = (request.QueryString["prefix"] ?? "", request.QueryString["continuation-token"] ?? "");
        var rest = Objects.Where(one => one.Key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(one.Key, after) > 0).OrderBy(one => one.Key, StringComparer.Ordinal).ToList();
        var page = rest.Take(PageSize).ToList();
        return Bytes(new XElement(
            Xml + "ListBucketResult",
            new XElement(Xml + "Name", Bucket),
            new XElement(Xml + "Prefix", prefix),
            new XElement(Xml + "KeyCount", page.Count),
            new XElement(Xml + "IsTruncated", rest.Count > page.Count ? "true" : "false"),
            rest.Count > page.Count ? new XElement(Xml + "NextContinuationToken", page[^1].Key) : null,
            page.Select(one => new XElement(Xml + "Contents", new XElement(Xml + "Key", one.Key), new XElement(Xml + "Size", one.Value.Length)))));
    }

    private static (HttpStatusCode Status, byte[] Body) Error(HttpStatusCode status, string code) =>
        (status, Bytes(new XElement("Error", new XElement("Code", code), new XElement("Message", code))));

    private static byte[] Bytes(XElement element)
    {
        using var stream = new MemoryStream();
        element.Save(stream);
        return stream.ToArray();
    }
}
