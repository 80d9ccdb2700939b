using System.Collections.Immutable;
using MlTr.Abstractions.Sweeps;
using MlTr.Grains.Sweeps.Search;
using MlTr.Model;
using MlTr.Model.Data.Marks;
using MlTr.Model.Native;
using MlTr.Model.Training;
using static System.FormattableString;

namespace MlTr.Bench;

/// <summary>
/// <c>stopping [TRIALS] [PASSES] [PRESET]</c>: trains trials of a random search on a built-in dataset to their end, and then asks what each stopping rule would
/// have left out. A held trial that goes on has the same bits as one never held, so the recorded curves are the ones that the rule would have seen.
/// </summary>
internal static class EarlyStoppingVerb
{
    private const int Slots = 2;

    private static readonly ImmutableArray<StoppingSpec> Rules =
    [
        new(),
        new(StoppingKind.Median, MinPasses: 1, MinTrials: 3),
        new(StoppingKind.Asha, MinPasses: 1, Reduction: 3),
        new(StoppingKind.Hyperband, MinPasses: 1, Reduction: 3),
    ];

    public static int Run(int trials, int passes, MarksPreset preset)
    {
        NativeTorch.EnsureLoaded();
        _ = MarksDataset.Ensure(preset, MarksVerb.RootOf(preset));
        var spec = new SweepSpec(
            "stopping", preset.Name, [new FloatParameter("learning_rate", 1e-5, 1e-2, Log: true), new FloatParameter("gamma_negative", 0, 4)], new SearchSpec(SearchKind.Random, trials, Seed: 1), new Objective());
        var proposals = SearchStrategies.For(SearchKind.Random).Start(spec, Slots).Proposals;
        Console.WriteLine(Invariant($"{preset.Name}, MlTr-n, {trials} trials of a random search, {passes} passes, {Slots} at a time; mAP on the validation split after each pass, in %."));
        var curves = new SortedDictionary<int, double[]>();
        foreach (var proposal in proposals)
        {
            curves[proposal.Number] = Curve(preset, passes, proposal.Parameters);
            Console.WriteLine(Invariant($"{proposal.Number,3}  lr {proposal.Parameters["learning_rate"].AsFloat:0.00e0}  gamma- {proposal.Parameters["gamma_negative"].AsFloat:F2}  {string.Join(' ', curves[proposal.Number].Select(value => Invariant($"{100 * value,5:F1}")))}"));
        }

        Console.WriteLine(Invariant($"{"rule",-10} {"winner",6} {"its mAP",8} {"passes",7} {"saved",6}"));
        foreach (var rule in Rules)
        {
            var trained = Simulate(rule, curves, passes);
            var winner = trained.MaxBy(pair => curves[pair.Key].Take(pair.Value).Max()).Key;
            var total = trained.Values.Sum();
            Console.WriteLine(Invariant(
                $"{rule.Kind.ToString().ToLowerInvariant(),-10} {winner,6} {100 * curves[winner].Take(trained[winner]).Max(),8:F1} {total,7} {1 - (total / (double)(trials * passes)),6:P0}"));
        }

        return 0;
    }

    private static double[] Curve(MarksPreset preset, int passes, ImmutableSortedDictionary<string, ParameterValue> parameters)
    {
        using var train = MarksVerb.Open(preset, "train", 1);
        using var validation = MarksVerb.Open(preset, "validation", 1);
        using var folder = new TemporaryFolder();
        var options = MarksVerb.Recipe(MlTrConfig.Nano(train.NumClasses), passes) with
        {
            LearningRate = parameters["learning_rate"].AsFloat,
            GammaNeg = parameters["gamma_negative"].AsFloat,
            EvaluateEveryPasses = 1,
        };
        var values = new List<double>();
        _ = Trainer.Run(options, train, validation, folder.Path, null, report => values.AddRange(report is TrainerReport.Point { Name: "val/mAP" } point ? [point.Value] : []), default);
        return [.. values];
    }

    /// <summary>How many passes each trial is trained for, where workers take the trial that waits longest, released ones first come.</summary>
    private static SortedDictionary<int, int> Simulate(StoppingSpec rule, SortedDictionary<int, double[]> curves, int passes)
    {
        var trained = new SortedDictionary<int, int>(curves.ToDictionary(pair => pair.Key, _ => 0));
        var waiting = new Queue<int>(curves.Keys);
        var running = new List<int>();
        var state = StoppingState.Empty;
        while (true)
        {
            while (running.Count < Slots && waiting.TryDequeue(out var next))
            {
                running.Add(next);
            }

            if (running.Count == 0)
            {
                (state, var idle) = StoppingRules.OnIdle(state, anyCompleted: trained.ContainsValue(passes));
                Take(idle);
                if (waiting.Count == 0)
                {
                    return trained;
                }

                continue;
            }

            foreach (var trial in running.ToList())
            {
                var pass = ++trained[trial];
                if (pass == passes)
                {
                    running.Remove(trial);
                    continue;
                }

                (state, var actions) = StoppingRules.OnValue(rule, new Objective(), state, trial, pass, passes, passes, curves[trial][pass - 1]);
                Take(actions);
            }
        }

        void Take(ImmutableArray<StoppingAction> actions)
        {
            foreach (var action in actions)
            {
                if (action.Verb == StoppingVerb.Release)
                {
                    waiting.Enqueue(action.Trial);
                }
                else
                {
                    running.Remove(action.Trial);
                }
            }
        }
    }
}
