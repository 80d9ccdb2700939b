using System.Threading.Channels;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Trials;

namespace MlTr.Grains.Workers;

/// <summary>Runs one trial, or a part of an evaluation, on the worker's training thread and hands its reports over through a channel, which completes when that has returned.</summary>
internal sealed class TrialRun : IDisposable
{
    private readonly Channel<RunnerReport> _reports = Channel.CreateUnbounded<RunnerReport>();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<AttemptEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="thread">Where it runs.</param>
    /// <param name="work">What runs: it takes where its reports go, and the token that stops it.</param>
    public TrialRun(TrainingThread thread, Action<Action<RunnerReport>, CancellationToken> work) => thread.Run(() =>
    {
        var end = Run(work);
        _reports.Writer.Complete();
        _ended.SetResult(end);
    });

    public ChannelReader<RunnerReport> Reports => _reports.Reader;

    /// <summary>How the runner ended: <see cref="AttemptState.Completed"/>, <see cref="AttemptState.Failed"/> or, when stopped, <see cref="AttemptState.Cancelled"/>.</summary>
    public Task<AttemptEnd> Ended => _ended.Task;

    public void Stop() => _stop.Cancel();

    public void Dispose() => _stop.Dispose();

    private AttemptEnd Run(Action<Action<RunnerReport>, CancellationToken> work)
    {
        try
        {
            work(report => _reports.Writer.TryWrite(report), _stop.Token);
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
