namespace MlTr.Model.Training;

/// <summary>
/// The factor on the loss that keeps small gradients from vanishing in float16 (Micikevicius et al., 2018, section 3.2): halved when gradients
/// overflow, whose step is then skipped, and doubled after many good steps. Powers of two, so that dividing again is exact.
/// </summary>
internal sealed class LossScaler
{
    public const double Start = 65536, Lowest = 1;

    private const double Highest = 1 << 24;
    private const int GoodStepsToGrow = 2000;

    /// <summary>Takes up where a checkpoint left off.</summary>
    public LossScaler(double scale = Start, int goodSteps = 0) => (Scale, GoodSteps) = (scale, goodSteps);

    /// <summary>The factor for the next step.</summary>
    public double Scale { get; private set; }

    /// <summary>Steps since the factor last changed.</summary>
    public int GoodSteps { get; private set; }

    /// <summary>Takes note of a step whose gradients were finite, or were not; false if not even the lowest factor avoids an overflow.</summary>
    public bool TryUpdate(bool finite)
    {
        if (!finite)
        {
            var possible = Scale > Lowest;
            (Scale, GoodSteps) = (Math.Max(Scale / 2, Lowest), 0);
            return possible;
        }

        GoodSteps++;
        if (GoodSteps == GoodStepsToGrow)
        {
            (Scale, GoodSteps) = (Math.Min(Scale * 2, Highest), 0);
        }

        return true;
    }
}
