using System.Collections.Immutable;
using MlTr.Abstractions.Datasets;

namespace MlTr.Abstractions.Sweeps.Files;

/// <summary>A sweep as a file: the spec, and the datasets to register before it starts. YAML and JSON have the same keys.</summary>
/// <param name="Spec">The sweep.</param>
/// <param name="Datasets">Datasets to register first; the spec's own needs not be among them if the platform knows it.</param>
public sealed record SweepFile(SweepSpec Spec, ImmutableArray<DatasetRegistration> Datasets)
{
    /// <summary>A file of a spec alone.</summary>
    public SweepFile(SweepSpec spec)
        : this(spec, [])
    {
    }

    /// <summary>Reads YAML or JSON, and checks the spec as the form and the client do.</summary>
    /// <exception cref="SweepSpecException">The text has errors; all that can be found are listed, those of form with their lines.</exception>
    public static SweepFile Parse(string text) => SweepFileReader.Read(text, known: null);

    /// <summary>Reads YAML or JSON, and also checks that its dataset is one that it registers or one of those that a platform knows.</summary>
    /// <exception cref="SweepSpecException">The text has errors; all that can be found are listed.</exception>
    public static SweepFile Parse(string text, IEnumerable<string> knownDatasets) => SweepFileReader.Read(text, knownDatasets);

    /// <summary>Reads a file; the folders of its datasets are taken from where it lies, addresses of buckets as they are.</summary>
    /// <param name="path">The file.</param>
    /// <param name="knownDatasets">The datasets that the platform knows; null if that is not checked.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="SweepSpecException">The text has errors.</exception>
    public static SweepFile Load(string path, IEnumerable<string>? knownDatasets = null)
    {
        var file = SweepFileReader.Read(File.ReadAllText(path), knownDatasets);
        var home = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return file with { Datasets = [.. file.Datasets.Select(one => one with { Folder = one.Folder.Contains("://", StringComparison.Ordinal) ? one.Folder : Path.GetFullPath(one.Folder, home) })] };
    }

    /// <summary>The file as YAML; reading it gives the same again.</summary>
    public string ToYaml() => SweepFileWriter.Yaml(this);

    /// <summary>The file as JSON; reading it gives the same again.</summary>
    public string ToJson() => SweepFileWriter.Json(this);

    /// <summary>The spec as C# that builds it with <see cref="SweepBuilder"/>.</summary>
    public string ToCSharp() => SweepCode.Of(Spec);
}
