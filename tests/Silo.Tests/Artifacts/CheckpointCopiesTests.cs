using MlTr.Silo.Artifacts;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Tests.Artifacts;

/// <summary>Checkpoints between two data folders by a store.</summary>
public sealed class CheckpointCopiesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mltr-copies-");
    private readonly FolderArtifactStore _store;
    private readonly DataFolder _here, _there;

    public CheckpointCopiesTests()
    {
        _store = new FolderArtifactStore(Path.Combine(_folder.FullName, "store"));
        (_here, _there) = (new(Path.Combine(_folder.FullName, "here")), new(Path.Combine(_folder.FullName, "there")));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void TryFetch_ACopy_IsTheWholeCheckpoint_OverADamagedOne()
    {
        var (mine, other) = (Checkpoint(_here), Checkpoint(_there));
        Write(mine, "manifest.json", "weights.safetensors");
        Write(other, "leftover");

        new CheckpointCopies(_here, _store).Put(mine);
        var found = new CheckpointCopies(_there, _store).TryFetch(other);

        Assert.True(found);
        Assert.Equal(["manifest.json", "weights.safetensors"], Directory.GetFiles(other).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal([Path.GetFileName(other)], Directory.GetFileSystemEntries(Path.GetDirectoryName(other)!).Select(Path.GetFileName));
    }

    [Fact]
    public void TryFetch_ACopyThatWasCutShort_IsNone()
    {
        var other = Checkpoint(_there);
        Write(Checkpoint(_here), "weights.safetensors");
        new CheckpointCopies(_here, _store).Put(Checkpoint(_here)); // its manifest would have been the last

        Assert.False(new CheckpointCopies(_there, _store).TryFetch(other));
        Assert.False(Directory.Exists(other));
    }

    [Fact]
    public void Delete_ASweep_TakesItsCopiesOnly()
    {
        var copies = new CheckpointCopies(_here, _store);
        foreach (var number in (int[])[1, 2])
        {
            Write(Checkpoint(_here, $"s{number}"), "manifest.json");
            copies.Put(Checkpoint(_here, $"s{number}"));
        }

        copies.Delete(_here.Sweep("s1"));

        Assert.Empty(copies.Checkpoints(_here.Trial("s1", 1)));
        Assert.Equal([Checkpoint(_here, "s2")], copies.Checkpoints(_here.Trial("s2", 1)));
    }

    [Fact]
    public void WithoutAStore_NothingIsCopiedOrFetched()
    {
        var copies = new CheckpointCopies(_here, store: null);
        Write(Checkpoint(_here), "manifest.json");

        copies.Put(Checkpoint(_here));
        copies.Delete(_here.Sweep("s1"));

        Assert.False(copies.TryFetch(Checkpoint(_here)));
        Assert.True(File.Exists(Path.Combine(Checkpoint(_here), "manifest.json")));
    }

    [Fact]
    public void Open_AFolderThatCannotBe_NamesTheSetting()
    {
        Directory.CreateDirectory(_folder.FullName);
        File.WriteAllText(Path.Combine(_folder.FullName, "a-file"), "");

        var error = Assert.Throws<PlatformException>(() => CheckpointCopies.Open(new() { Artifacts = Path.Combine(_folder.FullName, "a-file") }));

        Assert.StartsWith("Platform:Artifacts", error.Message, StringComparison.Ordinal);
    }

    private static string Checkpoint(DataFolder data, string sweep = "s1") => Path.Combine(data.Trial(sweep, 1), "attempt-0001", "step-00000003");

    private static void Write(string folder, params string[] files)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in files)
        {
            File.WriteAllText(Path.Combine(folder, file), file);
        }
    }
}
