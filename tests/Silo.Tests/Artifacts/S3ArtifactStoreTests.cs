using Amazon.Runtime;
using MlTr.Silo.Artifacts;
using MlTr.Testing;

namespace MlTr.Silo.Tests.Artifacts;

public sealed class S3ArtifactStoreTests : ArtifactStoreContractTests
{
    private readonly S3Server _server = new();
    private readonly List<S3ArtifactStore> _opened = [];

    public override void Dispose()
    {
        _opened.ForEach(store => store.Dispose());
        _server.DisposeAsync().AsTask().Wait();
        base.Dispose();
    }

    [Fact]
    public void Put_WithAPrefix_LiesUnderIt()
    {
        var path = Path.Combine(Folder, "one");
        File.WriteAllText(path, "1");

        Open().Put("trials/1/a", path);

        Assert.Equal(["team/mltr/trials/1/a"], _server.Objects.Keys);
    }

    [Fact]
    public void EnsureReady_WrongKey_NamesTheBucketAndTheServer()
    {
        var error = Assert.Throws<ArtifactStoreException>(Open(S3Server.Bucket, key: "stranger").EnsureReady);

        Assert.Contains($"the bucket mltr at {new Uri(_server.Endpoint).Authority}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s3://mltr", "mltr", "", null)]
    [InlineData("s3://mltr/a/b/?endpoint=http://host:9000&region=eu-west-1", "mltr", "a/b/", "http://host:9000/")]
    public void Parse_AnAddress_HasItsParts(string text, string bucket, string prefix, string? endpoint)
    {
        var address = S3Address.Parse(text);

        Assert.Equal((bucket, prefix, endpoint), (address.Bucket, address.Prefix, address.Endpoint?.AbsoluteUri));
    }

    [Theory]
    [InlineData("s3://", "names no bucket")]
    [InlineData("gs://mltr", "names no bucket")]
    [InlineData("s3://mltr?endpoint=host", "'host' is no http address")]
    [InlineData("s3://mltr?colour=red", "'colour'")]
    public void Check_NoAddress_SaysWhatToDoInOneLine(string text, string says)
    {
        var problem = S3Address.Check(text);

        Assert.Contains(says, problem, StringComparison.Ordinal);
        Assert.Contains("s3://bucket/prefix", problem, StringComparison.Ordinal);
    }

    private protected override IArtifactStore Open() => Open($"{S3Server.Bucket}/team/mltr", S3Server.Key);

    private protected override IArtifactStore OpenWrong() => Open("no-such-bucket", S3Server.Key);

    private S3ArtifactStore Open(string bucket, string key)
    {
        var store = new S3ArtifactStore(S3Address.Parse($"s3://{bucket}?endpoint={_server.Endpoint}"), new BasicAWSCredentials(key, "secret"));
        _opened.Add(store);
        return store;
    }
}
