using System.Collections.Immutable;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;

namespace MlTr.Grains.Sweeps;

/// <summary>What a sweep's list shows of its trials, kept up to date change by change: with 10,000 trials, counting them anew at each would cost more than the trials.</summary>
internal sealed class SweepTally(Objective objective)
{
    private readonly SortedDictionary<TrialState, int> _counts = new(Enum.GetValues<TrialState>().ToDictionary(state => state, _ => 0));
    private readonly Dictionary<int, double> _shares = []; // of trials without a result, by their steps
    private readonly Dictionary<int, TrialSnapshot> _ranked = [];
    private TrialSnapshot? _best;
    private bool _isBestKnown = true;

    /// <summary>Of all these trials.</summary>
    public static SweepTally Of(Objective objective, IEnumerable<TrialSnapshot> trials)
    {
        var tally = new SweepTally(objective);
        foreach (var trial in trials)
        {
            tally.Count(null, trial);
        }

        return tally;
    }

    public int Total { get; private set; }

    public int this[TrialState state] => _counts[state];

    /// <summary>How many have not ended.</summary>
    public int Open => _counts[TrialState.Queued] + _counts[TrialState.Running] + _counts[TrialState.Paused];

    public int WithoutResult => Total - Open - _counts[TrialState.Completed] - _counts[TrialState.Stopped];

    public ImmutableSortedDictionary<TrialState, int> Counts => _counts.ToImmutableSortedDictionary();

    /// <summary>Share of the work done, 0..1.</summary>
    public double Progress => Total == 0 ? 0 : (_counts[TrialState.Completed] + _counts[TrialState.Stopped] + _shares.Values.Sum()) / Total;

    /// <summary>The best trial by the objective; of equal ones the first.</summary>
    public TrialSnapshot? Best
    {
        get
        {
            if (!_isBestKnown)
            {
                _best = null;
                foreach (var trial in _ranked.Values)
                {
                    _best = Better(trial, _best) ? trial : _best;
                }

                _isBestKnown = true;
            }

            return _best;
        }
    }

    /// <param name="before">The trial as it was counted; null for a new one.</param>
    /// <param name="after">The trial as it is.</param>
    public void Count(TrialSnapshot? before, TrialSnapshot after)
    {
        if (before is not null)
        {
            _counts[before.State]--;
            Total--;
        }

        _counts[after.State]++;
        Total++;
        var number = after.Id.Number;
        if (after is { State: not (TrialState.Completed or TrialState.Stopped), TotalSteps: > 0, Step: > 0 })
        {
            _shares[number] = (double)after.Step / after.TotalSteps;
        }
        else
        {
            _shares.Remove(number);
        }

        Rank(after);
    }

    private void Rank(TrialSnapshot trial)
    {
        var number = trial.Id.Number;
        if (trial.Objective is null)
        {
            _isBestKnown &= !_ranked.Remove(number) || _best?.Id.Number != number;
            return;
        }

        var wasBest = _isBestKnown && _best?.Id.Number == number;
        var worsened = wasBest && Better(_best!, trial);
        _ranked[number] = trial;
        if (worsened)
        {
            _isBestKnown = false;
        }
        else if (_isBestKnown && (wasBest || Better(trial, _best)))
        {
            _best = trial;
        }
    }

    private bool Better(TrialSnapshot one, TrialSnapshot? other) => other is null
        || (objective.Maximize ? one.Objective > other.Objective : one.Objective < other.Objective)
        || (one.Objective.Equals(other.Objective) && one.Id.Number < other.Id.Number);
}
