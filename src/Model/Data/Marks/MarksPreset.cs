namespace MlTr.Model.Data.Marks;

/// <summary>A range of radii in pixels, and the share of marks that have one of them.</summary>
public sealed record RadiusRange(double From, double To, double Share);

/// <summary>What decides a set of drawn marks completely; two sets of one preset have equal pixels.</summary>
/// <param name="Name">The name users choose it by.</param>
/// <param name="ImageSize">Side of the pictures in pixels.</param>
/// <param name="NumClasses">How many of the known marks occur, counted from the first.</param>
/// <param name="Train">Pictures to train on.</param>
/// <param name="Validation">Pictures to compare trials by.</param>
/// <param name="Test">Pictures for the last word.</param>
/// <param name="OwnHueShare">Share of marks that wear their class's own hue; the rest wear any.</param>
/// <param name="Small">Radii of small marks.</param>
/// <param name="Medium">Radii of medium marks.</param>
/// <param name="Large">Radii of large marks.</param>
/// <param name="Seed">Another seed draws other pictures of the same kind.</param>
public sealed record MarksPreset(
    string Name,
    int ImageSize,
    int NumClasses,
    int Train,
    int Validation,
    int Test,
    double OwnHueShare,
    RadiusRange Small,
    RadiusRange Medium,
    RadiusRange Large,
    ulong Seed = 2106_06195)
{
    // A mark fills about half of the disc around it, so this area parts the radii as the ranges do.
    private const double Fill = 0.5;

    /// <summary>For tests: 300 pictures of 32 pixels, six classes.</summary>
    public static MarksPreset Mini { get; } =
        new("marks-mini", 32, 6, 200, 50, 50, 0.7, new(3, 4, 0.25), new(4, 6, 0.45), new(6, 9, 0.3));

    /// <summary>The default: 2,800 pictures of 64 pixels, twelve classes.</summary>
    public static MarksPreset Default { get; } =
        new("marks", 64, 12, 2000, 400, 400, 0.7, new(4, 6, 0.25), new(6, 11, 0.45), new(11, 17, 0.3));

    /// <summary>128 pixels, twenty classes, mostly small marks, no help from colour.</summary>
    public static MarksPreset Hard { get; } =
        new("marks-hard", 128, 20, 2000, 400, 400, 0, new(4, 7, 0.5), new(7, 14, 0.3), new(14, 28, 0.2));

    /// <summary>All presets, smallest first.</summary>
    public static IReadOnlyList<MarksPreset> All { get; } = [Mini, Default, Hard];

    /// <summary>Class names in the order of their category ids.</summary>
    public IReadOnlyList<string> Classes => MarkShapes.Names[..NumClasses];

    /// <summary>Areas that part small, medium and large marks.</summary>
    public SizeLimits SizeLimits => new(Math.Round(Fill * Math.PI * Medium.From * Medium.From), Math.Round(Fill * Math.PI * Large.From * Large.From));

    /// <summary>Pairs of classes of this set that are easily taken for one another.</summary>
    public IReadOnlyList<(string A, string B)> LookAlikes =>
        [.. MarkShapes.LookAlikes.Where(pair => Classes.Contains(pair.A) && Classes.Contains(pair.B))];

    /// <summary>The preset of that name.</summary>
    public static MarksPreset Named(string name) =>
        All.FirstOrDefault(preset => preset.Name == name)
        ?? throw new ArgumentException($"there is no preset \"{name}\"; known are {string.Join(", ", All.Select(preset => preset.Name))}", nameof(name));

    internal int CountOf(MarksSplit split) => split switch
    {
        MarksSplit.Train => Train,
        MarksSplit.Validation => Validation,
        _ => Test,
    };

    internal static string FolderOf(MarksSplit split) => split switch
    {
        MarksSplit.Train => "train",
        MarksSplit.Validation => "validation",
        _ => "test",
    };
}

/// <summary>The three parts of a set of marks; each is drawn from a seed of its own.</summary>
internal enum MarksSplit
{
    Train,
    Validation,
    Test,
}
