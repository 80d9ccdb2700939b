using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using MlTr.Abstractions.Datasets;
using MlTr.Abstractions.Models;
using MlTr.Abstractions.Trials;
using MlTr.Model.Data.Loading;
using MlTr.Model.Inspection;
using MlTr.Silo.Artifacts;
using MlTr.Silo.Datasets;
using MlTr.Silo.Hosting;
using MlTr.Silo.Models;
using MlTr.Silo.Tests.Trials;
using MlTr.Silo.Trials;

namespace MlTr.Silo.Tests.Models;

/// <summary>The registry's files over a trial that was really trained, for two passes on the smallest built-in dataset.</summary>
[Collection(UsesTorch.Name)]
public sealed class ModelFilesTests : IDisposable
{
    private static readonly TrialId Id = new("sweep", 1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mltr-models-");

    private DatasetSnapshot Marks => new ModelDatasetSource(Data, new DatasetCopies(Data)).BuiltIn.Single(known => known.Id == "marks-mini");

    private DataFolder Data => new(_folder.FullName);

    private ModelFiles Files => new(Data, new CheckpointCopies(Data, store: null));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Register_ThenDownload_IsAFolderThatPredictsAsTheCheckpointDid_AfterTheTrialIsGone()
    {
        var recorded = TrainedTrial.Train(Id, Data, Marks);
        using var set = new ImageSetBatchSource(
            new OpenSets(new DatasetCopies(Data)).Open(Marks, "validation"), new BatchSourceOptions { Augmentations = Augmentations.None });
        var (expected, thresholds) = Scores(Data.Trial(Id.SweepId, Id.Number) + "/attempt-0001", set);

        var file = await Files.AddAsync("kitchen", 1, Id, recorded, ModelCheckpoint.Best);
        new SweepFiles(Data, new CheckpointCopies(Data, store: null)).Delete(Id.SweepId); // as a purge does
        var unpacked = await DownloadAsync();

        var (actual, kept) = Scores(Path.Combine(unpacked, "kitchen-1"), set);
        Assert.Equal(expected, actual);
        Assert.Equal(thresholds, kept);
        Assert.Equal(["manifest.json", "model.json", "state.json", "weights.safetensors"], Directory.GetFiles(Path.Combine(unpacked, "kitchen-1")).Select(Path.GetFileName).Order());
        var weights = await File.ReadAllBytesAsync(Path.Combine(unpacked, "kitchen-1", "weights.safetensors"), Token);
        Assert.Equal((6, weights.Length, Convert.ToHexStringLower(SHA256.HashData(weights))), (file!.Classes, file.Bytes, file.Sha256));
        var card = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(unpacked, "kitchen-1", "model.json"), Token)).RootElement;
        Assert.Equal("sweep/1", card.GetProperty("Origin").GetProperty("trial").GetString());
        Assert.Equal((6, 6), (card.GetProperty("ClassNames").GetArrayLength(), card.GetProperty("Thresholds").GetArrayLength()));
    }

    [Fact]
    public async Task Add_AVersionThatIsThere_LeavesItAlone_AndADamagedOneIsNotHandedOut()
    {
        var recorded = TrainedTrial.Train(Id, Data, Marks);
        Assert.NotNull(await Files.AddAsync("kitchen", 1, Id, recorded, ModelCheckpoint.Last));

        Assert.Null(await Files.AddAsync("kitchen", 1, Id, recorded, ModelCheckpoint.Best));
        Assert.Equal([Data.Model("kitchen", 1)], Directory.GetDirectories(Path.GetDirectoryName(Data.Model("kitchen", 1))!)); // nothing unfinished beside it

        await File.AppendAllTextAsync(Path.Combine(Data.Model("kitchen", 1), "weights.safetensors"), "x", Token);
        var error = await Assert.ThrowsAsync<ModelRegistryException>(() => DownloadAsync());
        Assert.Contains("weights.safetensors is damaged", error.Message, StringComparison.Ordinal);

        Files.Delete("kitchen", 1);
        Files.Delete("kitchen", 1); // none is fine
        Assert.False(Directory.Exists(Data.Model("kitchen", 1)));
    }

    [Fact]
    public async Task Find_NoCheckpoint_SaysWhatIsMissing()
    {
        var none = await Assert.ThrowsAsync<ModelRegistryException>(() => Files.FindAsync(Id, [], ModelCheckpoint.Best));
        Assert.Contains("has no checkpoint", none.Message, StringComparison.Ordinal);

        var gone = new CheckpointSnapshot(1, 6, "/elsewhere/attempt-0001/step-00000006", 1, "", DateTimeOffset.UnixEpoch);
        var error = await Assert.ThrowsAsync<ModelRegistryException>(() => Files.FindAsync(Id, [gone], ModelCheckpoint.Last));
        Assert.Contains(Data.Trial("sweep", 1), error.Message, StringComparison.Ordinal);
    }

    /// <summary>As the endpoint and a program get it, unpacked.</summary>
    private async Task<string> DownloadAsync()
    {
        using var zip = new MemoryStream();
        await foreach (var piece in Files.ReadPackageAsync("kitchen", 1, Token))
        {
            await zip.WriteAsync(piece.AsMemory(), Token);
        }

        zip.Position = 0;
        var folder = Path.Combine(_folder.FullName, "unpacked");
        await ZipFile.ExtractToDirectoryAsync(zip, folder, Token);
        return folder;
    }

    private static (float[] Scores, double[]? Thresholds) Scores(string folder, ImageSetBatchSource set)
    {
        using var predictor = Predictor.FromCheckpoint(folder);
        return ([.. predictor.PredictAll(set, ct: Token).SelectMany(one => one.Prediction.Scores)], predictor.Thresholds?.ToArray());
    }
}
