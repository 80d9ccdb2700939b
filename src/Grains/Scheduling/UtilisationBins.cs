using MlTr.Abstractions.Workers;
using MlTr.Grains.Storage;

namespace MlTr.Grains.Scheduling;

/// <summary>Turns times with work into shares of bins.</summary>
internal static class UtilisationBins
{
    private const int HourBins = 30;
    private const int DayBins = 48;

    public static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    public static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>One worker's last hour and day.</summary>
    public static WorkerUtilisation Of(string worker, IEnumerable<WorkSpan> spans, DateTimeOffset now)
    {
        var mine = Merge(spans, now);
        return new WorkerUtilisation(worker, Of(mine, now, Hour, HourBins), Of(mine, now, Day, DayBins));
    }

    /// <summary>The time with work, without what two spans share: what one attempt's end and the next one's beginning say may overlap.</summary>
    private static List<(DateTimeOffset From, DateTimeOffset To)> Merge(IEnumerable<WorkSpan> spans, DateTimeOffset now)
    {
        var merged = new List<(DateTimeOffset From, DateTimeOffset To)>();
        foreach (var (from, to) in spans.Select(span => (span.From, To: span.To ?? now)).Where(span => span.From < span.To).OrderBy(span => span.From))
        {
            if (merged.Count > 0 && merged[^1].To >= from)
            {
                merged[^1] = (merged[^1].From, to > merged[^1].To ? to : merged[^1].To);
            }
            else
            {
                merged.Add((from, to));
            }
        }

        return merged;
    }

    private static Utilisation Of(List<(DateTimeOffset From, DateTimeOffset To)> spans, DateTimeOffset now, TimeSpan whole, int count)
    {
        var (start, bin) = (now - whole, whole / count);
        var busy = new double[count];
        foreach (var (from, to) in spans)
        {
            var (first, last) = (Math.Max(0, (from - start) / bin), Math.Min(count, (to - start) / bin));
            for (var index = (int)first; index < last; index++)
            {
                busy[index] += Math.Min(last, index + 1) - Math.Max(first, index);
            }
        }

        return new Utilisation(start, bin, [.. busy.Select(share => Math.Min(1, share))], Math.Min(1, busy.Sum() / count));
    }
}
