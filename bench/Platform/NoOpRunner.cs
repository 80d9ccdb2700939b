using System.Collections.Concurrent;
using System.Diagnostics;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Trials;

namespace MlTr.Bench.Platform;

/// <summary>Trains nothing: one step, one result. One instance for each worker; all write to one record.</summary>
internal sealed class NoOpRunner(NoOpRunner.Record record) : ITrialRunner
{
    private long _ended;

    public void Run(TrialAssignment trial, Action<RunnerReport> report, CancellationToken cancellationToken)
    {
        if (_ended != 0)
        {
            record.IdleMilliseconds.Add(Stopwatch.GetElapsedTime(_ended).TotalMilliseconds);
        }

        record.Runs.AddOrUpdate(trial.Id, 1, (_, count) => count + 1);
        report(new TrialStarted(0, 1, "bench"));
        report(new TrialProgress(1, [new MetricPoint(MetricNames.MeanAveragePrecision, 1, trial.Parameters["learning_rate"].AsFloat)]));
        _ended = Stopwatch.GetTimestamp();
    }

    /// <summary>What all workers did.</summary>
    internal sealed class Record
    {
        /// <summary>From the end of one trial's work to the start of the next one's on the same worker.</summary>
        public ConcurrentBag<double> IdleMilliseconds { get; } = [];

        /// <summary>How often each trial was begun.</summary>
        public ConcurrentDictionary<TrialId, int> Runs { get; } = new();
    }
}
