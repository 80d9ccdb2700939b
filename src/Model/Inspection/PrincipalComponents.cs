using static TorchSharp.torch;

namespace MlTr.Model.Inspection;

/// <summary>Features seen along the directions in which they vary most.</summary>
/// <param name="Points">[N, count]: the pictures' coordinates, in the order of the features; 0 in directions that do not exist.</param>
/// <param name="Shares">For each direction the share of the whole variance, falling; 0 where nothing varies.</param>
public sealed record PrincipalComponents(double[,] Points, IReadOnlyList<double> Shares)
{
    /// <summary>
    /// Principal component analysis in double precision. A direction's sign is free: its largest weight is made positive, so that the same features
    /// always give the same map. Throws <see cref="ArgumentException"/> for features that are not [N, D] or no numbers.
    /// </summary>
    /// <param name="features">[N, D], for example <see cref="Predictor.Features"/>.</param>
    /// <param name="count">How many directions, at least 1.</param>
    public static PrincipalComponents Of(Tensor features, int count = 2)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var x_ND = FeatureMatrix.Of(features);
        x_ND = x_ND.sub(x_ND.mean([0], keepdim: true));
        var (n, d) = ((int)x_ND.shape[0], (int)x_ND.shape[1]);

        // The smaller of the two products has the same eigenvalues, apart from zeros.
        var byFeature = d <= n;
        var (values, vectors) = linalg.eigh(byFeature ? matmul(x_ND.t(), x_ND) : matmul(x_ND, x_ND.t()));
        var variances = values.clamp_min(0).data<double>().Reverse().ToArray();
        var total = variances.Sum();
        var points = new double[n, count];
        for (var c = 0; c < Math.Min(count, variances.Length); c++)
        {
            var vector = vectors.select(1, variances.Length - 1 - c);
            var weights_D = byFeature ? vector : matmul(x_ND.t(), vector);
            var along_N = byFeature ? matmul(x_ND, vector) : vector.mul(Math.Sqrt(variances[c]));
            var sign = weights_D[weights_D.abs().argmax()].item<double>() < 0 ? -1 : 1;
            var coordinates = along_N.contiguous().data<double>().ToArray();
            for (var i = 0; i < n; i++)
            {
                points[i, c] = sign * coordinates[i];
            }
        }

        return new PrincipalComponents(points, [.. Enumerable.Range(0, count).Select(c => c < variances.Length && total > 0 ? variances[c] / total : 0)]);
    }
}

/// <summary>Checks features before they are analysed.</summary>
internal static class FeatureMatrix
{
    /// <summary>A copy [N, D] in double precision on the CPU.</summary>
    public static Tensor Of(Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        if (features.dim() != 2 || features.shape[0] < 1 || features.shape[1] < 1)
        {
            throw new ArgumentException($"Features are a matrix of pictures by channels, not [{string.Join(", ", features.shape)}].", nameof(features));
        }

        var copy = features.to(ScalarType.Float64).cpu().contiguous();
        return copy.isfinite().all().item<bool>()
            ? copy
            : throw new ArgumentException("Some features are no finite numbers: the network that gave them is broken.", nameof(features));
    }
}
