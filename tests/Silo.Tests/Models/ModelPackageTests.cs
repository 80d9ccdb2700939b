using MlTr.Abstractions.Models;
using MlTr.Silo.Models;

namespace MlTr.Silo.Tests.Models;

public sealed class ModelPackageTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mltr-package-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Read_AFolderWithALink_GivesNothingAway()
    {
        var secret = Path.Combine(_folder.FullName, "secret");
        await File.WriteAllTextAsync(secret, "secret", TestContext.Current.CancellationToken);
        var version = _folder.CreateSubdirectory("version").FullName;
        File.CreateSymbolicLink(Path.Combine(version, "weights.safetensors"), secret);
        var linked = Path.Combine(_folder.FullName, "linked");
        Directory.CreateSymbolicLink(linked, _folder.FullName);

        foreach (var folder in new[] { version, linked })
        {
            var error = await Assert.ThrowsAsync<ModelRegistryException>(async () =>
            {
                await foreach (var _ in ModelPackage.ReadAsync(folder, "x", words => new ModelRegistryException(words), TestContext.Current.CancellationToken))
                {
                    Assert.Fail("It gave something away.");
                }
            });
            Assert.Contains("is a link", error.Message, StringComparison.Ordinal);
        }
    }
}
