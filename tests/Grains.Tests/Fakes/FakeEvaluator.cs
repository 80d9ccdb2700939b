using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using MlTr.Abstractions.Evaluations;
using MlTr.Grains.Evaluations;

namespace MlTr.Grains.Tests.Fakes;

/// <summary>
/// Evaluates nothing: the plan has four parts of ten pictures, and the mAP is the number of different files that were merged. A test may hold a trial's
/// parts, or let them fail.
/// </summary>
internal sealed class FakeEvaluator : IEvaluationPlanner, IPartEvaluator
{
    public const int Parts = 4;
    public const int Pictures = 10;

    private readonly ConcurrentDictionary<string, Action<PartAssignment, int, CancellationToken>> _hooks = new(StringComparer.Ordinal);

    /// <summary>The parts that were computed, in order.</summary>
    public ConcurrentQueue<PartAssignment> Runs { get; } = [];

    /// <summary>The evaluations whose files were deleted.</summary>
    public ConcurrentQueue<string> Deleted { get; } = [];

    /// <summary>Called before each picture of a sweep's evaluations: may wait, or throw.</summary>
    public void OnPicture(string sweepId, Action<PartAssignment, int, CancellationToken> hook) => _hooks[sweepId] = hook;

    public Task<EvaluationPlan> PlanAsync(EvaluationSource source) => source.Spec.Split == "missing"
        ? throw new EvaluationException("There is no split 'missing'.")
        : Task.FromResult(new EvaluationPlan("attempt-0001/step-10", 10, source.Spec.ImageSize ?? 64, ["a", "b"], [.. Enumerable.Repeat(Pictures, Parts)]));

    public Task<EvaluationFigures> MergeAsync(string evaluationId, EvaluationPlan plan, ImmutableArray<string> files) => Task.FromResult(new EvaluationFigures(
        ImmutableSortedDictionary<string, double>.Empty.Add("mAP", files.Distinct().Count()),
        ImmutableSortedDictionary<string, double>.Empty.Add("a", 0.5)));

    public void Delete(string evaluationId) => Deleted.Enqueue(evaluationId);

    public string Run(PartAssignment part, Action<int> progress, CancellationToken cancellationToken)
    {
        Runs.Enqueue(part);
        for (var picture = 1; picture <= Pictures; picture++)
        {
            if (_hooks.TryGetValue(part.Id.Trial.SweepId, out var hook))
            {
                hook(part, picture, cancellationToken);
            }

            cancellationToken.ThrowIfCancellationRequested();
            progress(picture);
        }

        return string.Create(CultureInfo.InvariantCulture, $"part-{part.Id.Number}-epoch-{part.Epoch}");
    }
}
