using MlTr.Silo.Hosting;

namespace MlTr.Silo.Tests.Hosting;

public sealed class DataFolderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mltr-silo-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("first-sweep-20260131-174500-3f9a", "first-sweep-20260131-174500-3f9a")]
    [InlineData("../../outside", "id-")]
    [InlineData("a/b", "id-")]
    [InlineData(".hidden", "id-")]
    public void Trial_AnySweepId_StaysInTheFolder(string sweepId, string starts)
    {
        var data = new DataFolder(_folder.FullName);

        var path = Path.GetFullPath(data.Trial(sweepId, 3));

        Assert.StartsWith(Path.Combine(_folder.FullName, "trials", starts), path, StringComparison.Ordinal);
        Assert.Equal("3", Path.GetFileName(path));
    }

    [Fact]
    public void EnsureWritable_AFileInItsPlace_IsOneLineWithTheOption()
    {
        var file = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(file, "");

        var error = Assert.Throws<PlatformException>(new DataFolder(file).EnsureWritable);

        Assert.Contains("--data", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
