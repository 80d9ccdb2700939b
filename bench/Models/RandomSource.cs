using MlTr.Model;
using MlTr.Model.Training;
using static TorchSharp.torch;

namespace MlTr.Bench.Models;

/// <summary>The same random batch again and again, so that nothing but training is measured.</summary>
internal sealed class RandomSource : IBatchSource, IDisposable
{
    private readonly Tensor images, targets;
    private readonly int batchSize, batches;

    public RandomSource(MlTrConfig config, int batchSize, int batches)
    {
        (this.batchSize, this.batches, NumClasses) = (batchSize, batches, config.NumClasses);
        images = randn(batchSize, 3, config.ImageHeight, config.ImageWidth);
        targets = rand(batchSize, config.NumClasses).lt(3.0 / config.NumClasses).to(ScalarType.Float32);
        Labels = new sbyte[Count, NumClasses];
        var one = targets.data<float>();
        for (var i = 0; i < Count; i++)
        {
            for (var k = 0; k < NumClasses; k++)
            {
                Labels[i, k] = (sbyte)one[(i % batchSize * NumClasses) + k];
            }
        }
    }

    public int Count => batchSize * batches;

    public int NumClasses { get; }

    public byte[,]? Sizes => null;

    public sbyte[,] Labels { get; }

    public int StepsPerPass(int batchSize, bool dropLast) => batches;

    public IEnumerable<Batch> ReadPass(int pass, int batchSize, int imageSize, bool training, int skipBatches, CancellationToken ct)
    {
        for (var step = skipBatches; step < batches; step++)
        {
            yield return new Batch(images.alias(), targets.alias(), [.. Enumerable.Range(step * this.batchSize, this.batchSize)]);
        }
    }

    public void Dispose()
    {
        images.Dispose();
        targets.Dispose();
    }
}
