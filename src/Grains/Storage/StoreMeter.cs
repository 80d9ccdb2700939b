using System.Diagnostics.Metrics;

namespace MlTr.Grains.Storage;

/// <summary>What the store measures of itself.</summary>
internal static class StoreMeter
{
    public const string Name = "MlTr.Store";

    private static readonly Meter Meter = new(Name);

    public static readonly Counter<long> Commits = Meter.CreateCounter<long>("mltr.store.commits", "{commit}", "Transactions made durable.");

    public static readonly Histogram<int> WritesPerCommit = Meter.CreateHistogram<int>("mltr.store.writes_per_commit", "{write}", "Writes that shared one commit.");

    public static readonly Histogram<double> CommitDuration = Meter.CreateHistogram<double>("mltr.store.commit.duration", "s", "From the first write of a group until it is durable.");

    public static readonly Counter<long> PointsWritten = Meter.CreateCounter<long>("mltr.store.points", "{point}", "New metric points made durable.");
}
