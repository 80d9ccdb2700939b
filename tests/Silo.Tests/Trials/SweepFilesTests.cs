using System.IO.Compression;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Trials;
using MlTr.Model.Inspection;
using MlTr.Silo.Artifacts;
using MlTr.Silo.Datasets;
using MlTr.Silo.Hosting;
using MlTr.Silo.Trials;

namespace MlTr.Silo.Tests.Trials;

/// <summary>The checkpoints of a trial that was really trained; the machine that is asked has only their copies.</summary>
[Collection(UsesTorch.Name)]
public sealed class SweepFilesTests : IDisposable
{
    private static readonly TrialId Id = new("sweep", 1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mltr-checkpoints-");

    private DataFolder Data => new(Path.Combine(_folder.FullName, "data"));

    private SweepFiles Files => new(Data, new CheckpointCopies(Data, new FolderArtifactStore(Path.Combine(_folder.FullName, "copies"))));

    private DatasetSnapshot Marks => new ModelDatasetSource(Data, new DatasetCopies(Data)).BuiltIn.Single(known => known.Id == "marks-mini");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Read_ACheckpointOfAnotherMachine_IsAFolderThatPredicts_AndADeletedOneIsGoneEverywhere()
    {
        var recorded = TrainedTrial.Train(Id, Data, Marks);
        var last = recorded[^1];
        new CheckpointCopies(Data, new FolderArtifactStore(Path.Combine(_folder.FullName, "copies"))).Put(last.Path);
        Directory.Delete(last.Path, recursive: true);

        var unpacked = await DownloadAsync(last);
        using (var predictor = Predictor.FromCheckpoint(Path.Combine(unpacked, Path.GetFileName(last.Path))))
        {
            Assert.Equal(6, predictor.ClassNames.Count);
        }

        Files.DeleteCheckpoint(Id, last);
        Files.DeleteCheckpoint(Id, last); // none is fine
        Assert.False(Directory.Exists(last.Path));
        var error = await Assert.ThrowsAsync<CheckpointException>(() => DownloadAsync(last));
        Assert.Contains(last.Path, error.Message, StringComparison.Ordinal);
        Assert.All(recorded.Where(one => one != last), one => Assert.True(Directory.Exists(one.Path)));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("x/../..")]
    [InlineData("attempt-0001/")]
    [InlineData("attempt-0001/..")]
    [InlineData("/")]
    [InlineData("")]
    public async Task APathThatNoWorkerGives_DeletesNothing_AndIsNotRead(string path)
    {
        var kept = Path.Combine(Data.Trial(Id.SweepId, Id.Number), "attempt-0001", "step-00000001", "weights.safetensors");
        Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
        await File.WriteAllTextAsync(kept, "kept", Token);
        var forged = new CheckpointSnapshot(1, 1, path, 1, "", DateTimeOffset.UnixEpoch);

        Files.DeleteCheckpoint(Id, forged);

        Assert.True(File.Exists(kept));
        await Assert.ThrowsAsync<CheckpointException>(() => DownloadAsync(forged));
    }

    private async Task<string> DownloadAsync(CheckpointSnapshot checkpoint)
    {
        using var zip = new MemoryStream();
        await foreach (var piece in Files.ReadCheckpointAsync(Id, checkpoint, Token))
        {
            await zip.WriteAsync(piece.AsMemory(), Token);
        }

        zip.Position = 0;
        var folder = Path.Combine(_folder.FullName, "unpacked");
        await ZipFile.ExtractToDirectoryAsync(zip, folder, Token);
        return folder;
    }
}
