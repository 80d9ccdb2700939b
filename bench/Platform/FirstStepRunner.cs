using System.Diagnostics;
using MlTr.Grains.Trials;
using MlTr.Model.Training;

namespace MlTr.Bench.Platform;

/// <summary>Trains with another runner, and takes the times from the end of one trial's work to the first step of the next one's.</summary>
internal sealed class FirstStepRunner : ITrialRunner, IDisposable
{
    private readonly Func<ITrialRunner> _runner;
    private readonly ActivityListener _listener;
    private long _ended, _stepBegun, _stepped;

    public FirstStepRunner(Func<ITrialRunner> runner)
    {
        _runner = runner;
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Trainer.TraceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStarted = step => _stepBegun = step.OperationName == Trainer.FirstStepTrace ? Stopwatch.GetTimestamp() : _stepBegun,
            ActivityStopped = step => _stepped = step.OperationName == Trainer.FirstStepTrace ? Stopwatch.GetTimestamp() : _stepped,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Milliseconds of each trial but the first: until it was begun, until its data and settings were ready, until the first step began, until it was done.</summary>
    public List<(double Begun, double Ready, double StepBegun, double Stepped)> Waits { get; } = [];

    public void Dispose() => _listener.Dispose();

    public void Run(TrialAssignment trial, Action<RunnerReport> report, CancellationToken cancellationToken)
    {
        var (ended, begun, ready) = (_ended, Stopwatch.GetTimestamp(), 0L);
        _runner().Run(trial, Take, cancellationToken);
        _ended = Stopwatch.GetTimestamp();
        if (ended != 0)
        {
            Waits.Add((Milliseconds(begun), Milliseconds(ready), Milliseconds(_stepBegun), Milliseconds(_stepped)));
        }

        void Take(RunnerReport said)
        {
            if (said is TrialStarted)
            {
                ready = Stopwatch.GetTimestamp();
            }

            report(said);
        }

        double Milliseconds(long moment) => Stopwatch.GetElapsedTime(ended, moment).TotalMilliseconds;
    }
}
