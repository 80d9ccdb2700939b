using System.Globalization;
using MlTr.Model.Training;

namespace MlTr.TrainingHost;

/// <summary>A moment of a run at which it stands still until the process is killed.</summary>
internal sealed class KillPoint
{
    private readonly string kind;
    private readonly long at;
    private long batches;

    private KillPoint(string kind, long at) => (this.kind, this.at) = (kind, at);

    public static KillPoint Parse(string text)
    {
        var parts = text.Split(':');
        return new KillPoint(parts[0], parts.Length > 1 ? long.Parse(parts[1], CultureInfo.InvariantCulture) : 0);
    }

    /// <summary>The same batches, but none after so many.</summary>
    public IBatchSource Watch(IBatchSource source) => new WatchedSource(source, this);

    public void OnReport(TrainerReport said) => WaitIf(kind == "saved" && said is TrainerReport.CheckpointWritten written && written.Step == at);

    /// <summary>Half of a checkpoint's files are there.</summary>
    public void OnFile(string path) => WaitIf(kind == "saving" && path.EndsWith($"{at:D8}/optimizer.safetensors", StringComparison.Ordinal));

    private void OnBatch() => WaitIf(kind == "mid-pass" && ++batches > at);

    private static void WaitIf(bool reached)
    {
        if (reached)
        {
            Console.WriteLine("ready to be killed");
            using var never = new ManualResetEventSlim();
            never.Wait();
        }
    }

    private sealed class WatchedSource(IBatchSource inner, KillPoint point) : IBatchSource
    {
        public int Count => inner.Count;

        public int NumClasses => inner.NumClasses;

        public byte[,]? Sizes => inner.Sizes;

        public sbyte[,] Labels => inner.Labels;

        public int StepsPerPass(int batchSize, bool dropLast) => inner.StepsPerPass(batchSize, dropLast);

        public IEnumerable<Batch> ReadPass(int pass, int batchSize, int imageSize, bool training, int skipBatches, CancellationToken ct)
        {
            foreach (var batch in inner.ReadPass(pass, batchSize, imageSize, training, skipBatches, ct))
            {
                point.OnBatch();
                yield return batch;
            }
        }
    }
}
