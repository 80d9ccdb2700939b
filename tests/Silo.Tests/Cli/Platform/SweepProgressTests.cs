using System.Collections.Immutable;
using MlTr.Abstractions.Leaderboards;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Silo.Cli.Platform;
using MlTr.Testing;
using Spectre.Console;

namespace MlTr.Silo.Tests.Cli.Platform;

public sealed class SweepProgressTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 17, 45, 0, TimeSpan.Zero);
    private static readonly SweepSnapshot Sweep = new(
        "s", SweepTemplates.FirstSweep, SweepState.Running, ImmutableSortedDictionary<TrialState, int>.Empty.Add(TrialState.Queued, 1), 0, null, null, Start, null);

    private readonly FakeMlTrClient _client = new();
    private readonly StringWriter _output = new();
    private readonly TextWriter _writer;

    public SweepProgressTests() => (_client.Sweeps["s"], _writer) = (Sweep, TextWriter.Synchronized(_output));

    public void Dispose() => _writer.Dispose();

    [Fact]
    public async Task Follow_EveryWorkerIsDrained_SaysSoOnce()
    {
        _client.Scheduler = new([new(new TrialId("s", 1), "every worker that could run it is drained")], [PoolWaitTests.Drained("cpu-0")]);
        var following = Follow();
        await UntilAsync("worker resume cpu-0 lets it work again");
        await Task.Delay(100, TestContext.Current.CancellationToken); // some more looks

        _client.Publish("s", new SweepEvent(Sweep: Sweep with { State = SweepState.Completed, EndedAt = Start }));

        Assert.Equal(SweepState.Completed, (await following).State);
        Assert.Equal(1, Text.Split("waits:").Length - 1);
        Assert.Equal(0, _client.Watchers);
    }

    [Fact]
    public async Task Follow_InATerminal_SaysItUnderTheTable_UntilAWorkerIsResumed()
    {
        _client.Scheduler = new([new(new TrialId("s", 1), "every worker that could run it is drained")], [PoolWaitTests.Drained("cpu-0")]);
        var following = Follow(InteractionSupport.Yes);
        await UntilAsync("drained"); // the caption wraps as the table does

        lock (_writer)
        {
            _output.GetStringBuilder().Clear();
        }

        await _client.ResumeWorkerAsync("cpu-0");
        await UntilAsync("1 queued"); // drawn again
        Assert.DoesNotContain("drained", Text, StringComparison.Ordinal);
        _client.Publish("s", new SweepEvent(Sweep: Sweep with { State = SweepState.Completed, EndedAt = Start }));

        Assert.Equal(SweepState.Completed, (await following).State);
    }

    [Fact]
    public async Task Follow_APersonPausesIt_SaysWhatLetsItGoOn()
    {
        var following = Follow();
        while (_client.Watchers == 0)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        _client.Publish("s", new SweepEvent(Sweep: Sweep with { State = SweepState.Paused }));
        await UntilAsync("waits: the sweep is paused; resume s lets it go on");
        _client.Publish("s", new SweepEvent(Sweep: Sweep with { State = SweepState.Completed, EndedAt = Start }));

        Assert.Equal(SweepState.Completed, (await following).State);
    }

    [Fact]
    public void WriteTable_OfAPausedSweep_SaysThatItIsPaused()
    {
        TrialSnapshot trial = new(
            new("s", 1), TrialState.Queued, ImmutableSortedDictionary<string, ParameterValue>.Empty, 0, 0, null, ImmutableSortedDictionary<string, double>.Empty, 0, null, "waits for a worker", Start, null, null);
        Leaderboard board = new(new Objective(), [new(0, trial, "S", "marks"), new(0, trial with { Id = new("s", 2), State = TrialState.Failed, Reason = "[oom]" }, "S", "marks")]);

        SweepReport.WriteTable(Console(), Sweep with { State = SweepState.Paused }, board);

        Assert.Contains("Trial 1 Queued: its sweep is paused", Text, StringComparison.Ordinal);
        Assert.Contains("Trial 2 Failed: [oom]", Text, StringComparison.Ordinal);
        Assert.Contains("resume s", Text, StringComparison.Ordinal);
        Assert.DoesNotContain("waits for a worker", Text, StringComparison.Ordinal);
    }

    private string Text
    {
        get
        {
            lock (_writer) // which it takes itself for each write
            {
                return _output.ToString();
            }
        }
    }

    private Task<SweepSnapshot> Follow(InteractionSupport interaction = InteractionSupport.No) =>
        new SweepProgress(_client, Console(interaction)) { PoolInterval = TimeSpan.FromMilliseconds(5) }.FollowAsync("s", TestContext.Current.CancellationToken);

    private async Task UntilAsync(string line)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (!Text.Contains(line, StringComparison.Ordinal))
        {
            await Task.Delay(5, limit.Token);
        }
    }

    private IAnsiConsole Console(InteractionSupport interaction = InteractionSupport.No)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(_writer), Ansi = interaction == InteractionSupport.Yes ? AnsiSupport.Yes : AnsiSupport.No, Interactive = interaction });
        console.Profile.Width = 200;
        return console;
    }
}
