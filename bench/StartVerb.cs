using MlTr.Abstractions.Sweeps;
using MlTr.Bench.Platform;
using MlTr.Model.Data.Marks;
using MlTr.Silo.Artifacts;
using MlTr.Silo.Datasets;
using MlTr.Silo.Hosting;
using MlTr.Silo.Trials;

namespace MlTr.Bench;

/// <summary>How long a free worker waits until the next trial has done its first training step, in a process that has trained before.</summary>
internal static class StartVerb
{
    public static async Task<int> RunAsync(int trials)
    {
        using var folder = new TemporaryFolder();
        var data = new DataFolder(folder.Path);
        BenchPlatform? platform = null;
        using var runner = new FirstStepRunner(() => new ModelTrialRunner(Environment.ProcessorCount, data, new CheckpointCopies(data, store: null), platform!.Client, new DatasetCopies(data), TrialPictures.None, TimeProvider.System));
        platform = await BenchPlatform.StartAsync(data.Database, workers: 1, () => runner, () => new ModelDatasetSource(data, new DatasetCopies(data)));
        await using (platform)
        {
            var spec = SweepBuilder.Named("start").On(MarksPreset.Mini.Name).Random(trials, seed: 1).Range("learning_rate", 1e-4, 1e-2, log: true).Fixed("passes", 1).Build();
            var id = await platform.Client.StartSweepAsync(spec);
            await platform.UntilEndedAsync(id);

            foreach (var reason in (await platform.Client.GetTrialsAsync(id)).Where(trial => !trial.HasResult).Select(trial => trial.Reason).Distinct())
            {
                Figures.Line($"A trial did not run: {reason}");
            }

            Figures.Line($"{trials} trials of MlTr-n for one pass over {MarksPreset.Mini.Name}, one worker; since the end of the trial before, median and 95 %");
            Print("begun: leased and told to the worker", runner.Waits.Select(wait => wait.Begun));
            Print("ready to build the network", runner.Waits.Select(wait => wait.Ready));
            Print("first training step begins (goal 50)", runner.Waits.Select(wait => wait.StepBegun));
            Print("first training step done", runner.Waits.Select(wait => wait.Stepped));
            return runner.Waits.Count == trials - 1 ? 0 : 1;
        }

        static void Print(string what, IEnumerable<double> milliseconds) =>
            Figures.Line($"  {what,-48}{Figures.Quantile(milliseconds, 0.5),8:0} ms {Figures.Quantile(milliseconds, 0.95),8:0} ms");
    }
}
