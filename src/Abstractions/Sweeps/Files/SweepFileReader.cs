using System.Collections.Immutable;
using System.Globalization;
using MlTr.Abstractions.Datasets;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace MlTr.Abstractions.Sweeps.Files;

/// <summary>Reads a sweep from YAML, of which JSON is a part; every error has the key and the line that it is about.</summary>
internal sealed class SweepFileReader
{
    private readonly List<SpecError> _errors = [];

    /// <param name="text">YAML or JSON.</param>
    /// <param name="known">The datasets that a platform knows; null if that is not checked.</param>
    public static SweepFile Read(string text, IEnumerable<string>? known)
    {
        var reader = new SweepFileReader();
        var root = Root(text);
        var file = reader.Read(new Section(root, "", reader._errors));
        var fields = reader._errors.Select(error => error.Field).ToHashSet(StringComparer.Ordinal);
        var errors = reader._errors.Concat(SweepValidator.Check(file.Spec).Where(error => !fields.Contains(error.Field))).ToImmutableArray();
        if (known is not null && SweepValidator.CheckDataset(file.Spec, known.Concat(file.Datasets.Select(dataset => dataset.Id))) is { } unknown)
        {
            errors = errors.Add(unknown);
        }

        return errors.IsEmpty ? file : throw new SweepSpecException(errors);
    }

    private static YamlMappingNode Root(string text)
    {
        try
        {
            var stream = new YamlStream();
            var isJson = text.AsSpan().TrimStart().StartsWith('{');
            stream.Load(new StringReader(isJson ? text.Replace('\t', ' ') : text)); // JSON may be indented with tabs, YAML may not
            return stream.Documents is [{ RootNode: YamlMappingNode root }] ? root : throw new SweepSpecException([new("file", "A sweep file is one mapping of keys such as name, dataset, search and parameters.")]);
        }
        catch (YamlException error)
        {
            throw new SweepSpecException([new("file", YamlProblem.Say(text, error))]);
        }
        catch (InvalidOperationException)
        {
            throw new SweepSpecException([new("file", YamlProblem.SayUnclosed(text))]);
        }
    }

    private SweepFile Read(Section file)
    {
        var datasets = file.Items("datasets").Select(one => one.Node is YamlMappingNode map ? Dataset(new Section(map, one.Field, _errors)) : Wrong<DatasetRegistration>(one, "a mapping with id and folder"))
            .OfType<DatasetRegistration>().ToImmutableArray();
        var spec = new SweepSpec(
            file.Text("name") ?? "",
            file.Text("dataset") ?? (datasets.Length == 1 ? datasets[0].Id : ""),
            [.. file.Entries("parameters").Select(Parameter).OfType<ParameterSpec>()],
            Search(file),
            Objective(file),
            file.Whole("max_parallel_trials", 0),
            file.Whole("priority", 0),
            file.Has("stopping") ? Stopping(file.Inner("stopping", "rule")) : null)
        {
            WorkerLabels = file.Text("worker_labels") ?? "",
            Retries = file.Has("retries") ? Retries(file.Inner("retries", "max")) : null,
            Constraints = [.. file.Items("constraints").Select(one => one.Node is YamlScalarNode { Value: { } text } ? text : Wrong<string>(one, "an expression")).OfType<string>()],
        };
        file.RefuseOthers();
        return new SweepFile(spec, datasets);
    }

    private static DatasetRegistration Dataset(Section map)
    {
        var registration = new DatasetRegistration(map.Text("id") ?? map.Missing("id"), map.Text("folder") ?? map.Missing("folder"), map.Text("format"), map.Text("description") ?? "");
        map.RefuseOthers();
        return registration;
    }

    private static SearchSpec Search(Section file)
    {
        if (!file.Has("search"))
        {
            return new SearchSpec(SearchKind.Grid);
        }

        var map = file.Inner("search", "kind");
        var search = new SearchSpec(map.OneOf("kind", SearchKind.Grid), map.Whole("trials", 0), map.Whole("seed", 0));
        map.RefuseOthers();
        return search;
    }

