using MlTr.Silo.Artifacts;

namespace MlTr.Silo.Tests.Artifacts;

/// <summary>What every store of files keeps to.</summary>
public abstract class ArtifactStoreContractTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mltr-artifacts-");

    private protected string Folder => _folder.FullName;

    public virtual void Dispose()
    {
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void TryGet_WhatWasPut_IsTheSame_AndTheLaterOneWins()
    {
        var store = Open();
        var large = new byte[3_000_000];
        new Random(1).NextBytes(large);

        store.EnsureReady();
        store.Put("trials/a b/1/weights", Write([1]));
        store.Put("trials/a b/1/weights", Write(large));
        var found = store.TryGet("trials/a b/1/weights", Path.Combine(Folder, "back"));

        Assert.True(found);
        Assert.Equal(large, File.ReadAllBytes(Path.Combine(Folder, "back")));
    }

    [Fact]
    public void TryGet_Nothing_SaysSoAndWritesNothing()
    {
        Assert.False(Open().TryGet("trials/none", Path.Combine(Folder, "back")));
        Assert.False(File.Exists(Path.Combine(Folder, "back")));
    }

    [Fact]
    public void List_AFolder_IsAllThatIsInItByNameWithItsSize_AndNotWhatOnlyBeginsAlike()
    {
        var store = Open();
        string[] names = ["trials/1/a", "trials/1/b/c", "trials/1/b/d", "trials/1/e", "trials/10/f", "trials/2/g"];
        foreach (var (name, size) in names.Select((name, index) => (name, index)).Reverse())
        {
            store.Put(name, Write(new byte[size]));
        }

        Assert.Equal([new("trials/1/a", 0), new("trials/1/b/c", 1), new("trials/1/b/d", 2), new("trials/1/e", 3)], store.List("trials/1"));
        Assert.Equal(names, store.List("trials").Select(one => one.Name));
        Assert.Empty(store.List("trials/3"));
    }

    [Fact]
    public void Delete_AFolder_TakesAllThatIsInItAndNothingElse_AndIsFineTwice()
    {
        var store = Open();
        foreach (var name in (string[])["trials/1/a", "trials/1/b/c", "trials/10/f"])
        {
            store.Put(name, Write([1]));
        }

        store.Delete("trials/1");
        store.Delete("trials/1");

        Assert.Equal(["trials/10/f"], store.List("trials").Select(one => one.Name));
    }

    [Fact]
    public void EnsureReady_NotUsable_SaysWhyInOneLine()
    {
        var error = Assert.Throws<ArtifactStoreException>(OpenWrong().EnsureReady);

        Assert.DoesNotContain('\n', error.Message);
    }

    private protected abstract IArtifactStore Open();

    private protected abstract IArtifactStore OpenWrong();

    private string Write(byte[] content)
    {
        var path = Path.Combine(Folder, $"file-{Guid.NewGuid():N}");
        File.WriteAllBytes(path, content);
        return path;
    }
}

public sealed class FolderArtifactStoreTests : ArtifactStoreContractTests
{
    private protected override IArtifactStore Open() => new FolderArtifactStore(Path.Combine(Folder, "kept"));

    private protected override IArtifactStore OpenWrong()
    {
        File.WriteAllText(Path.Combine(Folder, "a-file"), "");
        return new FolderArtifactStore(Path.Combine(Folder, "a-file"));
    }
}
