using System.Globalization;

namespace MlTr.Abstractions.Metrics;

/// <summary>Where on its curve a metric is read.</summary>
public enum MetricPlace
{
    /// <summary>Its last value.</summary>
    Last,

    /// <summary>Its value where the sweep's objective was best; of the objective itself its best value.</summary>
    Best,

    /// <summary>Its value at the end of a training pass; none for a trial that did not get so far.</summary>
    Pass,
}

/// <summary>One value of a metric's curve, for tables and filters.</summary>
/// <param name="Metric">For example <c>val/mAP</c>.</param>
/// <param name="Place">Where it is read.</param>
/// <param name="Pass">The training pass, from 1, if it is read after one; else 0.</param>
[GenerateSerializer, Immutable, Alias("mltr.MetricPick")]
public sealed record MetricPick([property: Id(0)] string Metric, [property: Id(1)] MetricPlace Place, [property: Id(2)] int Pass = 0)
{
    /// <summary>How it is written: <c>last(train/loss)</c>, <c>best(val/OF1)</c> or <c>at(val/mAP,5)</c>.</summary>
    public override string ToString() => Place switch
    {
        MetricPlace.Last => $"last({Metric})",
        MetricPlace.Best => $"best({Metric})",
        _ => string.Create(CultureInfo.InvariantCulture, $"at({Metric},{Pass})"),
    };

    /// <summary>Reads <see cref="ToString"/> back; null for anything else.</summary>
    public static MetricPick? TryParse(string text)
    {
        if (!text.EndsWith(')') || text.IndexOf('(', StringComparison.Ordinal) is not (> 0 and var open))
        {
            return null;
        }

        var (inner, comma) = (text[(open + 1)..^1], text.LastIndexOf(',') - open - 1);
        return text[..open] switch
        {
            "last" when inner.Length > 0 => new(inner, MetricPlace.Last),
            "best" when inner.Length > 0 => new(inner, MetricPlace.Best),
            "at" when comma > 0 && int.TryParse(inner[(comma + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var pass) && pass > 0 => new(inner[..comma], MetricPlace.Pass, pass),
            _ => null,
        };
    }
}
