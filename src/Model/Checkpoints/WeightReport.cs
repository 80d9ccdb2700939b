using System.Globalization;

namespace MlTr.Model.Checkpoints;

/// <summary>Whose names a file of weights has.</summary>
public enum WeightLayout
{
    /// <summary>This network's own.</summary>
    MlTr,

    /// <summary>Swin's, the original ones or timm's.</summary>
    Swin,

    /// <summary>CAT's.</summary>
    Cat,
}

/// <summary>A weight whose shape in the file is another than in the network.</summary>
public sealed record ShapeDifference(string Name, IReadOnlyList<long> InFile, IReadOnlyList<long> InNetwork)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} [{string.Join(", ", InFile)}] instead of [{string.Join(", ", InNetwork)}]";
}

/// <summary>What came of loading weights by name into a network. Names are the network's, but for those only in the file.</summary>
public sealed record WeightReport
{
    /// <summary>Whose names the file has.</summary>
    public required WeightLayout Layout { get; init; }

    /// <summary>Weights taken as they are.</summary>
    public required IReadOnlyList<string> Matched { get; init; }

    /// <summary>Relative position bias tables resized to the network's windows.</summary>
    public required IReadOnlyList<ShapeDifference> Resized { get; init; }

    /// <summary>Weights of the network that the file does not have; they keep their fresh values.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>Weights of another shape; they keep their fresh values.</summary>
    public required IReadOnlyList<ShapeDifference> OtherShape { get; init; }

    /// <summary>Tensors of the file that the network has no place for.</summary>
    public required IReadOnlyList<string> Unexpected { get; init; }

    /// <summary>Tensors of the file that are left out on purpose: index tables, masks, and an ancestor's head.</summary>
    public required IReadOnlyList<string> LeftOut { get; init; }

    /// <summary>Missing weights set to zero, so that new cross-window layers change nothing at first.</summary>
    public required IReadOnlyList<string> Zeroed { get; init; }

    /// <summary>The report as lines of text: a summary, then what did not simply match, each kind with its first names.</summary>
    public IReadOnlyList<string> Lines()
    {
        List<string> lines =
        [
            string.Create(
                CultureInfo.InvariantCulture,
                $"Weights ({Layout} names): {Matched.Count} matched, {Resized.Count} resized, {Missing.Count} missing, {OtherShape.Count} of another shape, {Unexpected.Count} unexpected, {LeftOut.Count} left out."),
        ];
        Add("Resized position tables", Resized);
        Add("Missing, so fresh", Missing.Except(Zeroed));
        Add("Missing, so zero at first", Zeroed);
        Add("Of another shape, so fresh", OtherShape);
        Add("Unexpected, so unused", Unexpected);
        return lines;

        void Add(string what, IEnumerable<object> items)
        {
            const int Shown = 8;
            var all = items.ToList();
            if (all.Count > 0)
            {
                lines.Add($"{what}: {string.Join(", ", all.Take(Shown))}{(all.Count > Shown ? $" and {all.Count - Shown} more" : "")}");
            }
        }
    }
}
