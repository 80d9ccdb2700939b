using System.Diagnostics;
using MlTr.Abstractions.Sweeps;
using MlTr.Abstractions.Trials;
using MlTr.Bench.Platform;

namespace MlTr.Bench.Pages;

/// <summary>What fifty open browsers take from training: a real worker trains, and is watched every second stretch of time.</summary>
internal static class WatcherShare
{
    private const int Watchers = 50, Rounds = 3;
    private static readonly TimeSpan Stretch = TimeSpan.FromSeconds(20);

    public static async Task MeasureAsync(HttpClient http, GrainClient platform, Process control)
    {
        var spec = SweepBuilder.Named("watched").On("marks-mini").Random(1).Range("learning_rate", 1e-4, 1e-3, log: true).Fixed("passes", 10_000).Build();
        var id = await platform.Client.StartSweepAsync(spec);
        var trial = new TrialId(id, 1);
        var pages = new[] { "/", "/sweeps", $"/sweeps/{id}?tab=curves", "/leaderboard", $"/sweeps/{id}/trials/1" };
        await UntilStepAsync(platform, trial, 20);

        Figures.Line($"Training on marks-mini with one worker, {Rounds} times {Stretch.TotalSeconds:0} s alone and beside {Watchers} open browsers (home, sweeps, curves, leaderboard, trial: ten each)");
        var (alone, watched) = (new Sum(), new Sum());
        for (var round = 0; round < Rounds; round++)
        {
            alone.Add(await StretchAsync(platform, trial, control));
            var circuits = new List<Circuit>();
            for (var i = 0; i < Watchers; i++)
            {
                var (circuit, shown) = await Circuit.OpenAsync(http, pages[i % pages.Length], "page-head");
                await shown;
                circuits.Add(circuit);
            }

            await UntilStepAsync(platform, trial, (await platform.Client.GetTrialAsync(trial)).Trial.Step + 1);
            watched.Add(await StretchAsync(platform, trial, control));
            foreach (var circuit in circuits)
            {
                await circuit.DisposeAsync();
            }
        }

        await platform.Client.CancelSweepAsync(id, "the bench has seen enough");
        Figures.Line($"  alone                {alone.Steps / alone.Seconds,8:0.00} steps/s, the control process takes {100 * alone.Processor / alone.Seconds,5:0.0} % of a core");
        Figures.Line($"  beside {Watchers} browsers   {watched.Steps / watched.Seconds,8:0.00} steps/s, the control process takes {100 * watched.Processor / watched.Seconds,5:0.0} % of a core");
        Figures.Line($"  share of training that is left: {100 * (watched.Steps / watched.Seconds) / (alone.Steps / alone.Seconds):0.0} %");
    }

    /// <summary>From one report of steps to the first one after the stretch.</summary>
    private static async Task<(long Steps, double Seconds, double Processor)> StretchAsync(GrainClient platform, TrialId trial, Process control)
    {
        var first = await UntilStepAsync(platform, trial, (await platform.Client.GetTrialAsync(trial)).Trial.Step + 1);
        control.Refresh();
        var (started, processor) = (Stopwatch.GetTimestamp(), control.TotalProcessorTime);
        await Task.Delay(Stretch);
        var last = await UntilStepAsync(platform, trial, (await platform.Client.GetTrialAsync(trial)).Trial.Step + 1);
        control.Refresh();
        return (last - first, Stopwatch.GetElapsedTime(started).TotalSeconds, (control.TotalProcessorTime - processor).TotalSeconds);
    }

    private static async Task<long> UntilStepAsync(GrainClient platform, TrialId trial, long step)
    {
        await foreach (var change in platform.Client.WatchSweepAsync(trial.SweepId))
        {
            if (change.Trial is { IsFinal: true, Reason: var reason })
            {
                throw new InvalidOperationException($"The trial that was to be watched has ended: {reason}");
            }

            if (change.Trial is { } now && now.Step >= step)
            {
                return now.Step;
            }
        }

        throw new InvalidOperationException("The sweep that was to be watched has ended.");
    }

    private sealed class Sum
    {
        public double Steps { get; private set; }

        public double Seconds { get; private set; }

        public double Processor { get; private set; }

        public void Add((long Steps, double Seconds, double Processor) stretch) =>
            (Steps, Seconds, Processor) = (Steps + stretch.Steps, Seconds + stretch.Seconds, Processor + stretch.Processor);
    }
}
