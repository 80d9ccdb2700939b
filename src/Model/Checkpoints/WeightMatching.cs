using static TorchSharp.torch;

namespace MlTr.Model.Checkpoints;

/// <summary>Starts a network from the weights of another: of other classes, another window size, or an ancestor's (Swin, CAT).</summary>
public static class WeightMatching
{
    private const string PositionTable = "relative_position_bias_table";

    /// <summary>
    /// Copies what fits, by name, and reports the rest. Relative position tables of another window size are resized bicubically, as images of
    /// (2 ws - 1) x (2 ws - 1). Where the file has no cross-window layers at all, the last weights of both their branches become zero, so that the
    /// network starts as exactly the one that the weights come from. An <see cref="InvalidDataException"/> says so if nothing fits.
    /// </summary>
    public static WeightReport LoadMatching(this MlTrClassifier network, TensorFile file)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(file);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var prefix = WeightNames.CommonPrefix([.. file.Tensors.Keys]);
        var theirs = file.Tensors.ToDictionary(pair => pair.Key[prefix.Length..], pair => pair.Value);
        var layout = WeightNames.LayoutOf(theirs.Keys);
        var leftOut = theirs.Keys.Where(name => WeightNames.IsLeftOut(name, layout)).ToList();
        var downsampleFirst = WeightNames.DownsampleFirst(theirs.Keys);
        var sources = theirs.ExceptBy(leftOut, pair => pair.Key)
            .GroupBy(pair => WeightNames.ToOurs(pair.Key, layout, downsampleFirst))
            .ToDictionary(group => group.Key, group => group.First().Value);
        return Copy(network, sources) with { Layout = layout, LeftOut = leftOut };
    }

    private static WeightReport Copy(MlTrClassifier network, Dictionary<string, Tensor> sources)
    {
        List<string> matched = [], missing = [];
        List<ShapeDifference> resized = [], otherShape = [];
        var weights = network.NamedWeights();
        foreach (var (name, weight) in weights)
        {
            if (!sources.TryGetValue(name, out var source))
            {
                missing.Add(name);
            }
            else if (source.shape.AsSpan().SequenceEqual(weight.shape))
            {
                _ = weight.copy_(source);
                matched.Add(name);
            }
            else if (TryResize(name, source, weight))
            {
                resized.Add(new ShapeDifference(name, source.shape, weight.shape));
            }
            else
            {
                otherShape.Add(new ShapeDifference(name, source.shape, weight.shape));
            }
        }

        if (matched.Count == 0)
        {
            throw new InvalidDataException(
                $"None of these weights fits the network: it looks for names such as {weights[0].Name}, the file has {string.Join(", ", sources.Keys.Take(3))}.");
        }

        return new WeightReport
        {
            Layout = WeightLayout.MlTr,
            Matched = matched,
            Resized = resized,
            Missing = missing,
            OtherShape = otherShape,
            Unexpected = [.. sources.Keys.Except(weights.Select(weight => weight.Name))],
            LeftOut = [],
            Zeroed = sources.Keys.Any(IsCross) ? [] : ZeroBranches(weights),
        };
    }

    private static bool TryResize(string name, Tensor source, Tensor weight)
    {
        if (!name.EndsWith(PositionTable, StringComparison.Ordinal) || source.dim() != 2 || source.shape[1] != weight.shape[1]
            || Side(source) is not { } from || Side(weight) is not { } to)
        {
            return false;
        }

        var heads = weight.shape[1];
        var images = source.to(ScalarType.Float32).t().reshape(1, heads, from, from);
        var larger = nn.functional.interpolate(images, size: [to, to], mode: InterpolationMode.Bicubic, align_corners: false);
        _ = weight.copy_(larger.reshape(heads, to * to).t());
        return true;
    }

    /// <summary>2 ws - 1 for a table of that window; null where the rows make no square.</summary>
    private static long? Side(Tensor table)
    {
        var side = (long)Math.Round(Math.Sqrt(table.shape[0]));
        return side > 0 && side * side == table.shape[0] ? side : null;
    }

    private static List<string> ZeroBranches(IReadOnlyList<(string Name, Tensor Value)> weights)
    {
        List<string> zeroed = [];
        foreach (var (name, weight) in weights)
        {
            if (IsCross(name) && (name.Contains(".attn.proj.", StringComparison.Ordinal) || name.Contains(".mlp.fc2.", StringComparison.Ordinal)))
            {
                _ = weight.zero_();
                zeroed.Add(name);
            }
        }

        return zeroed;
    }

    private static bool IsCross(string name) => name.Contains(".cross.", StringComparison.Ordinal);
}
