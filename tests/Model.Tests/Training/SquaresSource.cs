using MlTr.Model.Training;
using static TorchSharp.torch;

namespace MlTr.Model.Tests.Training;

/// <summary>Pictures of coloured squares on noise, one colour per class: small, endless, learnable, the same for the same seed.</summary>
internal sealed class SquaresSource : IBatchSource
{
    private static readonly float[][] Colours =
        [[2, -2, -2], [-2, 2, -2], [-2, -2, 2], [2, 2, -2], [2, -2, 2], [-2, 2, 2], [2, 0, -2], [0, 2, -2]];

    private readonly float[][] pictures;
    private readonly int seed, side;

    public SquaresSource(int count, int classes, int side, int seed)
    {
        (Count, NumClasses, this.side, this.seed) = (count, classes, side, seed);
        Labels = new sbyte[count, classes];
        Sizes = new byte[count, classes];
        pictures = new float[count][];
        for (var i = 0; i < count; i++)
        {
            pictures[i] = Draw(new Random(seed * 1000003 + i), i);
        }
    }

    public int Count { get; }

    public int NumClasses { get; }

    public byte[,]? Sizes { get; }

    public sbyte[,] Labels { get; }

    /// <summary>The side that each pass so far was asked for; the pictures keep their own.</summary>
    public List<int> SidesAsked { get; } = [];

    public int StepsPerPass(int batchSize, bool dropLast) => dropLast ? Count / batchSize : (Count + batchSize - 1) / batchSize;

    public IEnumerable<Batch> ReadPass(int pass, int batchSize, int imageSize, bool training, int skipBatches, CancellationToken ct)
    {
        SidesAsked.Add(imageSize);
        var order = Enumerable.Range(0, Count).ToArray();
        if (training)
        {
            new Random(seed * 7919 + pass).Shuffle(order);
        }

        var steps = StepsPerPass(batchSize, training);
        for (var s = skipBatches; s < steps; s++)
        {
            ct.ThrowIfCancellationRequested();
            var indices = order.Skip(s * batchSize).Take(batchSize).ToArray();
            using var scope = NewDisposeScope();
            var images = tensor(indices.SelectMany(i => pictures[i]).ToArray()).view(indices.Length, 3, side, side);
            var targets = tensor(indices.SelectMany(i => Enumerable.Range(0, NumClasses).Select(k => (float)Labels[i, k])).ToArray());
            yield return new Batch(images.DetachFromDisposeScope(), targets.view(indices.Length, NumClasses).DetachFromDisposeScope(), indices);
        }
    }

    private float[] Draw(Random random, int picture)
    {
        var pixels = new float[3 * side * side];
        for (var p = 0; p < pixels.Length; p++)
        {
            pixels[p] = (float)(random.NextDouble() - 0.5);
        }

        for (var k = 0; k < NumClasses; k++)
        {
            if (random.NextDouble() >= 0.3)
            {
                continue;
            }

            var size = random.Next(side / 8, side / 3);
            var (top, left) = (random.Next(side - size), random.Next(side - size));
            Labels[picture, k] = 1;
            Sizes![picture, k] = size < side / 5 ? (byte)1 : (byte)2;
            for (var c = 0; c < 3; c++)
            {
                for (var y = top; y < top + size; y++)
                {
                    pixels.AsSpan((c * side + y) * side + left, size).Fill(Colours[k][c]);
                }
            }
        }

        return pixels;
    }
}
