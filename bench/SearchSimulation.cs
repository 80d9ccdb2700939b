using System.Collections.Immutable;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Storage;
using MlTr.Grains.Sweeps.Search;

namespace MlTr.Bench;

/// <summary>A whole sweep without training: trials end in the order of their start and are worth what a function says.</summary>
internal static class SearchSimulation
{
    /// <param name="spec">The sweep.</param>
    /// <param name="value">The objective of a configuration; null for a trial that fails.</param>
    /// <param name="slots">How many trials run at once.</param>
    /// <returns>The trials in the order of their end, and the states after each.</returns>
    public static (List<TrialSnapshot> Ended, List<SearchState> States) Run(
        SweepSpec spec, Func<ImmutableSortedDictionary<string, ParameterValue>, double?> value, int slots)
    {
        var search = SearchStrategies.For(spec.Search.Kind);
        var step = search.Start(spec, slots);
        var waiting = new Queue<Proposal>(step.Proposals);
        var (ended, states) = (new List<TrialSnapshot>(), new List<SearchState> { step.State });
        while (waiting.TryDequeue(out var proposal))
        {
            var trial = Ended(proposal, value(proposal.Parameters));
            ended.Add(trial);
            step = search.OnTrialEnded(spec, step.State, trial, slots);
            states.Add(step.State);
            foreach (var next in step.Proposals)
            {
                waiting.Enqueue(next);
            }
        }

        return (ended, states);
    }

    public static TrialSnapshot Ended(Proposal proposal, double? objective) => new(
        new TrialId("s", proposal.Number),
        objective is null ? TrialState.Failed : TrialState.Completed,
        proposal.Parameters,
        0,
        0,
        objective,
        ImmutableSortedDictionary<string, double>.Empty,
        1,
        null,
        null,
        default,
        null,
        null);
}
