using static TorchSharp.torch;

namespace MlTr.Model.Inspection;

/// <summary>A picture by its index, and the cosine between its features and the query's.</summary>
public sealed record Neighbour(int Index, double Cosine);

/// <summary>The nearest pictures by their features (paper, Fig. 5).</summary>
public static class Neighbours
{
    /// <summary>The pictures nearest to one of a set, best first, without the picture itself; ties go to the lower index.</summary>
    /// <param name="features">[N, D].</param>
    /// <param name="query">Index of the picture asked about.</param>
    /// <param name="count">How many are wanted; fewer come from a small set.</param>
    public static IReadOnlyList<Neighbour> Of(Tensor features, int query, int count = 5)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentOutOfRangeException.ThrowIfNegative(query);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(query, features.shape[0]);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var units = nn.functional.normalize(features.to(ScalarType.Float64), p: 2, dim: 1, eps: 1e-12);
        var cosines = units.mv(units.select(0, query)).cpu().data<double>().ToArray();
        return [.. cosines
            .Select((cosine, index) => new Neighbour(index, cosine))
            .Where(n => n.Index != query)
            .OrderByDescending(n => n.Cosine)
            .ThenBy(n => n.Index)
            .Take(count)];
    }
}
