using MlTr.Bench;
using MlTr.Model.Data.Marks;

return args switch
{
    ["golden", var folder] => GoldenVerb.Run(folder),
    ["marks"] => MarksVerb.Run(passes: 10),
    ["marks", var passes] when int.TryParse(passes, out var count) && count > 0 => MarksVerb.Run(count),
    ["model"] => ModelVerb.Run(),
    ["precision", .. var rest] when OnMarks(rest, 2, 3) is { } run => PrecisionVerb.Run(run.First, run.Second, run.Preset),
    ["stopping", .. var rest] when OnMarks(rest, 12, 9) is { } run => EarlyStoppingVerb.Run(run.First, run.Second, run.Preset),
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
    ["pages"] => await PagesVerb.RunAsync(""),
    ["pages", var only] => await PagesVerb.RunAsync(only),
    ["pages", "pages", var name] => await PagesVerb.RunAsync("pages", name),
    ["start"] => await StartVerb.RunAsync(20),
    ["start", var trials] when int.TryParse(trials, out var count) && count > 1 => await StartVerb.RunAsync(count),
    _ => Usage(),
};

// Two numbers above 0 and the name of a built-in dataset, each of which may be left out from the end.
static (int First, int Second, MarksPreset Preset)? OnMarks(string[] rest, int first, int second)
{
    var preset = rest.Length < 3 ? MarksPreset.Default : MarksPreset.All.FirstOrDefault(one => one.Name == rest[2]);
    return rest.Length <= 3 && preset is not null
        && (rest.Length < 1 || (int.TryParse(rest[0], out first) && first > 0))
        && (rest.Length < 2 || (int.TryParse(rest[1], out second) && second > 0))
        ? (first, second, preset)
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
          stopping [TRIALS] [PASSES] [PRESET]  what median stopping, ASHA and Hyperband leave out of a random search (12 trials, 9 passes, marks)
          profile [mltr-n|mltr-s]  where the time of a training step goes, by kind of layer
          malformed FOLDER  what the readers say of each malformed file
          trials [COUNT]  trials that do nothing through the whole platform: trials per second, idle time, fsyncs (2,000)
          metrics         metric points made durable per second, and their bytes on disk
          start [TRIALS]  from a free worker to the next trial of MlTr-n: begun, ready, first report of steps (20 trials)
          scale           10,000 trials: submission, memory, reads, start
          pages [PART]    every page over a store of 10,000 trials: document, content, browser; pushes; training beside 50 browsers (or one part: pages, push, watchers)
          soak [KILLS]    kill -9 of workers and of the control process at random moments (100), and what was lost by it
          search          median regret of random, Sobol and TPE search on standard test functions
        """);
    return 2;
}
