using System.Globalization;
using MlTr.Abstractions.Evaluations;
using MlTr.Grains.Evaluations;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Evaluations;

/// <summary>Where the parts of an evaluation lie, in the folder of its trial, until they are merged.</summary>
internal static class EvaluationFolder
{
    public static string Of(DataFolder data, string evaluationId)
    {
        var trial = EvaluationIds.TrialOf(evaluationId);
        return Path.Combine(data.Trial(trial.SweepId, trial.Number), "evaluations", evaluationId[(evaluationId.LastIndexOf('/') + 1)..]);
    }

    /// <summary>Each assignment writes a file of its own, so that a worker which lost its lease without knowing it touches nothing that counts.</summary>
    public static string FileName(PartAssignment part) => string.Create(CultureInfo.InvariantCulture, $"part-{part.Id.Number:D4}-epoch-{part.Epoch}.safetensors");
}
