using System.Collections.Immutable;
using System.Globalization;
using MlTr.Abstractions.Sweeps;
using MlTr.Silo.Hosting;

namespace MlTr.Silo.Cli.Model;

/// <summary>What was typed after a verb. A <see cref="PlatformException"/> says in one line what is not understood or missing.</summary>
internal sealed class VerbArguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly List<string> _words = [];
    private readonly Verb _verb;

    private VerbArguments(Verb verb) => _verb = verb;

    /// <summary>The verb that these are of.</summary>
    public string VerbName => _verb.Name;

    /// <summary>Whether help was asked for; then nothing else counts.</summary>
    public bool Help { get; private set; }

    /// <summary>The words that belong to no option.</summary>
    public IReadOnlyList<string> Words => _words;

    public string? this[string option] => _values.GetValueOrDefault(option);

    public static VerbArguments Parse(Verb verb, IEnumerable<string> words)
    {
        var arguments = new VerbArguments(verb);
        var options = verb.Groups.SelectMany(group => group.Options).ToDictionary(option => option.Name);
        var queue = new Queue<string>(words);
        while (queue.TryDequeue(out var word))
        {
            if (word is "--help" or "-h" or "-?")
            {
                arguments.Help = true;
            }
            else if (word.StartsWith("--", StringComparison.Ordinal))
            {
                arguments.Add(word, options, queue);
            }
            else
            {
                arguments._words.Add(verb.Positional is not null ? word : throw arguments.NotUnderstood(word));
            }
        }

        return arguments;
    }

    public bool Has(string flag) => _values.ContainsKey(flag);

    public string Need(string option, string why) => this[option] ?? throw new PlatformException($"{_verb.Name} needs {option}: {why}; see {_verb.Name} --help.");

    public int Whole(string option, int standard, int min, int max) => this[option] is not { } text ? standard
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max ? value
        : throw new PlatformException($"{option} takes a whole number between {min} and {max}, not '{text}'.");

    public double Number(string option, double standard, double min, double max) => this[option] is not { } text ? standard
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max ? value
        : throw new PlatformException(string.Create(CultureInfo.InvariantCulture, $"{option} takes a number between {min} and {max}, not '{text}'."));

    /// <summary>All hyper-parameters: what was typed, checked against the catalogue, over its defaults.</summary>
    public ImmutableSortedDictionary<string, ParameterValue> HyperParameters()
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, ParameterValue>(StringComparer.Ordinal);
        var errors = new List<string>();
        foreach (var known in Abstractions.Sweeps.HyperParameters.All.Where(known => Has(VerbOption.NameOf(known))))
        {
            var text = this[VerbOption.NameOf(known)]!;
            if (!ParameterValue.TryParse(text, known.Type, out var value))
            {
                value = ParameterValue.Of(text); // of another type: the catalogue says which is wanted
            }

            if (known.Check(value) is { } error)
            {
                errors.Add(error);
            }

            values[known.Name] = value;
        }

        return errors.Count == 0
            ? Abstractions.Sweeps.HyperParameters.Complete(values.ToImmutable())
            : throw new PlatformException(string.Join(" ", errors));
    }

    private void Add(string word, Dictionary<string, VerbOption> options, Queue<string> rest)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        var name = (equals < 0 ? word : word[..equals]).Replace('_', '-');
        if (!options.TryGetValue(name, out var option) || (option.IsFlag && equals >= 0))
        {
            throw NotUnderstood(word);
        }

        _values[name] = option.IsFlag ? ""
            : equals >= 0 ? word[(equals + 1)..]
            : rest.TryDequeue(out var value) ? value
            : throw new PlatformException($"{name} needs a value; see {_verb.Name} --help.");
    }

    private PlatformException NotUnderstood(string word) => new($"{_verb.Name} does not understand '{word}'; see {_verb.Name} --help.");
}
