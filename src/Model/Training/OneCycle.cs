namespace MlTr.Model.Training;

/// <summary>The one-cycle schedule (paper, section 4.1) as a pure function of the step, so that a resumed run needs no scheduler state.</summary>
public static class OneCycle
{
    private const double HighMomentum = 0.95, LowMomentum = 0.85;

    /// <summary>Learning rate and beta1 of a step.</summary>
    /// <param name="step">Step from 0 to <paramref name="totalSteps"/> - 1.</param>
    /// <param name="totalSteps">Steps of the whole run, at least 1.</param>
    /// <param name="peak">Highest learning rate.</param>
    /// <param name="warmupShare">Share of the steps that climb to the peak, 0 to 1.</param>
    /// <param name="startDivisor">The rate starts at the peak divided by this.</param>
    /// <param name="endDivisor">The rate ends at the start divided by this.</param>
    public static (double Rate, double Beta1) At(
        long step, long totalSteps, double peak, double warmupShare = 0.2, double startDivisor = 25, double endDivisor = 1e4)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(step, totalSteps);
        var start = peak / startDivisor;
        var end = start / endDivisor;
        var warmup = warmupShare * totalSteps - 1;
        if (warmup > 0 && step <= warmup)
        {
            return (Cosine(start, peak, step / warmup), Cosine(HighMomentum, LowMomentum, step / warmup));
        }

        var from = Math.Max(warmup, 0);
        var share = totalSteps - 1 - from <= 0 ? 0 : Math.Min((step - from) / (totalSteps - 1 - from), 1);
        return (Cosine(peak, end, share), Cosine(LowMomentum, HighMomentum, share));
    }

    private static double Cosine(double from, double to, double share) => to + (from - to) * (1 + Math.Cos(Math.PI * share)) / 2;
}
