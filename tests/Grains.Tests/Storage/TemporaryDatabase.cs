using MlTr.Grains.Storage;

namespace MlTr.Grains.Tests.Storage;

/// <summary>A folder of a test's own for its database, gone afterwards.</summary>
internal sealed class TemporaryDatabase : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("mltr-store-").FullName;

    public string Path => System.IO.Path.Combine(Folder, "mltr.db");

    public StoreOptions Options => new() { DatabasePath = Path, BusyTimeout = TimeSpan.FromMilliseconds(100) };

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
