using MlTr.Abstractions.Datasets;
using MlTr.Silo.Datasets;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Tests.Datasets;

/// <summary>How much decoded pictures may take, and what goes first.</summary>
public sealed class DecodedFolderTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("mltr-decoded-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void MakeRoom_TheLimitIsReached_DeletesWhatWasNotUsedForLongest()
    {
        var folder = new DecodedFolder(_root.FullName, LimitBytes: 2_500, "here");
        Fill(folder, "old", 32, hoursAgo: 3);
        Fill(folder, "older", 32, hoursAgo: 5);

        Assert.Null(folder.MakeRoom(Dataset("new"), 32, 1_000));

        Assert.True(Directory.Exists(folder.Of(Dataset("old"), "train", 32)));
        Assert.False(Directory.Exists(folder.Of(Dataset("older"), "train", 32)));
    }

    [Fact]
    public void MakeRoom_WhatIsThereOfItsOwn_StaysAndCountsOnce()
    {
        var folder = new DecodedFolder(_root.FullName, LimitBytes: 2_000, "here");
        Fill(folder, "other", 32, hoursAgo: 1);
        Fill(folder, "own", 32, hoursAgo: 9);

        Assert.Null(folder.MakeRoom(Dataset("own"), 32, 1_000));

        Assert.True(Directory.Exists(folder.Of(Dataset("own"), "train", 32)));
        Assert.True(Directory.Exists(folder.Of(Dataset("other"), "train", 32)));
    }

    [Fact]
    public void MakeRoom_MoreThanIsAllowed_SaysSo_AndDeletesNothing()
    {
        var folder = new DecodedFolder(_root.FullName, LimitBytes: 2_000, "here");
        Fill(folder, "other", 32, hoursAgo: 1);

        var problem = folder.MakeRoom(Dataset("large"), 32, 71_000_000_000);

        Assert.Equal("they would take 71 GB and Platform:DecodedGigabytes allows 0", problem);
        Assert.True(Directory.Exists(folder.Of(Dataset("other"), "train", 32)));
    }

    [Fact]
    public void MakeRoom_TheDiskIsTooSmall_SaysHowMuchIsMissing()
    {
        var folder = new DecodedFolder(_root.FullName, long.MaxValue / 2, "here");

        var problem = folder.MakeRoom(Dataset("large"), 32, long.MaxValue / 4);

        Assert.Contains("GB more are needed and the disk of", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_RegisteredAnewFromElsewhere_IsAnotherFolder()
    {
        var folder = new DecodedFolder(_root.FullName, LimitBytes: 2_000, "here");

        Assert.NotEqual(folder.Of(Dataset("mine"), "train", 32), folder.Of(Dataset("mine") with { Folder = "/elsewhere" }, "train", 32));
    }

    [Fact]
    public void Of_Options_DefaultsToAFolderOfTheMachine_WithinTheDataFolder()
    {
        var folder = DecodedFolder.Of(new PlatformOptions { Data = _root.FullName });

        Assert.Equal((Path.Combine(_root.FullName, "decoded", Environment.MachineName), 50_000_000_000), (folder.Root, folder.LimitBytes));
    }

    [Fact]
    public void Of_AFolderThatHoldsOtherThings_KeepsToOneOfItsOwn()
    {
        var folder = DecodedFolder.Of(new PlatformOptions { DecodedFolder = _root.FullName, DecodedGigabytes = 1e-6, Machine = "box" });
        var alices = Directory.CreateDirectory(Path.Combine(_root.FullName, "alice", "project")).FullName;
        File.WriteAllBytes(Path.Combine(alices, "thesis"), new byte[5_000]);

        Assert.Null(folder.MakeRoom(Dataset("new"), 32, 900));

        Assert.True(File.Exists(Path.Combine(alices, "thesis")));
        Assert.StartsWith("box~", folder.Place, StringComparison.Ordinal);
    }

    private static DatasetSnapshot Dataset(string id) => new(id, "list", "/pictures/" + id, DatasetState.Ready, 1, null, "", [], []);

    private static void Fill(DecodedFolder folder, string id, int imageSize, int hoursAgo)
    {
        var split = folder.Of(Dataset(id), "train", imageSize);
        Directory.CreateDirectory(split);
        var file = Path.Combine(split, "1-of-1.pictures");
        File.WriteAllBytes(file, new byte[1_000]);
        var then = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-hoursAgo);
        File.SetLastWriteTimeUtc(file, then);
        for (var at = split; at != folder.Root; at = Path.GetDirectoryName(at)!)
        {
            Directory.SetLastWriteTimeUtc(at, then);
        }
    }
}
