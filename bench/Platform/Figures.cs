using System.Globalization;

namespace MlTr.Bench.Platform;

/// <summary>How the verbs print.</summary>
internal static class Figures
{
    public static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    /// <summary>A share of a sorted list: 0.5 for the median.</summary>
    public static double Quantile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[(int)Math.Min(share * sorted.Length, sorted.Length - 1)];
    }
}
