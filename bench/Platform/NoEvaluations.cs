using System.Collections.Immutable;
using MlTr.Abstractions.Evaluations;
using MlTr.Grains.Evaluations;

namespace MlTr.Bench.Platform;

/// <summary>Nothing is evaluated here.</summary>
internal sealed class NoEvaluations : IEvaluationPlanner, IPartEvaluator
{
    public Task<EvaluationPlan> PlanAsync(EvaluationSource source) => throw new EvaluationException("Nothing can be evaluated here.");

    public Task<EvaluationFigures> MergeAsync(string evaluationId, EvaluationPlan plan, ImmutableArray<string> files) => throw new EvaluationException("Nothing can be evaluated here.");

    public void Delete(string evaluationId)
    {
    }

    public string Run(PartAssignment part, Action<int> progress, CancellationToken cancellationToken) => throw new EvaluationException("Nothing can be evaluated here.");
}
