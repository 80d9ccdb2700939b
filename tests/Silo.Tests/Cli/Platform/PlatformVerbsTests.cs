using MlTr.Silo.Cli.Platform;
using MlTr.Silo.Hosting;
using Spectre.Console;

namespace MlTr.Silo.Tests.Cli.Platform;

public sealed class PlatformVerbsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mltr-verbs-");
    private readonly StringWriter _output = new();

    private string Data => Path.Combine(_folder.FullName, "data");

    public void Dispose()
    {
        _output.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("sweeps")]
    [InlineData("trials", "first-sweep")]
    [InlineData("pause", "first-sweep")]
    [InlineData("retry", "first-sweep/1")]
    [InlineData("tag", "first-sweep", "night")]
    [InlineData("models", "--json")]
    [InlineData("workers")]
    [InlineData("evaluate-trial", "first-sweep/1")]
    [InlineData("backup", "copy.db")]
    [InlineData("user", "list")]
    [InlineData("token", "list")]
    public async Task AVerb_OnADataFolderThatIsNotThere_SaysSoAndMakesNothing(params string[] words)
    {
        var error = await Assert.ThrowsAsync<PlatformException>(() => RunAsync([.. words, "--data", Data]));

        Assert.Contains($"There is no platform's data in {Data}, which does not exist: name its folder with --data", error.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    [Fact]
    public async Task AVerb_OnAnotherFolder_LeavesItAsItIs()
    {
        Directory.CreateDirectory(Data);

        var error = await Assert.ThrowsAsync<PlatformException>(() => RunAsync("sweeps", "--data", Data));

        Assert.Contains($"There is no platform's data in {Data}: name", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Data));
    }

    [Fact]
    public async Task Backup_ToAFolderThatIsNotThere_IsRefused()
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "mltr.db"), "", TestContext.Current.CancellationToken);
        var mistyped = Path.Combine(_folder.FullName, "bakcups");

        var missing = await Assert.ThrowsAsync<PlatformException>(() => RunAsync("backup", Path.Combine(mistyped, "copy.db"), "--data", Data));
        var folder = await Assert.ThrowsAsync<PlatformException>(() => RunAsync("backup", _folder.FullName, "--data", Data));

        Assert.Contains($"There is no folder {mistyped}", missing.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(mistyped));
        Assert.Contains("is a folder: add the name of a file", folder.Message, StringComparison.Ordinal);
    }

    private Task<int?> RunAsync(params string[] words) =>
        PlatformVerbs.TryRunAsync(words, AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(_output) }), TestContext.Current.CancellationToken);
}
