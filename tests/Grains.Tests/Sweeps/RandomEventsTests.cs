using MlTr.Abstractions.Metrics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Tests.Fakes;
using MlTr.Grains.Trials;

namespace MlTr.Grains.Tests.Sweeps;

/// <summary>Whatever people and failures do in whatever order, and twice: every trial ends with its result once, with every point once.</summary>
public sealed class RandomEventsTests(PlatformFixture platform)
{
    private const int Trials = 5, Events = 12;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task AnyOrderOfDecisionsAndFailures_EndsWithEveryResultOnce(int seed)
    {
        var random = new Random(seed);
        var id = $"events-{seed}-{Guid.NewGuid():N}";
        var failures = 4;
        platform.Runner.OnStep(id, (trial, step, stop) =>
        {
            if ((trial.Id.Number + step + seed) % 4 == 0 && Interlocked.Decrement(ref failures) >= 0)
            {
                throw new TrialFailedException("the pictures were away", step % 2 == 0 ? FailureKind.Disk : FailureKind.Data);
            }

            stop.WaitHandle.WaitOne(3); // so that decisions meet trials under way
        });
        await platform.Grains.GetGrain<ISweepGrain>(id).StartAsync(
            new SweepSpec("events", "marks", [new ChoiceParameter("learning_rate", [.. Enumerable.Range(1, Trials).Select(number => ParameterValue.Of(number / 10.0))])], new SearchSpec(SearchKind.Grid), new Objective()),
            "test");
        for (var happened = 0; happened < Events; happened++)
        {
            await DecideAsync(id, random.Next(6), 1 + random.Next(Trials));
            if (random.Next(2) == 0)
            {
                await Task.Yield();
            }
        }

        await RunToTheEndAsync(id);

        await platform.UntilAsync(id, sweep => sweep is { State: SweepState.Completed, EndedAt: not null });
        foreach (var trial in await platform.Client.GetTrialsAsync(id))
        {
            var details = await platform.Client.GetTrialAsync(trial.Id);
            var curve = Assert.Single(await platform.Client.GetCurvesAsync(trial.Id, [MetricNames.TrainLoss]));
            Assert.Equal(TrialState.Completed, trial.State);
            Assert.Equal(trial.Id.Number / 10.0, trial.Objective);
            Assert.Single(details.Attempts, attempt => attempt.State == AttemptState.Completed);
            Assert.DoesNotContain(details.Attempts, attempt => attempt.State == AttemptState.Running);
            Assert.Equal(details.Attempts.Length, details.Attempts.Select(attempt => attempt.Epoch).Distinct().Count());
            Assert.Equal(Enumerable.Range(1, FakeTrialRunner.Steps).Select(step => (long)step), curve.Points.Select(point => point.Step));
        }

        Assert.DoesNotContain((await platform.Client.GetSchedulerAsync()).Queue, waiting => waiting.Trial.SweepId == id);
    }

    /// <summary>One decision, made twice as a repeated call would.</summary>
    private async Task DecideAsync(string id, int kind, int trial)
    {
        for (var time = 0; time < 2; time++)
        {
            await (kind switch
            {
                0 => platform.Client.PauseSweepAsync(id, "random"),
                1 => platform.Client.ResumeSweepAsync(id),
                2 => platform.Client.CancelTrialAsync(new TrialId(id, trial), "random"),
                3 => platform.Client.RetryTrialsAsync(id),
                4 => platform.Client.RetryTrialsAsync(id, [trial]),
                _ => platform.Client.CancelSweepAsync(id, "random"),
            });
        }
    }

    /// <summary>Runs again whatever has no result, as often as something is cancelled late or fails.</summary>
    private async Task RunToTheEndAsync(string id)
    {
        while (true)
        {
            await platform.Client.ResumeSweepAsync(id);
            try
            {
                await platform.UntilAsync(id, sweep => sweep.EndedAt is not null);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail(await DescribeAsync(id));
            }

            if (await platform.Client.RetryTrialsAsync(id) == 0)
            {
                return;
            }
        }
    }

    private async Task<string> DescribeAsync(string id)
    {
        var sweep = await platform.Client.GetSweepAsync(id);
        var scheduler = await platform.Client.GetSchedulerAsync();
        var trials = (await platform.Client.GetTrialsAsync(id)).Select(trial => $"{trial.Id.Number} {trial.State} at {trial.Step} on {trial.Worker}: {trial.Reason}");
        var queue = scheduler.Queue.Where(waiting => waiting.Trial.SweepId == id).Select(waiting => $"{waiting.Trial.Number} waits: {waiting.Reason}");
        var workers = scheduler.Workers.Select(worker => $"{worker.Id} {worker.State} {worker.Trial}");
        var events = (await platform.Client.GetEventsAsync(id)).Select(happened => $"{happened.Trial} {happened.Kind} by {happened.By}: {happened.Reason}");
        return $"The sweep hangs as {sweep.State} {sweep.EndedAt} {sweep.Waiting}\n{string.Join('\n', [.. trials, .. queue, .. workers, .. events])}";
    }
}
