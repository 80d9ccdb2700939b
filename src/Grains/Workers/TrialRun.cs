using System.Threading.Channels;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Trials;

namespace MlTr.Grains.Workers;

/// <summary>Runs one trial on the worker's training thread and hands its reports over through a channel, which completes when the runner has returned.</summary>
internal sealed class TrialRun : IDisposable
{
    private readonly Channel<RunnerReport> _reports = Channel.CreateUnbounded<RunnerReport>();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<AttemptEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TrialRun(TrainingThread thread, ITrialRunner runner, TrialAssignment trial) => thread.Run(() =>
    {
        var end = Run(runner, trial);
        _reports.Writer.Complete();
        _ended.SetResult(end);
    });

    public ChannelReader<RunnerReport> Reports => _reports.Reader;

    /// <summary>How the runner ended: <see cref="AttemptState.Completed"/>, <see cref="AttemptState.Failed"/> or, when stopped, <see cref="AttemptState.Cancelled"/>.</summary>
    public Task<AttemptEnd> Ended => _ended.Task;

    public void Stop() => _stop.Cancel();

    public void Dispose() => _stop.Dispose();

    private AttemptEnd Run(ITrialRunner runner, TrialAssignment trial)
    {
        try
        {
            runner.Run(trial, report => _reports.Writer.TryWrite(report), _stop.Token);
            return new AttemptEnd(AttemptState.Completed, "trained to the end");
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return new AttemptEnd(AttemptState.Cancelled, "stopped on request");
        }
        catch (TrialFailedException error)
        {
            _reports.Writer.TryWrite(new TrialLogged("error", error.Message));
            return new AttemptEnd(AttemptState.Failed, error.Message, error.Kind);
        }
#pragma warning disable CA1031 // whatever a runner throws ends this trial, never the worker
        catch (Exception error)
#pragma warning restore CA1031
        {
            _reports.Writer.TryWrite(new TrialLogged("error", error.ToString()));
            return new AttemptEnd(AttemptState.Failed, $"{error.GetType().Name}: {error.Message}", FailureKind.Unexpected);
        }
    }
}
