using MlTr.Bench;
using MlTr.Model.Data.Marks;

return args switch
{
    ["golden", var folder] => GoldenVerb.Run(folder),
    ["marks"] => MarksVerb.Run(passes: 10),
    ["marks", var passes] when int.TryParse(passes, out var count) && count > 0 => MarksVerb.Run(count),
    ["model"] => ModelVerb.Run(),
    ["precision", .. var rest] when PrecisionOf(rest) is { } run => PrecisionVerb.Run(run.Passes, run.Seeds, run.Preset),
    ["profile"] => ProfileVerb.Run(null),
    ["profile", "mltr-n" or "mltr-s"] => ProfileVerb.Run(args[1]),
    ["malformed", var folder] => MalformedVerb.Run(folder),
    ["search"] => SearchVerb.Run(),
    ["trials"] => await TrialsVerb.RunAsync(2_000),
    ["trials", var trials] when int.TryParse(trials, out var count) && count > 0 => await TrialsVerb.RunAsync(count),
    ["metrics"] => await MetricsVerb.RunAsync(),
    ["soak"] => await SoakVerb.RunAsync(100),
    ["soak", var kills] when int.TryParse(kills, out var count) && count > 0 => await SoakVerb.RunAsync(count),
    ["scale"] => await ScaleVerb.RunAsync(),
    _ => Usage(),
};

static (int Passes, int Seeds, MarksPreset Preset)? PrecisionOf(string[] rest)
{
    var preset = MarksPreset.All.FirstOrDefault(one => one.Name == rest.ElementAtOrDefault(2)) ?? MarksPreset.Default;
    return int.TryParse(rest.ElementAtOrDefault(0) ?? "2", out var passes) && int.TryParse(rest.ElementAtOrDefault(1) ?? "3", out var seeds) && passes > 0 && seeds > 0
        && rest.Length <= 3 && (rest.Length < 3 || rest[2] == preset.Name)
        ? (passes, seeds, preset)
        : null;
}

static int Usage()
{
    Console.Error.WriteLine("""
        Usage: dotnet run -c Release --project bench -- VERB

          golden FOLDER   compares the library with a folder of golden files: golden.json, weights.safetensors, io.safetensors
          marks [PASSES]  mAP of chance, a linear classifier, MlTr-n and MlTr-t on the built-in dataset after so many passes (10)
          model           parameters and cost of every variant beside the paper's; speed of training, decoding and metrics on this machine
          precision [PASSES] [SEEDS] [PRESET]  bf16 beside fp32 with MlTr-n on a built-in dataset: mean and deviation over so many seeds (2 passes, 3 seeds, marks)
          profile [mltr-n|mltr-s]  where the time of a training step goes, by kind of layer
          malformed FOLDER  what the readers say of each malformed file
          trials [COUNT]  trials that do nothing through the whole platform: trials per second, idle time, fsyncs (2,000)
          metrics         metric points made durable per second, and their bytes on disk
          scale           10,000 trials: submission, memory, reads, start
          soak [KILLS]    kill -9 of workers and of the control process at random moments (100), and what was lost by it
          search          median regret of random, Sobol and TPE search on standard test functions
        """);
    return 2;
}