    private static Objective Objective(Section file)
    {
        if (!file.Has("objective"))
        {
            return new Objective();
        }

        var map = file.Inner("objective", "metric");
        var objective = new Objective(map.Text("metric") ?? map.Missing("metric"), map.Truth("maximize", true));
        map.RefuseOthers();
        return objective;
    }

    private static StoppingSpec Stopping(Section map)
    {
        var standard = new StoppingSpec();
        var stopping = new StoppingSpec(
            map.OneOf("rule", StoppingKind.None), map.Whole("min_passes", standard.MinPasses), map.Whole("reduction", standard.Reduction), map.Whole("min_trials", standard.MinTrials));
        map.RefuseOthers();
        return stopping;
    }

    private static RetrySpec Retries(Section map)
    {
        var standard = new RetrySpec();
        var retries = new RetrySpec(map.Whole("max", standard.Max), map.Truth("split_batch", standard.SplitBatch));
        map.RefuseOthers();
        return retries;
    }

    private ParameterSpec? Parameter(Entry entry)
    {
        var name = entry.Field.Split('.')[^1];
        if (HyperParameters.Find(name) is not { } known)
        {
            return new ChoiceParameter(name, []); // the validator says which there are
        }

        if (entry.Node is not YamlMappingNode node)
        {
            return new ChoiceParameter(name, Values(entry, known));
        }

        var map = new Section(node, entry.Field, _errors);
        ParameterSpec? spec = map.Has("values") ? new ChoiceParameter(name, Values(map.Entry("values"), known)) : Range(map, known);
        var when = map.Has("when") ? map.Entries("when") : [];
        if (when.Length > 1)
        {
            Wrong<ParameterCondition>(map.Entry("when"), "one other parameter with its values");
        }
        else if (when is [var condition])
        {
            var parent = condition.Field.Split('.')[^1];
            spec = spec is null ? null : spec with { When = new ParameterCondition(parent, HyperParameters.Find(parent) is { } known2 ? Values(condition, known2) : []) };
        }

        map.RefuseOthers();
        return spec;
    }

    private static ParameterSpec? Range(Section map, HyperParameter known)
    {
        var (min, max) = (map.Value("min", known), map.Value("max", known));
        var (log, points) = (map.Truth("log", false), map.Whole("points", 0));
        return (min, max) switch
        {
            ({ } low, { } high) when known.Type == ParameterType.Int => new IntParameter(known.Name, low.AsInt, high.AsInt, log, points),
            ({ } low, { } high) when known.Type == ParameterType.Float => new FloatParameter(known.Name, low.AsFloat, high.AsFloat, log, points),
            ({ }, { }) => new FloatParameter(known.Name, 0, 0), // the validator says that it takes a list
            _ => Nothing(map),
        };
    }

    private static ParameterSpec? Nothing(Section map)
    {
        if (!map.Has("min") || !map.Has("max"))
        {
            map.Missing("min and max, or values");
        }

        return null;
    }

    private ImmutableArray<ParameterValue> Values(Entry entry, HyperParameter known) => entry.Node is YamlSequenceNode list
        ? [.. list.Select(item => Value(entry with { Node = item }, known)).OfType<ParameterValue>()]
        : Value(entry, known) is { } value ? [value] : [];

    private ParameterValue? Value(Entry entry, HyperParameter known) => Section.Read(entry, known, _errors);

    private T? Wrong<T>(Entry entry, string wanted)
        where T : class
    {
        _errors.Add(entry.Error($"takes {wanted}."));
        return null;
    }
}

/// <summary>A node and what it is about.</summary>
internal readonly record struct Entry(string Field, YamlNode Node)
{
    public SpecError Error(string problem) => new(Field, string.Create(CultureInfo.InvariantCulture, $"Line {Node.Start.Line}: {Field} {problem}"));
}

