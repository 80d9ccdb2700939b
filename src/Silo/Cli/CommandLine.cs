using MlTr.Silo.Cli.Model;
using MlTr.Silo.Cli.Platform;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Cli;

/// <summary>What the person typed: a verb, its flags, and settings in the configuration's own names.</summary>
internal sealed record CommandLine(string Verb, IReadOnlyDictionary<string, string?> Settings, IReadOnlySet<string> Flags)
{
    public const string Serve = "serve";
    public const string Demo = "demo";
    public const string Help = "help";

    public static readonly string HelpText = $"""
        MlTr Platform: multi-label experiments with MlTr on this machine.

        Usage: dotnet run --project src/Silo [-- VERB] [OPTIONS]

        Verbs:
          serve (default)    start the platform and its dashboard; Ctrl-C stops it
          demo               start it, run the first sweep, print its leaderboard, and end
          help               this text

        Sweeps from a terminal, in a running platform or one of their own:
        {PlatformVerbs.Summary}

        The model without the platform:
        {ModelVerbs.Summary}

        VERB --help lists the options of all but serve and demo, which are:

        Options of serve and demo:
          --data FOLDER      where everything is kept                        (default: data)
          --port PORT        the dashboard's port on this machine, 0..65535  (default: 5080; 0 takes a free one)
          --urls ADDRESSES   the dashboard's addresses, instead of --port
          --workers N        CPU worker processes, 0..64                     (default: 1)
          --threads N        CPU threads of each worker, 0..1024             (default: 0, shares all cores)
          --labels LABELS    what sweeps may ask of these workers            (default: none; such as gpu=h100, site=north)
          --roles LIST       control, dashboard, worker                      (default: all three)
          --log LEVEL        trace, debug, information, warning, error       (default: information)

        Options of demo:
          --keep             leave the dashboard up afterwards
          --dataset ID       marks, marks-mini or marks-hard                 (default: marks)
          --passes N         passes over the training pictures, 1..10000     (default: the first sweep's)
        """;

    private static readonly Dictionary<string, string> Options = new(StringComparer.Ordinal)
    {
        ["--data"] = "Platform:Data",
        ["--port"] = "Platform:Port",
        ["--urls"] = "Platform:Urls",
        ["--workers"] = "Platform:Workers",
        ["--threads"] = "Platform:Threads",
        ["--labels"] = "Platform:Labels",
        ["--roles"] = "Platform:Roles",
        ["--log"] = "Logging:LogLevel:Default",
        ["--worker-id"] = "Platform:WorkerId",
        ["--device"] = "Platform:Device",
        ["--primary"] = "Platform:Primary",
        ["--cluster"] = "Platform:ClusterId",
        ["--address"] = "Platform:Address",
        ["--dataset"] = "Demo:Dataset",
        ["--passes"] = "Demo:Passes",
    };

    /// <exception cref="PlatformException">A word is not understood; the message says which.</exception>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var verb = Serve;
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var flags = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < arguments.Count; index++)
        {
            var word = arguments[index];
            var (name, value) = word.StartsWith("--", StringComparison.Ordinal) && word.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals
                ? (word[..equals], word[(equals + 1)..])
                : (word, null);
            if (index == 0 && name is Serve or Demo or Help)
            {
                verb = name;
            }
            else if (name is "--help" or "-h" or "-?")
            {
                verb = Help;
            }
            else if (name == "--keep")
            {
                flags.Add(name);
            }
            else if (Options.TryGetValue(name, out var key))
            {
                settings[key] = value ?? (++index < arguments.Count ? arguments[index] : throw new PlatformException($"{name} needs a value; see --help."));
            }
            else
            {
                throw new PlatformException($"'{word}' is not understood; see --help.");
            }
        }

        return new CommandLine(verb, settings, flags);
    }
}
