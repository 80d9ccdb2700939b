using System.Collections.Concurrent;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Trials;

namespace MlTr.Grains.Tests.Fakes;

/// <summary>
/// Trains nothing: reports ten steps, "checkpoints" every second one, and goes on from there. Its mAP is the trial's learning rate, so the winner is known.
/// A test may hold a sweep's trials at a step, make them fail, or count what was run.
/// </summary>
internal sealed class FakeTrialRunner : ITrialRunner
{
    public const int Steps = 10;

    private readonly ConcurrentDictionary<TrialId, long> _checkpoints = new();
    private readonly ConcurrentDictionary<string, Action<TrialAssignment, long, CancellationToken>> _hooks = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, bool> _evaluating = new(StringComparer.Ordinal);

    /// <summary>Lets a sweep's trials report an mAP after each step, growing up to their learning rate, instead of only at the end.</summary>
    public void EvaluateEachStep(string sweepId) => _evaluating[sweepId] = true;

    private readonly ConcurrentDictionary<string, (string For, Task Until)> _waits = new(StringComparer.Ordinal);

    /// <summary>Lets a sweep's trials say that they wait for something before they train, until that is there.</summary>
    public void WaitFor(string sweepId, string what, Task until) => _waits[sweepId] = (what, until);

    public ConcurrentQueue<TrialAssignment> Runs { get; } = new();

    /// <summary>Called before each step of a sweep's trials: may wait, or throw.</summary>
    public void OnStep(string sweepId, Action<TrialAssignment, long, CancellationToken> hook) => _hooks[sweepId] = hook;

    public void Run(TrialAssignment trial, Action<RunnerReport> report, CancellationToken cancellationToken)
    {
        Runs.Enqueue(trial);
        var start = _checkpoints.GetValueOrDefault(trial.Id);
        var rate = trial.Parameters["learning_rate"].AsFloat;
        report(new TrialStarted(start, Steps, "fake"));
        report(new TrialLogged("info", $"starts at {start}"));
        if (_waits.TryGetValue(trial.Id.SweepId, out var waits))
        {
            report(new TrialWaits(waits.For));
            waits.Until.Wait(cancellationToken);
            report(new TrialWaits(null));
        }

        for (var step = start + 1; step <= Steps; step++)
        {
            if (_hooks.TryGetValue(trial.Id.SweepId, out var hook))
            {
                hook(trial, step, cancellationToken);
            }

            cancellationToken.ThrowIfCancellationRequested();
            report(new TrialProgress(step, [new MetricPoint(MetricNames.TrainLoss, step, 1.0 / step)]));
            if (step < Steps && _evaluating.ContainsKey(trial.Id.SweepId))
            {
                report(new TrialProgress(step, [new MetricPoint(MetricNames.MeanAveragePrecision, step, rate * step / Steps)]));
            }

            if (step % 2 == 0)
            {
                _checkpoints[trial.Id] = step;
                report(new TrialCheckpointed(step, $"checkpoints/{trial.Id}/{step}", 100, "00"));
            }
        }

        report(new TrialProgress(Steps, [new MetricPoint(MetricNames.MeanAveragePrecision, Steps, rate)]));
    }
}
