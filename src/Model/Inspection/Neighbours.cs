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
        using var scope = NewDisposeScope();
        var values = features.detach().to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
        var (pictures, channels) = ((int)features.shape[0], (int)features.shape[1]);
        ReadOnlySpan<double> Row(int index) => values.AsSpan(index * channels, channels);

        // Every row is summed in the same order, so that equal pictures have equal cosines to the last bit; a matrix product does not promise that.
        var length = Math.Sqrt(Dot(Row(query), Row(query)));
        var cosines = new double[pictures];
        for (var i = 0; i < pictures; i++)
        {
            cosines[i] = Dot(Row(i), Row(query)) / Math.Max(Math.Sqrt(Dot(Row(i), Row(i))) * length, 1e-12);
        }

        return [.. cosines
            .Select((cosine, index) => new Neighbour(index, cosine))
            .Where(n => n.Index != query)
            .OrderByDescending(n => n.Cosine)
            .ThenBy(n => n.Index)
            .Take(count)];
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = 0.0;
        for (var c = 0; c < a.Length; c++)
        {
            sum += a[c] * b[c];
        }

        return sum;
    }
}
