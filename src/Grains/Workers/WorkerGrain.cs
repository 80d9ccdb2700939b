using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MlTr.Abstractions.Evaluations;
using MlTr.Abstractions.Trials;
using MlTr.Abstractions.Workers;
using MlTr.Grains.Evaluations;
using MlTr.Grains.Placement;
using MlTr.Grains.Scheduling;
using MlTr.Grains.Trials;

namespace MlTr.Grains.Workers;

/// <summary>
/// One device's worker: asks for a trial or a part of an evaluation, runs it on its own thread, sends what it says until that is acknowledged, renews the lease, and obeys.
/// The loop lives on the grain's turns and never blocks one.
/// </summary>
[OwnWorker]
internal sealed partial class WorkerGrain(
    IGrainFactory grains, // the base class's refuses an activation that the cluster has dropped, as it does when the silo that keeps its address dies; the run goes on
    ITrialRunner runner,
    IPartEvaluator evaluator,
    WorkerLifetime lifetime,
    IOptions<WorkerOptions> options,
    TimeProvider clock,
    ILogger<WorkerGrain> logger) : Grain, IWorkerGrain
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan KeepAlivePeriod = TimeSpan.FromMinutes(1);

    private readonly DateTimeOffset _startedAt = clock.GetUtcNow();
    private readonly string _labels = LabelsOf(options.Value);
    private Task? _loop;
    private TrainingThread? _training;
    private int _completed;

    private TrainingThread Thread => _training ??= new TrainingThread();

    private ISchedulerWorkers Scheduler => field ??= grains.GetGrain<ISchedulerWorkers>(ISchedulerGrain.DefaultPool);

    public Task StartAsync()
    {
        if (_loop is null)
        {
            this.RegisterGrainTimer(_ => Task.CompletedTask, new GrainTimerCreationOptions(KeepAlivePeriod, KeepAlivePeriod) { KeepAlive = true });
            lifetime.Follow(_loop = LoopAsync(lifetime.Stopping));
        }

        return Task.CompletedTask;
    }

    private async Task LoopAsync(CancellationToken stopping)
    {
        await Task.Yield();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (await Scheduler.AskAsync(Self()).WaitAsync(stopping) is { } assignment)
                {
                    await RunAsync(assignment, stopping);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
            }
            catch (Exception error)
            {
                LogRetry(error, options.Value.Id);
                await PauseAsync(stopping);
            }
        }
    }

    private Task RunAsync(Assignment assignment, CancellationToken stopping) =>
        assignment.Trial.ToPart() is { } part ? ComputeAsync(assignment, part, stopping) : TrainAsync(assignment, stopping);

    private async Task TrainAsync(Assignment assignment, CancellationToken stopping)
    {
        var trial = grains.GetGrain<ITrialReports>(assignment.Trial.ToString());
        if (await trial.BeginAsync(assignment.Epoch, options.Value.Id, options.Value.Device) is not { } begun)
        {
            return;
        }

        using var run = new TrialRun(Thread, (report, stop) => runner.Run(begun, report, stop));
        var end = await HoldAsync(assignment, run, (obey, told) => SendAsync(trial, new ReportBatch(begun.Epoch, begun.Attempt, clock), run, obey, told), stopping);
        if (end is not null)
        {
            _completed += end.Outcome == AttemptState.Completed ? 1 : 0;
            await GiveBackAsync(assignment, () => trial.EndAsync(assignment.Epoch, end));
        }
    }

    private async Task ComputeAsync(Assignment assignment, PartId part, CancellationToken stopping)
    {
        var evaluation = grains.GetGrain<IEvaluationReports>(part.Evaluation);
        if (await evaluation.BeginAsync(part.Number, assignment.Epoch, options.Value.Id, options.Value.Device) is not { } begun)
        {
            return;
        }

        string? file = null;
        using var run = new TrialRun(Thread, (report, stop) => file = evaluator.Run(begun, done => report(new PartProgress(done)), stop));
        var end = await HoldAsync(assignment, run, (obey, _) => TellAsync(evaluation, begun, run, obey), stopping);
        if (end is not null)
        {
            await GiveBackAsync(assignment, () => evaluation.EndAsync(part.Number, assignment.Epoch, end, file));
        }
    }

    /// <summary>Keeps the lease, sends what the run says, and obeys, until the run has ended.</summary>
    /// <returns>How it ended; null if it is not ours any more.</returns>
    private async Task<AttemptEnd?> HoldAsync(Assignment assignment, TrialRun run, Func<Action<LeaseAnswer>, Task<LeaseAnswer>, Task> sendAsync, CancellationToken stopping)
    {
        using var done = new CancellationTokenSource();
        var cancelled = new TaskCompletionSource<LeaseAnswer>();
        void Obey(LeaseAnswer answer)
        {
            if (answer.Directive != TrialDirective.Continue)
            {
                cancelled.TrySetResult(answer);
                run.Stop();
            }
        }

        await using var stop = stopping.Register(run.Stop);
        var renewing = RenewAsync(assignment, Obey, done.Token);
        await sendAsync(Obey, cancelled.Task);
        var end = await run.Ended;
        await done.CancelAsync();
        await renewing;

        var told = cancelled.Task.IsCompletedSuccessfully ? cancelled.Task.Result : new LeaseAnswer(TrialDirective.Continue);
        if (told.Directive == TrialDirective.Refused)
        {
            LogRefused(options.Value.Id, assignment.Trial, assignment.Epoch);
            return null;
        }

        return end.Outcome != AttemptState.Cancelled ? end : told.Directive switch
        {
            TrialDirective.Stop => new AttemptEnd(AttemptState.Cancelled, told.Reason),
            TrialDirective.Yield => new AttemptEnd(AttemptState.Yielded, told.Reason),
            _ => new AttemptEnd(AttemptState.Yielded, $"{options.Value.Id} was stopped"),
        };
    }

    private async Task GiveBackAsync(Assignment assignment, Func<Task<EndAnswer>> endAsync)
    {
        if ((await UntilAcknowledgedAsync(endAsync)).WaitsAgainAfter is { } delay)
        {
            await Scheduler.YieldAsync(options.Value.Id, assignment.Trial, assignment.Epoch, delay);
        }
    }

    /// <summary>Says now and then how many pictures are computed; what is missed is made up by the next time.</summary>
    private async Task TellAsync(IEvaluationReports evaluation, PartAssignment part, TrialRun run, Action<LeaseAnswer> obey)
    {
        var done = 0;
        while (await run.Reports.WaitToReadAsync())
        {
            while (run.Reports.TryRead(out var said))
            {
                done = said is PartProgress progress ? Math.Max(done, progress.Done) : done;
            }

            try
            {
                obey(new LeaseAnswer(await evaluation.ReportAsync(part.Id.Number, part.Epoch, done)));
            }
            catch (Exception error)
            {
                LogRetry(error, options.Value.Id);
            }

            await Task.WhenAny(run.Ended, Task.Delay(options.Value.ReportInterval, clock));
        }
    }

    /// <summary>Sends the runner's reports in order until it has ended and everything is acknowledged, or the trial is not ours any more.</summary>
    private async Task SendAsync(ITrialReports trial, ReportBatch batch, TrialRun thread, Action<LeaseAnswer> obey, Task<LeaseAnswer> told)
    {
        while (await thread.Reports.WaitToReadAsync())
        {
            do
            {
                while (!batch.IsFull && thread.Reports.TryRead(out var said))
                {
                    batch.Add(said);
                }

                if (told is { IsCompletedSuccessfully: true, Result.Directive: TrialDirective.Refused })
                {
                    batch.Take();
                    continue;
                }

                var report = batch.Take();
                obey(new LeaseAnswer(await UntilAcknowledgedAsync(() => trial.ReportAsync(report))));
            }
            while (thread.Reports.Count > 0);

            await Task.WhenAny(thread.Ended, Task.Delay(options.Value.ReportInterval, clock));
        }
    }

    /// <summary>Keeps the lease, and hears at once what is decided about the trial.</summary>
    private async Task RenewAsync(Assignment assignment, Action<LeaseAnswer> obey, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            try
            {
                var answer = await Scheduler.RenewAsync(Self(), assignment.Trial, assignment.Epoch, options.Value.RenewInterval).WaitAsync(done);
                obey(answer);
                if (answer.Directive == TrialDirective.Continue)
                {
                    continue; // it has waited there
                }
            }
            catch (OperationCanceledException) when (done.IsCancellationRequested)
            {
                return; // the trial has ended before the answer
            }
            catch (Exception error)
            {
                LogRetry(error, options.Value.Id);
            }

            await Task.Delay(options.Value.RenewInterval, clock, done).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    /// <summary>Repeats a call until it is answered: what is not acknowledged may not be durable, and every call may arrive twice.</summary>
    private async Task<T> UntilAcknowledgedAsync<T>(Func<Task<T>> call)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception error)
            {
                LogRetry(error, options.Value.Id);
                await PauseAsync(CancellationToken.None);
            }
        }
    }

    private async Task PauseAsync(CancellationToken cancellationToken) => await Task.WhenAny(Task.Delay(RetryDelay, clock, cancellationToken));

    private static string LabelsOf(WorkerOptions worker) => WorkerLabels.Write(
        WorkerLabels.Parse($"device={worker.Device.Split(':')[0]}, machine={Environment.MachineName}, {worker.Labels}"));

    private WorkerReport Self() => new(
        options.Value.Id,
        options.Value.Device,
        options.Value.DeviceName,
        Environment.ProcessId,
        Environment.MachineName,
        _startedAt,
        Environment.WorkingSet,
        _completed,
        _labels);

    [LoggerMessage(LogLevel.Warning, "Worker {WorkerId} tries a call again")]
    private partial void LogRetry(Exception error, string workerId);

    [LoggerMessage(LogLevel.Warning, "Worker {WorkerId} lost trial {Trial} at epoch {Epoch} and dropped it")]
    private partial void LogRefused(string workerId, TrialId trial, long epoch);
}
