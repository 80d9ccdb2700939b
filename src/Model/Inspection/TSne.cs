using static TorchSharp.torch;

namespace MlTr.Model.Inspection;

/// <summary>How a t-SNE map is made; the defaults are those of the method's authors.</summary>
public sealed record TSneOptions
{
    /// <summary>About how many neighbours a picture keeps; never more than a third of the others.</summary>
    public double Perplexity { get; init; } = 30;

    /// <summary>Steps of gradient descent.</summary>
    public int Steps { get; init; } = 1000;

    /// <summary>Learning rate.</summary>
    public double LearningRate { get; init; } = 200;

    /// <summary>Steps at the beginning in which neighbours attract each other more, and the momentum is low.</summary>
    public int EarlySteps { get; init; } = 250;

    /// <summary>How much more.</summary>
    public double Exaggeration { get; init; } = 12;
}

/// <summary>
/// t-SNE (van der Maaten and Hinton, 2008), exact: a map on which pictures with similar features lie close together. It starts from the first two
/// principal components and draws nothing at random, so that the same features give the same map, bit by bit, on any number of threads. For looking
/// at: distances between groups mean little, neighbours are better taken from <see cref="Neighbours"/>.
/// </summary>
public static class TSne
{
    /// <summary>The most pictures a map is made for: its cost grows with their square.</summary>
    public const int MostPictures = 2000;

    private const double EarlyMomentum = 0.5, LateMomentum = 0.8, StartDeviation = 1e-4, SmallestShare = 1e-12, SmallestGain = 0.01;

    /// <summary>Coordinates [N, 2]; <see cref="ArgumentException"/> for features that are not [N, D], no numbers, or too many.</summary>
    /// <param name="features">[N, D]; compared by direction, as in <see cref="Neighbours"/>.</param>
    /// <param name="options">Null takes the defaults.</param>
    /// <param name="cancellation">Looked at in every step.</param>
    public static double[,] Map(Tensor features, TSneOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new TSneOptions();
        if (!(options.Perplexity > 0) || options.Steps < 0 || !(options.LearningRate > 0) || options.EarlySteps < 0 || !(options.Exaggeration >= 1))
        {
            throw new ArgumentException("t-SNE needs a positive perplexity and learning rate, no negative steps and an exaggeration of at least 1.", nameof(options));
        }

        var (squared, start) = Prepare(features);
        var count = start.GetLength(0);
        if (count < 3)
        {
            return start;
        }

        var shares = Symmetric(Similarities(squared, Math.Min(options.Perplexity, (count - 1) / 3.0)));
        return Descend(shares, start, options, cancellation);
    }

    /// <summary>[N, N]: for each picture how probable each other one is as its neighbour, so spread that the rows have the given perplexity.</summary>
    internal static double[][] Similarities(double[][] squaredDistances, double perplexity)
    {
        var rows = new double[squaredDistances.Length][];
        _ = Parallel.For(0, rows.Length, i => rows[i] = Similarities(squaredDistances[i], i, Math.Log(perplexity)));
        return rows;
    }

    private static double[] Similarities(double[] squared, int self, double entropyWanted)
    {
        const int MostHalvings = 200;
        const double Tolerance = 1e-7;
        var row = new double[squared.Length];
        var nearest = squared.Where((_, j) => j != self).Min(); // taken off, so that nothing underflows
        var (low, high, precision) = (0.0, double.PositiveInfinity, 1.0);
        for (var i = 0; i < MostHalvings; i++)
        {
            double sum = 0, weighted = 0;
            for (var j = 0; j < row.Length; j++)
            {
                var distance = squared[j] - nearest;
                row[j] = j == self ? 0 : Math.Exp(-distance * precision);
                sum += row[j];
                weighted += distance * row[j];
            }

            var entropy = Math.Log(sum) + (precision * weighted / sum);
            for (var j = 0; j < row.Length; j++)
            {
                row[j] /= sum;
            }

            if (Math.Abs(entropy - entropyWanted) < Tolerance)
            {
                break;
            }

            (low, high) = entropy > entropyWanted ? (precision, high) : (low, precision);
            precision = double.IsPositiveInfinity(high) ? precision * 2 : (low + high) / 2;
            if (double.IsPositiveInfinity(precision))
            {
                break; // pictures that are all the same have no nearer ones
            }
        }

        return row;
    }

