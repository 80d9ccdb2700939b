using MlTr.Model.Data.Loading;

namespace MlTr.Model.Tests.Data;

public class PictureCacheTests
{
    [Fact]
    public void Read_DiskFull_DecodesEachTimeAndSaysSo()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "the system has no device that is always full");
        using var cache = new PictureCache(2, 1, File.OpenHandle("/dev/full", FileMode.Open, FileAccess.ReadWrite));
        var (picture, decoded) = (new byte[3], 0);

        foreach (var index in new[] { 0, 1, 0, 1 })
        {
            Assert.Null(cache.Read(index, picture, () => [(byte)index, (byte)++decoded, 9]));
            Assert.Equal([(byte)index, (byte)decoded, 9], picture);
        }

        Assert.Equal(4, decoded);
        Assert.Contains("No space left on device", cache.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_KeptInAFile_LeavesNoFileBehind()
    {
        using var folder = new TempFolder();
        using var cache = new PictureCache(2, 1, new BatchSourceOptions { MemoryLimit = 0, CacheFolder = folder.Path });
        var picture = new byte[3];

        cache.Read(1, picture, () => [1, 2, 3]);
        picture.AsSpan().Clear();
        cache.Read(1, picture, () => throw new InvalidOperationException("decoded twice"));

        Assert.Equal([1, 2, 3], picture);
        Assert.Null(cache.Problem);
        Assert.True(OperatingSystem.IsWindows() || Directory.GetFiles(folder.Path).Length == 0);
    }
}
