using MlTr.Model.Checkpoints;
using MlTr.Model.Tests.Data;
using static TorchSharp.torch;

namespace MlTr.Model.Tests.Checkpoints;

public sealed class CheckpointStoreTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Save_TheBestMapReachedTwice_KeepsAndOpensTheFirst()
    {
        Save((1, 0.5, 1), (2, 0.5, 1), (3, 0.4, 1), (4, 0.3, 1));

        Assert.Equal([1, 3, 4], Steps());
        Assert.Equal(1, CheckpointStore.OpenBest(folder.Path).State.Step);
    }

    [Fact]
    public void OpenBest_TheBestIsGone_TakesTheHighestLeft()
    {
        Save((1, 0.5, 1), (2, 0.4, 1), (3, 0.3, 1));
        Directory.Delete(folder["step-00000001"], recursive: true);

        Assert.Equal(2, CheckpointStore.OpenBest(folder.Path).State.Step);
    }

    [Fact]
    public void Save_TheBestWasNeverSaved_KeepsTheHighestThereIs()
    {
        Save((2, 0.4, 1), (3, 0.4, 1), (4, 0.2, 1), (5, 0.3, 1));

        Assert.Equal([2, 4, 5], Steps());
        Assert.Equal(2, CheckpointStore.OpenBest(folder.Path).State.Step);
    }

    private void Save(params (long Step, double Map, long BestStep)[] checkpoints)
    {
        var store = new CheckpointStore(folder.Path, keepLast: 2);
        using var weight = zeros(1);
        foreach (var (step, map, best) in checkpoints)
        {
            var state = new TrainerState { Step = step, Map = map, BestStep = best, Config = MlTrConfig.Nano(2), DataDigest = "" };
            store.Save(state, [(CheckpointStore.Weights, [("weight", weight)])]);
        }
    }

    private IEnumerable<long> Steps() => Directory.GetDirectories(folder.Path).Order(StringComparer.Ordinal).Select(path => CheckpointStore.Open(path).State.Step);
}
