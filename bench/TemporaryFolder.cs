namespace MlTr.Bench;

/// <summary>A new folder that goes away with its user.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mltr-bench-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
