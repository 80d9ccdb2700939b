using System.Collections.Immutable;
using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Placement;
using MlTr.Grains.Storage;

namespace MlTr.Grains.Evaluations;

/// <summary>Answers from the store which evaluations a trial has; keeps nothing.</summary>
[ControlSilo]
internal sealed class EvaluationDirectoryGrain(IExperimentStore store) : Grain, IEvaluationDirectoryGrain
{
    public Task<ImmutableArray<string>> ListAsync() => store.ListEvaluationsAsync(TrialId.Parse(this.GetPrimaryKeyString()));
}
