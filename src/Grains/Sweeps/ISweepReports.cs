using System.Collections.Immutable;
using MlTr.Abstractions.Metrics;
using MlTr.Grains.Storage;
using Orleans.Concurrency;

namespace MlTr.Grains.Sweeps;

/// <summary>What a sweep hears from its trials, after the fact is durable. Implemented by the sweep's grain.</summary>
[Alias("mltr.ISweepReports")]
internal interface ISweepReports : IGrainWithStringKey
{
    /// <summary>A trial changed or has new points. A row older than the one known changes nothing.</summary>
    [Alias("OnTrialChanged"), OneWay]
    Task OnTrialChangedAsync(TrialRow row, int attempt, ImmutableArray<MetricPoint> points);

    /// <summary>A trial has ended: the search may want more trials. Telling it twice changes nothing.</summary>
    [Alias("OnTrialEnded")]
    Task OnTrialEndedAsync(TrialRow row, int attempt, ImmutableArray<MetricPoint> points);

    /// <summary>Goes on with an unfinished sweep after a start.</summary>
    [Alias("Wake")]
    Task WakeAsync();
}