/// <summary>A mapping whose keys are taken one by one; what is left over was not understood.</summary>
internal sealed class Section(YamlMappingNode map, string path, List<SpecError> errors)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public bool Has(string key)
    {
        _known.Add(key);
        return Find(key) is not null;
    }

    public Entry Entry(string key) => new(Name(key), Find(key)!);

    public ImmutableArray<Entry> Items(string key) => !Has(key) ? []
        : Find(key) is YamlSequenceNode list ? [.. list.Select(item => new Entry(Name(key), item))]
        : Wrong<ImmutableArray<Entry>>(key, "takes a list.", []);

    public ImmutableArray<Entry> Entries(string key) => !Has(key) ? []
        : Find(key) is YamlMappingNode inner ? [.. inner.Children.Select(pair => new Entry($"{Name(key)}.{(pair.Key as YamlScalarNode)?.Value}", pair.Value))]
        : Wrong<ImmutableArray<Entry>>(key, "takes a mapping.", []);

    /// <summary>An inner mapping; a plain word there is short for one key.</summary>
    public Section Inner(string key, string shortFor) => Find(key) switch
    {
        YamlMappingNode inner => new Section(inner, Name(key), errors),
        YamlScalarNode word => new Section(new YamlMappingNode(new YamlScalarNode(shortFor), word), Name(key), errors),
        _ => new Section(Wrong(key, $"takes a word or a mapping with {shortFor}.", new YamlMappingNode()), Name(key), errors),
    };

    public string? Text(string key) => !Has(key) ? null : Find(key) is YamlScalarNode { Value: { } text } ? text : Wrong<string?>(key, "takes a text.", null);

    public int Whole(string key, int standard) => !Has(key) ? standard
        : int.TryParse((Find(key) as YamlScalarNode)?.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : Wrong(key, "takes a whole number.", standard);

    public bool Truth(string key, bool standard) => !Has(key) ? standard
        : bool.TryParse((Find(key) as YamlScalarNode)?.Value, out var truth) ? truth
        : Wrong(key, "takes true or false.", standard);

    public ParameterValue? Value(string key, HyperParameter known) => Has(key) ? Read(Entry(key), known, errors) : null;

    public T OneOf<T>(string key, T standard)
        where T : struct, Enum
    {
        var names = Enum.GetNames<T>().Select(name => name.ToLowerInvariant());
        return !Has(key) ? standard
            : (Find(key) as YamlScalarNode)?.Value is { } word && names.Contains(word) ? Enum.Parse<T>(word, ignoreCase: true)
            : Wrong(key, $"is one of {string.Join(", ", names)}.", standard);
    }

    public string Missing(string key) => Wrong(null, $"needs {key}.", "");

    /// <summary>Every key that nobody asked for is an error.</summary>
    public void RefuseOthers()
    {
        foreach (var (key, value) in map.Children)
        {
            var word = (key as YamlScalarNode)?.Value ?? "";
            if (!_known.Contains(word))
            {
                errors.Add(new Entry(path.Length == 0 ? word : $"{path}.{word}", value).Error($"is not known here. {NearNames.Ask(word, _known)}Known: {string.Join(", ", _known.Order(StringComparer.Ordinal))}."));
            }
        }
    }

    public static ParameterValue? Read(Entry entry, HyperParameter known, List<SpecError> errors)
    {
        if (entry.Node is YamlScalarNode { Value: { } text } && ParameterValue.TryParse(text, known.Type, out var value))
        {
            return value;
        }

        var wanted = known.Type switch
        {
            ParameterType.Float => "a number",
            ParameterType.Int => "a whole number",
            ParameterType.Bool => "true or false",
            _ => $"one of {string.Join(", ", known.Options)}",
        };
        errors.Add(entry.Error($"takes {wanted}{(entry.Node is YamlScalarNode scalar ? $", not '{scalar.Value}'" : "")}."));
        return null;
    }

    private string Name(string key) => path.Length == 0 ? key : $"{path}.{key}";

    private YamlNode? Find(string key) => map.Children.TryGetValue(new YamlScalarNode(key), out var node) ? node : null;

    private T Wrong<T>(string? key, string problem, T instead)
    {
        errors.Add(new Entry(key is null ? path : Name(key), key is null ? map : Find(key)!).Error(problem));
        return instead;
    }
}
