using MlTr.Abstractions.Predictions;
using MlTr.Grains.Predictions;
using MlTr.Model.Checkpoints;
using MlTr.Silo.Artifacts;
using MlTr.Silo.Hosting;
using MlTr.Silo.Trials;

namespace MlTr.Silo.Predictions;

/// <summary>Finds the checkpoint that a trial's result comes from.</summary>
internal static class BestCheckpoint
{
    /// <summary>The best recorded checkpoint that is complete on the disk, or the newest one where the best is gone.</summary>
    /// <exception cref="PredictionsException">There is none.</exception>
    public static TrainerCheckpoint Find(DataFolder data, CheckpointCopies copies, PredictionSource source)
    {
        var root = data.Trial(source.Trial.SweepId, source.Trial.Number);
        if (source.Checkpoints.IsEmpty)
        {
            throw new PredictionsException("This trial has no checkpoint: a trial saves the first one after its first validation, and they may have been deleted since.");
        }

        var folder = new TrialFolder(root, copies, attempt: 0);
        var found = folder.FindStart(source.Checkpoints);
        var newest = found.Newest ?? throw new PredictionsException(
            $"No checkpoint of this trial can be used; they should lie in {root} on the control machine. {(found.Problems.Count > 0 ? found.Problems[0] : "")}".TrimEnd());
        return folder.FindBest(newest, source.Checkpoints) ?? newest;
    }
}
