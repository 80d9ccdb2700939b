using MlTr.Abstractions.Sweeps;

namespace MlTr.Grains.Sweeps.Search;

/// <summary>
/// Which rungs a trial is judged at. ASHA has one bracket: rungs after min_passes, and after each reduction-fold more. Hyperband (Li et al. 2018) has
/// as many as there are rungs below the last pass, and one without: each begins one rung later than the one before, with fewer trials, so that
/// configurations that learn slowly get their chance. Trials are dealt to brackets by number, in Hyperband's proportions, as they come.
/// </summary>
internal sealed class Brackets
{
    private readonly StoppingSpec _spec;
    private readonly int[] _dealt;

    public Brackets(StoppingSpec spec, int maxPasses)
    {
        _spec = spec;
        _dealt = spec.Kind == StoppingKind.Hyperband ? Deal(spec, maxPasses) : [0];
        Count = _dealt.Max() + 1;
    }

    public int Count { get; }

    /// <summary>The bracket of a trial, from 0: the one that is judged earliest.</summary>
    public int Of(int trial) => _dealt[(trial - 1) % _dealt.Length];

    public bool IsRung(int trial, int pass)
    {
        var rung = _spec.MinPasses * Power(_spec.Reduction, Of(trial));
        while (rung < pass)
        {
            rung *= _spec.Reduction;
        }

        return rung == pass;
    }

    /// <summary>One round of trials, in which bracket b of B has ceil(B / (B - b) x reduction^(B - 1 - b)) of them, evenly mixed.</summary>
    private static int[] Deal(StoppingSpec spec, int maxPasses)
    {
        var count = 1;
        while (spec.MinPasses * Power(spec.Reduction, count) <= maxPasses)
        {
            count++;
        }

        var sizes = Enumerable.Range(0, count).Select(bracket => Math.Ceiling((double)count / (count - bracket) * Power(spec.Reduction, count - 1 - bracket))).ToArray();
        var given = new int[count];
        var round = new int[(int)sizes.Sum()];
        for (var trial = 0; trial < round.Length; trial++)
        {
            var next = Enumerable.Range(0, count).MinBy(bracket => (given[bracket] + 1) / sizes[bracket]);
            given[next]++;
            round[trial] = next;
        }

        return round;
    }

    private static long Power(int reduction, int exponent)
    {
        var power = 1L;
        for (var i = 0; i < exponent; i++)
        {
            power *= reduction;
        }

        return power;
    }
}
