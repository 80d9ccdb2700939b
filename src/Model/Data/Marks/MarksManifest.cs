using System.Text.Json.Serialization;

namespace MlTr.Model.Data.Marks;

/// <summary>What a finished set of marks says about itself; written last, so a folder without it is not finished.</summary>
/// <param name="Format">Version of the drawing: another one draws other pixels.</param>
/// <param name="Preset">What was drawn.</param>
/// <param name="Digest">SHA-256 over the SHA-256 of every picture's RGB pixels: train, validation, test, each in order.</param>
/// <param name="Classes">Class names.</param>
/// <param name="LookAlikes">Pairs of classes that are easily taken for one another.</param>
/// <param name="Traps">Habits that training teaches and validation does not reward.</param>
public sealed record MarksManifest(
    int Format,
    MarksPreset Preset,
    string Digest,
    IReadOnlyList<string> Classes,
    IReadOnlyList<IReadOnlyList<string>> LookAlikes,
    IReadOnlyList<MarksTrap> Traps);

/// <summary>One habit: how often <paramref name="Other"/> accompanies <paramref name="Given"/>.</summary>
/// <param name="Name">Name of the trap.</param>
/// <param name="Given">The class that tempts.</param>
/// <param name="Other">The class that it tempts to see.</param>
/// <param name="TrainShare">Share of the pictures concerned that show both, in training.</param>
/// <param name="EvaluationShare">The same in validation and test.</param>
public sealed record MarksTrap(string Name, string Given, string Other, double TrainShare, double EvaluationShare);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(MarksManifest))]
internal sealed partial class MarksJson : JsonSerializerContext;
