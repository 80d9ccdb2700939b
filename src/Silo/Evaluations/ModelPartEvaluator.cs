using MlTr.Abstractions.Client;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Evaluations;
using MlTr.Grains.Trials;
using MlTr.Model.Data;
using MlTr.Model.Inspection;
using MlTr.Model.Native;
using MlTr.Silo.Artifacts;
using MlTr.Silo.Datasets;
using MlTr.Silo.Hosting;
using MlTr.Silo.Trials;

namespace MlTr.Silo.Evaluations;

/// <summary>Computes a part with the model's predictor and leaves what it said in a file.</summary>
internal sealed class ModelPartEvaluator(int threads, DataFolder data, CheckpointCopies copies, DatasetCopies datasets, IMlTrClient client) : IPartEvaluator
{
    public string Run(PartAssignment part, Action<int> progress, CancellationToken cancellationToken)
    {
        try
        {
            return Score(part, progress, cancellationToken);
        }
        catch (Exception error) when (TrialFailures.Of(error) is { } failure)
        {
            throw failure;
        }
    }

    private string Score(PartAssignment part, Action<int> progress, CancellationToken cancellationToken)
    {
        NativeTorch.EnsureLoaded();
        var dataset = datasets.OnThisMachine(client, part.Dataset, cancellationToken);
        var trial = part.Id.Trial;
        var checkpoint = copies.OpenOrFetch(Path.Combine(data.Trial(trial.SweepId, trial.Number), part.Checkpoint), out var problem)
            ?? throw new TrialFailedException($"The checkpoint {part.Checkpoint} cannot be used ({problem}): evaluate another one.", FailureKind.Data);
        using var network = Predictor.FromCheckpoint(checkpoint.Folder, device: part.Device);
        var set = DatasetFolder.Open(dataset.Folder, dataset.Format, part.Split, ModelEvaluationPlanner.ReadOptions, cancellationToken);
        var done = 0;
        var scored = network.Score(set, part.Id.Number - 1, part.Parts, part.ImageSize, threads, () => progress(Interlocked.Increment(ref done)), cancellationToken);
        var file = EvaluationFolder.FileName(part);
        var path = Path.Combine(EvaluationFolder.Of(data, part.Id.Evaluation), file);
        scored.Save(path);
        copies.PutFile(path);
        return file;
    }
}
