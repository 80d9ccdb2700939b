using System.Net;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace MlTr.Silo.Artifacts;

/// <summary>A bucket of a server that speaks S3; credentials come from the environment as all its tools read them.</summary>
internal sealed class S3ArtifactStore : IArtifactStore, IDisposable
{
    private const string KeyVariable = "AWS_ACCESS_KEY_ID", SecretVariable = "AWS_SECRET_ACCESS_KEY", SessionVariable = "AWS_SESSION_TOKEN";
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);

    private readonly S3Address _address;
    private readonly AmazonS3Client _client;

    /// <param name="address">The bucket.</param>
    /// <param name="credentials">Those of the environment if null.</param>
    /// <exception cref="ArtifactStoreException">The environment has none.</exception>
    public S3ArtifactStore(S3Address address, AWSCredentials? credentials = null)
    {
        _address = address;
        var config = new AmazonS3Config
        {
            // Only Amazon's own store knows the newer checksums; a checkpoint has its own in the manifest.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            Timeout = Timeout,
            MaxErrorRetry = 3,
        };
        if (address.Endpoint is { } endpoint)
        {
            (config.ServiceURL, config.AuthenticationRegion, config.ForcePathStyle) = (endpoint.AbsoluteUri, address.Region, true);
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(address.Region);
        }

        _client = new AmazonS3Client(credentials ?? OfEnvironment(), config);
    }

    public void EnsureReady() => Try(() => _client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _address.Bucket, Prefix = _address.Prefix, MaxKeys = 1 }));

    public void Put(string name, string path) => Try(() => _client.PutObjectAsync(new PutObjectRequest
    {
        BucketName = _address.Bucket,
        Key = _address.Prefix + name,
        FilePath = path,
        UseChunkEncoding = false, // not every such server takes a body in signed pieces
    }));

    public bool TryGet(string name, string path) => Try(async () =>
    {
        try
        {
            using var found = await _client.GetObjectAsync(_address.Bucket, _address.Prefix + name).ConfigureAwait(false);
            await found.WriteResponseStreamToFileAsync(path, append: false, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (AmazonS3Exception none) when (none.StatusCode == HttpStatusCode.NotFound && none.ErrorCode != "NoSuchBucket")
        {
            return false;
        }
    });

    public IReadOnlyList<Artifact> List(string folder) => Try<IReadOnlyList<Artifact>>(async () =>
    {
        var found = new List<Artifact>();
        var request = new ListObjectsV2Request { BucketName = _address.Bucket, Prefix = folder.Length == 0 ? _address.Prefix : $"{_address.Prefix}{folder}/" };
        ListObjectsV2Response page;
        do
        {
            page = await _client.ListObjectsV2Async(request).ConfigureAwait(false);
            found.AddRange((page.S3Objects ?? []).Select(one => new Artifact(one.Key[_address.Prefix.Length..], one.Size ?? 0)));
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
        return found;
    });

    public void Delete(string folder)
    {
        foreach (var artifact in List(folder))
        {
            Try(() => _client.DeleteObjectAsync(_address.Bucket, _address.Prefix + artifact.Name));
        }
    }

    public void Dispose() => _client.Dispose();

    private static AWSCredentials OfEnvironment()
    {
        string? Read(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
        return (Read(KeyVariable), Read(SecretVariable), Read(SessionVariable)) switch
        {
            ({ } key, { } secret, { } session) => new SessionAWSCredentials(key, secret, session),
            ({ } key, { } secret, null) => new BasicAWSCredentials(key, secret),
            _ => throw new ArtifactStoreException($"the environment has no credentials: set {KeyVariable} and {SecretVariable}."),
        };
    }

    // Blocking: it is called from threads of a trial's own, and at the start.
    private T Try<T>(Func<Task<T>> action)
    {
        try
        {
            return action().GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is AmazonClientException or AmazonServiceException or HttpRequestException or IOException or OperationCanceledException)
        {
            throw new ArtifactStoreException($"the bucket {_address.Bucket}{(_address.Endpoint is { } at ? $" at {at.Authority}" : "")}: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }
}
