using System.Collections.Immutable;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Trials;

namespace MlTr.Grains.Storage;

/// <summary>
/// Writes metric points and log lines past the change tracker, which would cost more than the database: they come in thousands. A point or
/// line that is there already stays as it is.
/// </summary>
internal interface IPointTables : IDisposable
{
    /// <returns>How many points were new.</returns>
    int InsertPoints(long trialKey, int attempt, ImmutableArray<MetricPoint> points);

    /// <summary>Marks what earlier attempts said after the step that this attempt starts from.</summary>
    void Supersede(long trialKey, int attempt, long afterStep);

    void InsertLines(long trialKey, ImmutableArray<LogLine> lines);

    /// <summary>Forgets remembered keys: after a rollback some may not exist.</summary>
    void Forget();
}
