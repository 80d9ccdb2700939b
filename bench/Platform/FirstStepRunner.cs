using System.Diagnostics;
using MlTr.Grains.Trials;

namespace MlTr.Bench.Platform;

/// <summary>Trains with another runner, and takes the times from the end of one trial's work to the first step of the next one's.</summary>
internal sealed class FirstStepRunner(Func<ITrialRunner> runner) : ITrialRunner
{
    private long _ended;

    /// <summary>Milliseconds of each trial but the first: until it was begun, until its data and settings were ready, until the first report of steps, of which there are several.</summary>
    public List<(double Begun, double Ready, double Stepped)> Waits { get; } = [];

    public void Run(TrialAssignment trial, Action<RunnerReport> report, CancellationToken cancellationToken)
    {
        var (ended, begun, ready, isFirst) = (_ended, Stopwatch.GetTimestamp(), 0L, true);
        runner().Run(trial, Take, cancellationToken);
        _ended = Stopwatch.GetTimestamp();

        void Take(RunnerReport said)
        {
            if (said is TrialStarted)
            {
                ready = Stopwatch.GetTimestamp();
            }
            else if (isFirst && said is TrialProgress)
            {
                isFirst = false;
                if (ended != 0)
                {
                    Waits.Add((Milliseconds(begun), Milliseconds(ready), Milliseconds(Stopwatch.GetTimestamp())));
                }
            }

            report(said);
        }

        double Milliseconds(long moment) => Stopwatch.GetElapsedTime(ended, moment).TotalMilliseconds;
    }
}
