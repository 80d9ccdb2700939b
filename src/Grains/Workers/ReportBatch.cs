using System.Collections.Immutable;
using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Trials;

namespace MlTr.Grains.Workers;

/// <summary>Gathers what a runner says into reports that can be sent again and again without harm: every line has its number, every point its step.</summary>
internal sealed class ReportBatch(long epoch, int attempt, TimeProvider clock)
{
    // Small enough for one message and one short transaction.
    public const int MaxParts = 5_000;

    private TrialReport _report = new(epoch);
    private ImmutableArray<MetricPoint>.Builder _points = ImmutableArray.CreateBuilder<MetricPoint>();
    private ImmutableArray<LogLine>.Builder _lines = ImmutableArray.CreateBuilder<LogLine>();
    private int _lastLine;

    public bool IsFull => _points.Count + _lines.Count >= MaxParts;

    public void Add(RunnerReport said)
    {
        switch (said)
        {
            case TrialStarted started:
                _report = _report with { Start = new AttemptStart(started.ResumedFromStep, started.TotalSteps, started.Environment) };
                break;
            case TrialWaits waits:
                _report = _report with { WaitsFor = waits.For ?? "" };
                break;
            case TrialProgress progress:
                _report = _report with { Step = Math.Max(_report.Step, progress.Step) };
                _points.AddRange(progress.Points);
                break;
            case TrialLogged line:
                _lines.Add(new LogLine(attempt, ++_lastLine, clock.GetUtcNow(), line.Level, line.Text));
                break;
            case TrialCheckpointed saved:
                _report = _report with
                {
                    Checkpoints = _report.Checkpoints.Add(new CheckpointSnapshot(attempt, saved.Step, saved.Path, saved.Bytes, saved.Sha256, clock.GetUtcNow())),
                };
                break;
            case TrialCheckpointRemoved removed:
                _report = _report with { RemovedCheckpointPaths = _report.RemovedCheckpointPaths.Add(removed.Path) };
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(said), said, "A runner said something that no report carries.");
        }
    }

    /// <summary>The gathered report, and a fresh start.</summary>
    public TrialReport Take()
    {
        var report = _report with { Points = _points.ToImmutable(), LogLines = _lines.ToImmutable() };
        _report = new TrialReport(epoch);
        _points = ImmutableArray.CreateBuilder<MetricPoint>();
        _lines = ImmutableArray.CreateBuilder<LogLine>();
        return report;
    }
}