    private static (double[][] SquaredDistances, double[,] Start) Prepare(Tensor features)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var matrix = FeatureMatrix.Of(features);
        var count = (int)matrix.shape[0];
        if (count > MostPictures)
        {
            throw new ArgumentException($"A map of {count} pictures would take too long; choose at most {MostPictures}.", nameof(features));
        }

        var units = nn.functional.normalize(matrix, p: 2, dim: 1, eps: 1e-12);
        var start = PrincipalComponents.Of(units).Points;
        var deviation = Math.Sqrt(Enumerable.Range(0, count).Average(i => start[i, 0] * start[i, 0]));
        for (var i = 0; i < count; i++)
        {
            for (var c = 0; c < 2; c++)
            {
                start[i, c] *= deviation > 0 ? StartDeviation / deviation : 0;
            }
        }

        var rows = units.data<double>().ToArray().Chunk((int)matrix.shape[1]).ToArray();
        var squared = new double[count][];
        _ = Parallel.For(0, count, i => squared[i] = [.. rows.Select(other => Squared(rows[i], other))]);
        return (squared, start);
    }

    private static double Squared(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }

        return sum;
    }

    private static double[][] Symmetric(double[][] rows)
    {
        var shares = new double[rows.Length][];
        for (var i = 0; i < rows.Length; i++)
        {
            shares[i] = new double[rows.Length];
            for (var j = 0; j < rows.Length; j++)
            {
                shares[i][j] = i == j ? 0 : Math.Max((rows[i][j] + rows[j][i]) / (2 * rows.Length), SmallestShare);
            }
        }

        return shares;
    }

    private static double[,] Descend(double[][] shares, double[,] map, TSneOptions options, CancellationToken cancellation)
    {
        var count = shares.Length;
        var (speed, gains) = (new double[count, 2], new double[count, 2]);
        var (pulls, pushes, sums) = (new (double X, double Y)[count], new (double X, double Y)[count], new double[count]);
        for (var step = 0; step < options.Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (momentum, exaggeration) = step < options.EarlySteps ? (EarlyMomentum, options.Exaggeration) : (LateMomentum, 1.0);

            // Every row is summed by one thread in one order: the number of threads changes no bit.
            _ = Parallel.For(0, count, i => (pulls[i], pushes[i], sums[i]) = Forces(shares[i], map, i));
            var total = sums.Sum();
            for (var i = 0; i < count; i++)
            {
                Move(i, 0, 4 * ((exaggeration * pulls[i].X) - (pushes[i].X / total)));
                Move(i, 1, 4 * ((exaggeration * pulls[i].Y) - (pushes[i].Y / total)));
            }

            void Move(int i, int c, double gradient)
            {
                var gain = step == 0 ? 1 : gains[i, c];
                gain = gradient > 0 == speed[i, c] > 0 ? gain * 0.8 : gain + 0.2;
                gains[i, c] = Math.Max(gain, SmallestGain);
                speed[i, c] = (momentum * speed[i, c]) - (options.LearningRate * gains[i, c] * gradient);
                map[i, c] += speed[i, c];
            }
        }

        return map;
    }

    private static ((double X, double Y) Pull, (double X, double Y) Push, double Sum) Forces(double[] shares, double[,] map, int i)
    {
        double pullX = 0, pullY = 0, pushX = 0, pushY = 0, sum = 0;
        var (x, y) = (map[i, 0], map[i, 1]);
        for (var j = 0; j < shares.Length; j++)
        {
            if (j == i)
            {
                continue;
            }

            var (dx, dy) = (x - map[j, 0], y - map[j, 1]);
            var closeness = 1 / (1 + (dx * dx) + (dy * dy));
            var pull = shares[j] * closeness;
            var push = closeness * closeness;
            (pullX, pullY) = (pullX + (pull * dx), pullY + (pull * dy));
            (pushX, pushY) = (pushX + (push * dx), pushY + (push * dy));
            sum += closeness;
        }

        return ((pullX, pullY), (pushX, pushY), sum);
    }
}
