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
    public static SweepFile Parse(string text) => SweepFileReader.Read(text);

    /// <summary>Reads a file; the folders of its datasets are taken from where it lies, addresses of buckets as they are.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="SweepSpecException">The text has errors.</exception>
    public static SweepFile Load(string path)
    {
        var file = Parse(File.ReadAllText(path));
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
