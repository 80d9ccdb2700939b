using MlTr.Abstractions.Datasets;
using MlTr.Model.Data.Marks;
using MlTr.Silo.Artifacts;
using MlTr.Silo.Datasets;
using MlTr.Silo.Hosting;
using MlTr.Testing;

namespace MlTr.Silo.Tests.Datasets;

/// <summary>Datasets in a bucket: registered by address, fetched once for each machine.</summary>
public sealed class DatasetCopiesTests : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mltr-bucket-");
    private readonly S3Server _server = new();
    private readonly DatasetCopies _copies;

    public DatasetCopiesTests() => _copies = new DatasetCopies(
        Data, address => new S3ArtifactStore(address, new Amazon.Runtime.BasicAWSCredentials(S3Server.Key, "secret")));

    private DataFolder Data => new(_folder.FullName);

    private string Address => $"s3://{S3Server.Bucket}/sets/kitchen?endpoint={_server.Endpoint}";

    private DatasetSnapshot Kitchen => new("kitchen", "coco", Address, DatasetState.Registered, 0, null, "", [], []);

    private static CancellationToken Limit => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void Fetch_ABucket_BringsEveryFile_AndTellsHowFar()
    {
        Put(("a.txt", "1234"), ("pictures/b.txt", "5678"), ("pictures/deep/c.txt", "90"));
        var shares = new List<double>();

        var here = _copies.Fetch(Kitchen, shares.Add, Limit);

        Assert.StartsWith(Data.Datasets, here.Folder, StringComparison.Ordinal);
        Assert.Equal(["1234", "5678", "90"], new[] { "a.txt", "pictures/b.txt", "pictures/deep/c.txt" }.Select(name => File.ReadAllText(Path.Combine(here.Folder, name))));
        Assert.Equal([0, 0.4, 0.8, 1.0], shares.Select(share => Math.Round(share, 3)));
    }

    [Fact]
    public void Fetch_Again_AsksTheBucketNothing()
    {
        Put(("a.txt", "1234"));
        var first = _copies.Fetch(Kitchen, cancellationToken: Limit);
        _server.IsBroken = true;

        Assert.Equal(first.Folder, _copies.Fetch(Kitchen, cancellationToken: Limit).Folder);
    }

    [Fact]
    public void Fetch_StoppedInTheMiddle_GoesOnWithTheRest()
    {
        Put(("a.txt", "1234"), ("b.txt", "5678"));
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => _copies.Fetch(Kitchen, share => StopAfterTheFirst(share, stop), stop.Token));
        _server.Objects["sets/kitchen/a.txt"] = "xxxx"u8.ToArray(); // so that a second fetch of it would be seen

        var here = _copies.Fetch(Kitchen, cancellationToken: Limit);

        Assert.Equal(["1234", "5678"], new[] { "a.txt", "b.txt" }.Select(name => File.ReadAllText(Path.Combine(here.Folder, name))));
    }

    [Fact]
    public async Task Fetch_BySeveralAtOnce_IsDoneByOne()
    {
        Put([.. Enumerable.Range(0, 20).Select(i => ($"{i}.txt", $"{i}"))]);
        var told = 0;

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => _copies.Fetch(Kitchen, share => Interlocked.Add(ref told, share > 0 ? 1 : 0), Limit), Limit)));

        Assert.Equal(20, told);
    }

    [Fact]
    public void Fetch_NamesThatTheCopyKeepsItsMarksUnder_AreFilesLikeOthers()
    {
        Put((".fetched", "1"), ("a.txt", "2"));
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => _copies.Fetch(Kitchen, share => StopAfterTheFirst(share, stop), stop.Token));

        var here = _copies.Fetch(Kitchen, cancellationToken: Limit);

        Assert.Equal("2", File.ReadAllText(Path.Combine(here.Folder, "a.txt")));
    }

    [Fact]
    public async Task HereOrComing_NotHereYet_IsFetchedBesideAndThenThere()
    {
        Put(("a.txt", "1234"));

        var first = _copies.HereOrComing(Kitchen);
        DatasetSnapshot? here;
        while ((here = _copies.HereOrComing(Kitchen)) is null)
        {
            await Task.Delay(10, Limit);
        }

        Assert.Null(first);
        Assert.Equal("1234", File.ReadAllText(Path.Combine(here.Folder, "a.txt")));
    }

    [Fact]
    public void Fetch_ANameThatLeadsOut_IsRefused()
    {
        Put(("../../../escaped.txt", "x"));

        var error = Assert.Throws<ArtifactStoreException>(() => _copies.Fetch(Kitchen, cancellationToken: Limit));

        Assert.Contains("leads out", error.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.Parent!.GetFiles("escaped.txt"));
    }

    [Fact]
    public async Task Source_ADatasetInABucket_IsIndexedAsOneInAFolder()
    {
        var drawn = Path.Combine(_folder.FullName, "drawn");
        MarksDataset.Ensure(MarksPreset.Mini, drawn, ct: Limit);
        foreach (var file in Directory.GetFiles(drawn, "*", SearchOption.AllDirectories))
        {
            _server.Objects[$"sets/kitchen/{Path.GetRelativePath(drawn, file)}"] = File.ReadAllBytes(file);
        }

        var source = new ModelDatasetSource(Data, _copies);
        var known = source.Examine(new DatasetRegistration("kitchen", Address, "coco"));
        var contents = await source.EnsureAsync(known, _ => { }, Limit);
        var shard = await source.IndexShardAsync(known, "train", 0, 1, Limit);
        var inFolder = await source.IndexShardAsync(known with { Folder = drawn }, "train", 0, 1, Limit);

        Assert.Equal(Address, known.Folder);
        Assert.Equal(["train", "validation"], contents.Splits.Select(split => split.Name));
        Assert.Equal(inFolder.Sha256, shard.Sha256);
    }

    [Theory]
    [InlineData("s3://", "coco", "names no bucket")]
    [InlineData("s3://mltr/none?endpoint=http://127.0.0.1:1/&size=2", "coco", "'size' is no part of an address")]
    [InlineData(null, null, "name the dataset's format, one of coco")]
    [InlineData(null, "jpeg", "name the dataset's format, one of coco")]
    [InlineData("empty", "coco", "There is nothing under s3://mltr/empty")]
    [InlineData("unknown-bucket", "coco", "cannot be read: the bucket unknown-bucket")]
    public void Examine_WhatCannotBeUsed_SaysWhatToDo(string? folder, string? format, string expected)
    {
        Put(("a.txt", "1"));
        var address = folder switch
        {
            null => Address,
            "empty" => $"s3://{S3Server.Bucket}/empty?endpoint={_server.Endpoint}",
            "unknown-bucket" => $"s3://unknown-bucket/sets?endpoint={_server.Endpoint}",
            _ => folder,
        };

        var error = Assert.Throws<DatasetRegistrationException>(() => new ModelDatasetSource(Data, _copies).Examine(new DatasetRegistration("kitchen", address, format)));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static void StopAfterTheFirst(double share, CancellationTokenSource stop)
    {
        if (share > 0)
        {
            stop.Cancel();
        }
    }

    private void Put(params (string Name, string Text)[] files)
    {
        foreach (var (name, text) in files)
        {
            _server.Objects[$"sets/kitchen/{name}"] = System.Text.Encoding.UTF8.GetBytes(text);
        }
    }
}
